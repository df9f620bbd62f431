// How evenly work is cut: by counting, since no machine has as many CPUs as there are counts to try.
#include "check.h"

#include "../../CKernels/gemm/split.h"
#include "../../CKernels/runtime/ranges.h"

// Multiply-adds of the busiest thread over those of an equal share.
static void test_gemm(check *c, ck_gemm_shape s, size_t threads) {
  check_case(c, "gemm %zux%zux%zu in tiles of %zux%zu, packs %d %d, %zu threads", s.m, s.n, s.k, s.mr,
             s.nr, s.packs_a, s.packs_b, threads);
  ck_gemm_split split = ck_split_gemm(&s, threads);
  const size_t tasks = split.row_tasks * split.column_tasks;
  double work[2 * CK_MAX_THREADS] = {0}, whole = 0;
  check_that(c, "tasks are at most twice as many as threads", tasks <= 2 * threads);
  for (size_t i = 0; i < tasks && i < COUNT(work); i++) {
    const ck_rectangle r = ck_gemm_task(&s, split, i);
    work[i] = (double)(r.row_end - r.row) * (double)(r.column_end - r.column);
    whole += work[i];
  }
  check_near(c, "area of all tasks", 0, whole, (double)s.m * (double)s.n, 0);
  // Whole tiles that do not divide C, and operands that more tasks would pack again, forbid more equal shares.
  const bool divides = s.n % s.nr == 0 && s.m % 256 == 0;
  check_that(c, divides ? "no thread has 10% more than its share" : "no thread has 21% more than its share",
             check_makespan(tasks, work, threads) <= (divides ? 1.1 : 1.21) * whole / (double)threads);
}

typedef struct counted {
  double work[CK_MAX_THREADS * 4 + 4];
  size_t unit;
} counted;

static void count_range(const void *context, size_t first, size_t end) {
  counted *const k = (counted *)(uintptr_t)context;
  k->work[first / k->unit] = (double)(end - first);
}

// Elements: every range is found at its place, since all but the last are equally long.
static void test_ranges(check *c, size_t n, size_t threads) {
  check_case(c, "ranges of %zu elements, %zu threads", n, threads);
  int before = check_take_threads();
  ck_set_threads((int)threads);
  counted k = {.unit = (n + 4 * threads - 1) / (4 * threads)};
  k.unit = (k.unit + 15) / 16 * 16;
  ck_for_ranges(n, 4096, count_range, &k);
  check_give_threads(before);
  double whole = 0;
  for (size_t i = 0; i < COUNT(k.work); i++) whole += k.work[i];
  check_near(c, "elements of all ranges", 0, whole, (double)n, 0);
  check_that(c, "no thread has 10% more than its share",
             check_makespan(COUNT(k.work), k.work, threads) <= 1.1 * whole / (double)threads);
}

void suite_split(check *c) {
  static const size_t thread_counts[] = {2, 4, 8, 16, 64};
  static const size_t tiles[][2] = {{12, 32}, {6, 16}, {8, 12}, {4, 8}};
  static const size_t shapes[][3] = {{256, 256, 256},   {512, 512, 512},  {1024, 1024, 1024}, {300, 300, 300},
                                     {784, 400, 128},   {400, 784, 128},  {1000, 1000, 1000}, {4096, 256, 256},
                                     {256, 4096, 256},  {2000, 96, 512},  {96, 2000, 512},    {4096, 4096, 64},
                                     {640, 1000, 4096}};
  for (size_t t = 0; t < COUNT(thread_counts); t++) {
    const size_t threads = thread_counts[t];
    for (size_t s = 0; s < COUNT(shapes) * COUNT(tiles); s++) {
      const size_t *size = shapes[s / COUNT(tiles)], *tile = tiles[s % COUNT(tiles)];
      for (int packs = 0; packs < 4; packs++) {
        test_gemm(c, (ck_gemm_shape){size[0], size[1], size[2], tile[0], tile[1], packs & 1, packs & 2}, threads);
      }
    }
    test_ranges(c, 1 << 20, threads);
    test_ranges(c, 1234567, threads);
  }
}
