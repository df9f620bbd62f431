// The probes must do the work that they are timed for.
#include "check.h"

static void test_read_sum(check *c, size_t n, size_t passes) {
  check_case(c, "read_sum n=%zu passes=%zu", n, passes);
  float *x = check_floats(c, n, 1);
  check_fill_whole(c, n, x, 8);
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (double)x[i];
  // Whole numbers whose sums float holds: any way of adding them gives the same.
  check_near(c, "sum", 0, ck_read_sum(c->kernels, n, x, passes), sum * (double)passes, 0);
  check_release(c);
}

static void test_peak_fma(check *c, size_t rounds) {
  check_case(c, "peak_fma rounds=%zu", rounds);
  double mean = 0;
  const double operations = ck_peak_fma(c->kernels, rounds, &mean);
  check_near(c, "mean", 0, mean, 0.5, 0);
  check_that(c, "two operations a multiply-add, in whole vectors",
             rounds == 0 ? operations == 0 : operations > 0 && fmod(operations, 4 * (double)rounds) == 0);
}

static void test_copy(check *c, size_t n, bool around_caches) {
  check_case(c, "copy n=%zu around_caches=%d", n, around_caches);
  float *x = check_floats(c, n, 1), *y = check_floats(c, n, 0);
  check_fill_uniform(c, n, x, -1, 1);
  ck_copy(c->kernels, n, x, y, 2, around_caches);
  check_exact(c, "y", n, y, x);
  check_release(c);
}

void suite_probe(check *c) {
  for (size_t i = 0; i < check_length_count; i++) {
    test_read_sum(c, check_lengths[i], 1 + i % 3);
    test_copy(c, check_lengths[i], false);
    test_copy(c, check_lengths[i], true);
  }
  test_copy(c, 300007, false);
  test_copy(c, 300007, true);
  test_read_sum(c, 300007, 2);
  for (size_t rounds = 0; rounds < 5; rounds++) test_peak_fma(c, rounds);
  test_peak_fma(c, 1000);
}
