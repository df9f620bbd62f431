#include "ranges.h"

typedef struct ranges {
  size_t n, length;
  ck_range_kernel kernel;
  const void *task;
} ranges;

static void run_range(void *context, size_t index, ck_scratch *scratch) {
  (void)scratch;
  const ranges *r = context;
  const size_t first = index * r->length;
  r->kernel(r->task, first, smaller(first + r->length, r->n));
}

static void share_out(size_t n, size_t unit, size_t grain, ck_range_kernel kernel, const void *task) {
  const size_t threads = (size_t)ck_threads();
  size_t count = n / grain;
  if (count < 2 || threads == 1) {
    if (n) kernel(task, 0, n);
    return;
  }
  // A few ranges per thread even out what other programs take; as many for each where there are less than that.
  if (count > 4 * threads) count = 4 * threads;
  else if (count > threads) count -= count % threads;
  ranges r = {n, round_up(ceil_div(n, count), unit), kernel, task};
  ck_parallel_for(ceil_div(n, r.length), run_range, &r);
}

void ck_for_ranges(size_t n, size_t grain, ck_range_kernel kernel, const void *task) {
  share_out(n, 16, grain, kernel, task);
}

void ck_for_rows(size_t n, size_t grain, ck_range_kernel kernel, const void *task) {
  share_out(n, 1, grain, kernel, task);
}

size_t ck_chunk_length(size_t n) {
  enum { SMALLEST = 65536, UNIT = 4096 };
  const size_t length = ceil_div(n, CK_CHUNKS);
  return length <= SMALLEST ? SMALLEST : round_up(length, UNIT);
}

typedef struct sum_chunks {
  size_t n, length;
  ck_sum_kernel kernel;
  const void *task;
  double sums[CK_CHUNKS];
} sum_chunks;

static void sum_chunk(void *context, size_t index, ck_scratch *scratch) {
  (void)scratch;
  sum_chunks *c = context;
  const size_t first = index * c->length;
  c->sums[index] = c->kernel(c->task, first, smaller(first + c->length, c->n));
}

double ck_sum_chunks(size_t n, size_t length, ck_sum_kernel kernel, const void *task) {
  sum_chunks c = {.n = n, .length = length, .kernel = kernel, .task = task};
  const size_t count = ceil_div(n, length);
  ck_parallel_for(count, sum_chunk, &c);
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += c.sums[i];
  return sum;
}

typedef struct sums_chunks {
  size_t n, length;
  ck_sums_kernel kernel;
  const void *task;
  double sums[CK_CHUNKS][CK_SUMS];
} sums_chunks;

static void add_chunk(void *context, size_t index, ck_scratch *scratch) {
  (void)scratch;
  sums_chunks *c = context;
  const size_t first = index * c->length, end = first + c->length;
  for (size_t i = 0; i < CK_SUMS; i++) c->sums[index][i] = 0;
  c->kernel(c->task, first, end < c->n ? end : c->n, c->sums[index]);
}

void ck_sums_of_chunks(size_t n, size_t count, ck_sums_kernel kernel, const void *task, double *sums) {
  sums_chunks c;
  c.n = n, c.length = ck_chunk_length(n), c.kernel = kernel, c.task = task;
  const size_t chunks = (n + c.length - 1) / c.length;
  ck_parallel_for(chunks, add_chunk, &c);
  for (size_t i = 0; i < count; i++) {
    sums[i] = 0;
    for (size_t chunk = 0; chunk < chunks; chunk++) sums[i] += c.sums[chunk][i];
  }
}

bool ck_streams(size_t n, size_t row, const float *out) {
  enum { LARGE = 2 << 20 };  // 8 MB, beyond most second level caches
  return n >= LARGE && (uintptr_t)out % 64 == 0 && (row == n || row % 16 == 0);
}
