// Directions and the sums of a path against double precision.
#include "check.h"

static const double eps = (double)FLT_EPSILON;

// A lane adds at most so many terms in float, whichever the vectors, and a tree adds the lanes.
enum { TERMS = 4096 };

static void test_nadam(check *c, size_t n, bool in_place) {
  check_case(c, "nadam_direction n=%zu in place=%d", n, in_place);
  const ck_nadam_args a = {.beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-8f, .correction1 = 0.3f, .correction2 = 0.2f};
  float *g = check_floats(c, n, 1), *m = check_floats(c, n, 2), *v = check_floats(c, n, 3), *d = check_floats(c, n, 5);
  check_fill_normal(c, n, g, 0, 0.1f);
  check_fill_normal(c, n, m, 0, 0.1f);
  check_fill_uniform(c, n, v, 0, 0.01f);
  float *m0 = check_copy(c, n, m), *v0 = check_copy(c, n, v);
  float *next_m = in_place ? m : check_floats(c, n, 7), *next_v = in_place ? v : check_floats(c, n, 11);
  double squares = ck_nadam_direction(c->kernels, n, &a, g, m, v, next_m, next_v, d), wanted = 0;
  for (size_t i = 0; i < n; i++) {
    double gradient = (double)g[i], kept = (double)a.beta1 * (double)m0[i], fresh = (1 - (double)a.beta1) * gradient;
    double first = kept + fresh, second = (double)a.beta2 * (double)v0[i] + (1 - (double)a.beta2) * gradient * gradient;
    check_near(c, "m", i, (double)next_m[i], first, 1.5 * eps * (fabs(kept) + fabs(fresh)));
    check_near(c, "v", i, (double)next_v[i], second, 2 * eps * second);
    double ahead = (double)a.beta1 / (double)a.correction1;
    double size = sqrt(second / (double)a.correction2) + (double)a.epsilon;
    // The moments' errors, and seven operations; the reciprocal and the root of up to four roundings each.
    double largest = (ahead * (fabs(kept) + fabs(fresh)) + fabs(fresh)) / size;
    check_near(c, "d", i, (double)d[i], (ahead * first + fresh) / size, 20 * ROUNDING * largest);
    wanted += (double)d[i] * (double)d[i];
  }
  check_near(c, "sum of d^2", 0, squares, wanted, ROUNDING * TERMS * wanted);
  if (!in_place) {
    check_exact(c, "old m", n, m, m0);
    check_exact(c, "old v", n, v, v0);
  }
}

// Moments below the normal numbers become 0, a gradient of 0 has no direction, and NaN stays NaN.
static void test_nadam_edges(check *c) {
  check_case(c, "nadam_direction, edges");
  const ck_nadam_args a = {.beta1 = 0.5f, .beta2 = 0.5f, .epsilon = 1e-8f, .correction1 = 1, .correction2 = 1};
  float *g = check_floats(c, 3, 0), *m = check_floats(c, 3, 0), *v = check_floats(c, 3, 0), *d = check_floats(c, 3, 0);
  const float gradients[] = {0, 0, NAN}, moments[] = {0, FLT_MIN, 0};
  for (int i = 0; i < 3; i++) g[i] = gradients[i], m[i] = v[i] = moments[i];
  ck_nadam_direction(c->kernels, 3, &a, g, m, v, m, v, d);
  const float moment[] = {0, 0, NAN};
  check_exact(c, "m", 3, m, moment);
  check_exact(c, "v", 3, v, moment);
  check_exact(c, "d", 3, d, moment);
}

// Small multiples of 1/2 with factors of 1/2: nothing is rounded.
static void test_blend(check *c, size_t n, bool in_place) {
  check_case(c, "blended_momentum n=%zu in place=%d", n, in_place);
  float *g = check_floats(c, n, 1), *m = check_floats(c, n, 2), *x = check_floats(c, n, 3);
  check_fill_whole(c, n, g, 9);
  check_fill_whole(c, n, m, 9);
  float *m0 = check_copy(c, n, m), *next = in_place ? m : check_floats(c, n, 7);
  ck_blended_momentum(c->kernels, n, 0.5f, 0.75f, g, m, next, x);
  for (size_t i = 0; i < n; i++) {
    double mean = ((double)m0[i] + (double)g[i]) / 2;
    check_near(c, "m", i, (double)next[i], mean, 0);
    check_near(c, "x", i, (double)x[i], 0.75 * mean + 0.25 * (double)g[i], 0);
  }
  if (!in_place) check_exact(c, "old m", n, m, m0);
}

// Whole numbers whose sums are exact in float: nothing may be missing.
static void test_path(check *c, size_t n) {
  check_case(c, "path_sums n=%zu", n);
  float *w0 = check_floats(c, n, 1), *w = check_floats(c, n, 2), *g0 = check_floats(c, n, 3), *g = check_floats(c, n, 5);
  check_fill_whole(c, n, w0, 4);
  check_fill_whole(c, n, w, 4);
  check_fill_whole(c, n, g0, 3);
  check_fill_whole(c, n, g, 5);
  ck_path_sums sums = ck_path_sums_of(c->kernels, n, w0, w, g0, g), wanted = {0, 0, 0, 0};
  for (size_t i = 0; i < n; i++) {
    double step = (double)w0[i] - (double)w[i], before = (double)g0[i], after = (double)g[i];
    wanted.start_slope += step * before, wanted.end_slope += step * after;
    wanted.start_squared += before * before, wanted.end_squared += after * after;
  }
  check_near(c, "start slope", 0, sums.start_slope, wanted.start_slope, 0);
  check_near(c, "end slope", 0, sums.end_slope, wanted.end_slope, 0);
  check_near(c, "start squared", 0, sums.start_squared, wanted.start_squared, 0);
  check_near(c, "end squared", 0, sums.end_squared, wanted.end_squared, 0);
}

void suite_direction(check *c) {
  for (size_t l = 0; l <= check_length_count; l++) {
    size_t n = l < check_length_count ? check_lengths[l] : c->quick ? 70001 : 300007;
    for (int in_place = 0; in_place < 2; in_place++) {
      test_nadam(c, n, in_place);
      test_blend(c, n, in_place);
    }
    test_path(c, n);
  }
  test_nadam_edges(c);
}
