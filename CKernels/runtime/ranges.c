#include "ranges.h"

typedef struct ranges {
  size_t n, length;
  ck_range_task task;
  const void *context;
} ranges;

static void run_range(void *context, size_t index, ck_workspace *workspace) {
  (void)workspace;
  const ranges *r = context;
  const size_t first = index * r->length, end = first + r->length;
  r->task(r->context, first, end < r->n ? end : r->n);
}

void ck_for_ranges(size_t n, size_t grain, ck_range_task task, const void *context) {
  const size_t threads = (size_t)ck_threads();
  if (n < 2 * grain || threads == 1) {
    if (n) task(context, 0, n);
    return;
  }
  // A few ranges per thread even out what other programs take; multiples of 16 keep a cache line in one range.
  const size_t share = n / (4 * threads), length = ((share > grain ? share : grain) + 15) & ~(size_t)15;
  ranges r = {n, length, task, context};
  ck_parallel_for((n + length - 1) / length, run_range, &r);
}

bool ck_streams(size_t n, size_t row, const float *out) {
  enum { LARGE = 2 << 20 };  // 8 MB, beyond most second level caches
  return n >= LARGE && (uintptr_t)out % 64 == 0 && (row == n || row % 16 == 0);
}
