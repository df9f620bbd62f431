#include "ranges.h"

typedef struct ranges {
  size_t n, length;
  ck_range_task task;
  const void *context;
} ranges;

static void run_range(void *context, size_t index, ck_scratch *scratch) {
  (void)scratch;
  const ranges *r = context;
  const size_t first = index * r->length, end = first + r->length;
  r->task(r->context, first, end < r->n ? end : r->n);
}

static void share_out(size_t n, size_t unit, size_t grain, ck_range_task task, const void *context) {
  const size_t threads = (size_t)ck_threads();
  size_t count = n / grain;
  if (count < 2 || threads == 1) {
    if (n) task(context, 0, n);
    return;
  }
  // A few ranges per thread even out what other programs take; as many for each where there are less than that.
  if (count > 4 * threads) count = 4 * threads;
  else if (count > threads) count -= count % threads;
  const size_t share = (n + count - 1) / count, length = (share + unit - 1) / unit * unit;
  ranges r = {n, length, task, context};
  ck_parallel_for((n + length - 1) / length, run_range, &r);
}

void ck_for_ranges(size_t n, size_t grain, ck_range_task task, const void *context) {
  share_out(n, 16, grain, task, context);
}

void ck_for_rows(size_t n, size_t grain, ck_range_task task, const void *context) {
  share_out(n, 1, grain, task, context);
}

size_t ck_chunk_length(size_t n) {
  enum { SMALLEST = 65536, UNIT = 4096 };
  const size_t length = (n + CK_CHUNKS - 1) / CK_CHUNKS;
  return length <= SMALLEST ? SMALLEST : (length + UNIT - 1) / UNIT * UNIT;
}

typedef struct sum_parts {
  size_t n, length;
  ck_sum_task task;
  const void *context;
  double sums[CK_CHUNKS];
} sum_parts;

static void sum_part(void *context, size_t index, ck_scratch *scratch) {
  (void)scratch;
  sum_parts *p = context;
  const size_t first = index * p->length, end = first + p->length;
  p->sums[index] = p->task(p->context, first, end < p->n ? end : p->n);
}

double ck_sum_chunks(size_t n, size_t length, ck_sum_task task, const void *context) {
  sum_parts p = {.n = n, .length = length, .task = task, .context = context};
  const size_t parts = (n + length - 1) / length;
  ck_parallel_for(parts, sum_part, &p);
  double sum = 0;
  for (size_t i = 0; i < parts; i++) sum += p.sums[i];
  return sum;
}

bool ck_streams(size_t n, size_t row, const float *out) {
  enum { LARGE = 2 << 20 };  // 8 MB, beyond most second level caches
  return n >= LARGE && (uintptr_t)out % 64 == 0 && (row == n || row % 16 == 0);
}
