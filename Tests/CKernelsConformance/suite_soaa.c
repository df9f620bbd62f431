// SOAA's two passes against double precision.
#include "check.h"

static const double eps = (double)FLT_EPSILON;

// A lane adds at most so many terms in float, whichever the vectors, and a tree adds the lanes.
enum { TERMS = 4096 };

typedef struct operands {
  float *g, *m, *v, *w;
} operands;

static operands operands_of(check *c, size_t n) {
  return (operands){check_floats(c, n, 1), check_floats(c, n, 2), check_floats(c, n, 3), check_floats(c, n, 5)};
}

// Small multiples of 1/2 with betas of 1/2: every moment, square and sum is exact, so nothing may be missing.
static void test_whole_moments(check *c, size_t n) {
  check_case(c, "soaa_moments n=%zu, exact", n);
  const ck_soaa_args a = {.beta1 = 0.5f, .beta2 = 0.5f};
  operands o = operands_of(c, n);
  for (size_t i = 0; i < n; i++) {
    o.g[i] = (float)((int)check_index(c, 9) - 4);
    o.m[i] = (float)((int)check_index(c, 9) - 4);
    o.v[i] = (float)check_index(c, 9);
  }
  float *m0 = check_copy(c, n, o.m), *v0 = check_copy(c, n, o.v);
  ck_soaa_sums sums = ck_soaa_moments(c->kernels, n, &a, o.g, o.m, o.v);
  double squares = 0, seconds = 0;
  for (size_t i = 0; i < n; i++) {
    double g = (double)o.g[i], m = ((double)m0[i] + g) / 2, v = ((double)v0[i] + g * g) / 2;
    check_near(c, "m", i, (double)o.m[i], m, 0);
    check_near(c, "v", i, (double)o.v[i], v, 0);
    squares += m * m, seconds += v;
  }
  check_near(c, "sum of m^2", 0, sums.first_squared, squares, 0);
  check_near(c, "sum of v", 0, sums.second, seconds, 0);
}

static void test_moments(check *c, size_t n) {
  check_case(c, "soaa_moments n=%zu", n);
  const ck_soaa_args a = {.beta1 = 0.9f, .beta2 = 0.999f};
  operands o = operands_of(c, n);
  check_fill_normal(c, n, o.g, 0, 0.1f);
  check_fill_normal(c, n, o.m, 0, 0.1f);
  check_fill_uniform(c, n, o.v, 0, 0.01f);
  float *m0 = check_copy(c, n, o.m), *v0 = check_copy(c, n, o.v);
  ck_soaa_sums sums = ck_soaa_moments(c->kernels, n, &a, o.g, o.m, o.v);
  double squares = 0, seconds = 0;
  for (size_t i = 0; i < n; i++) {
    double g = (double)o.g[i], kept = (double)a.beta1 * (double)m0[i], fresh = (1 - (double)a.beta1) * g;
    double v = (double)a.beta2 * (double)v0[i] + (1 - (double)a.beta2) * g * g;
    check_near(c, "m", i, (double)o.m[i], kept + fresh, 1.5 * eps * (fabs(kept) + fabs(fresh)));
    check_near(c, "v", i, (double)o.v[i], v, 2 * eps * v);
    squares += (double)o.m[i] * (double)o.m[i], seconds += (double)o.v[i];
  }
  check_near(c, "sum of m^2", 0, sums.first_squared, squares, ROUNDING * TERMS * squares);
  check_near(c, "sum of v", 0, sums.second, seconds, ROUNDING * TERMS * seconds);
}

static void test_step(check *c, size_t n, float radius, float decay_factor) {
  check_case(c, "soaa_step n=%zu radius=%g decay_factor=%g", n, (double)radius, (double)decay_factor);
  const ck_soaa_args a = {.rate = 0.01f, .decay_factor = decay_factor, .epsilon = 1e-8f, .correction1 = 0.3f,
                          .correction2 = 0.2f, .fisher = 1.7f, .radius = radius};
  operands o = operands_of(c, n);
  check_fill_normal(c, n, o.g, 0, 0.1f);
  check_fill_normal(c, n, o.m, 0, 0.1f);
  check_fill_normal(c, n, o.w, 0, 1);
  // Roots on both sides of radius F: square above and below (radius fisher)^-2.
  for (size_t i = 0; i < n; i++) o.v[i] = i % 7 == 3 ? 0 : check_uniform(c, 0, 0.2f);
  float *w0 = check_copy(c, n, o.w);
  double reduction = ck_soaa_step(c->kernels, n, &a, o.g, o.m, o.v, o.w);
  double wanted = 0, terms = 0, bound = 0;
  for (size_t i = 0; i < n; i++) {
    double g = (double)o.g[i], mean = (double)o.m[i] / (double)a.correction1;
    double square = (double)o.v[i] / (double)a.correction2, curvature = (double)a.fisher * square;
    double size = fmax((double)radius * curvature, sqrt(square)) + (double)a.epsilon;
    double move = (double)a.rate * mean * (double)radius / size, kept = (double)decay_factor * (double)w0[i];
    double decayed = ((double)decay_factor - 1) * (double)w0[i], step = decayed - move;
    // Twelve operations make a move, the reciprocal and the root of up to four roundings each.
    check_near(c, "w", i, (double)o.w[i], kept - move, 1.001 * ROUNDING * (2 * fabs(kept) + 20 * fabs(move)));
    // Both factors of a term have seen no more than that.
    double length = fabs(decayed) + fabs(move), slope = fabs(g) + curvature * length / 2;
    wanted -= step * (g + curvature * step / 2);
    terms += length * slope, bound += 2 * 20 * ROUNDING * length * slope;
  }
  check_near(c, "reduction", 0, reduction, wanted, bound + ROUNDING * TERMS * terms);
}

void suite_soaa(check *c) {
  for (size_t l = 0; l <= check_length_count; l++) {
    size_t n = l < check_length_count ? check_lengths[l] : c->quick ? 70001 : 300007;
    test_whole_moments(c, n);
    test_moments(c, n);
    test_step(c, n, 1, 1);
    test_step(c, n, 0.9f, 0.99f);
    test_step(c, n, 1.9f, 0.99f);
  }
}
