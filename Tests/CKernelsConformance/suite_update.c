// Element-wise parameter updates.
#include "check.h"

static const double eps = (double)FLT_EPSILON;

// With decay_factor 1, a CPU that fuses rounds once, so the bits are known. Otherwise products may be rounded too.
static void test_sgd(check *c, size_t n, float decay_factor) {
  check_case(c, "sgd n=%zu decay_factor=%g", n, (double)decay_factor);
  const float rate = 0.13f;
  bool fused = decay_factor == 1 && ck_table_isa(c->kernels) != CK_PORTABLE;
  float *g = check_floats(c, n, 1), *w = check_floats(c, n, 2);
  check_fill_normal(c, n, g, 0, 1);
  check_fill_normal(c, n, w, 0, 1);
  float *w0 = check_copy(c, n, w);
  ck_sgd(c->kernels, n, rate, decay_factor, g, w);
  for (size_t i = 0; i < n; i++) {
    double kept = (double)decay_factor * (double)w0[i], step = (double)rate * (double)g[i];
    double products = (decay_factor == 1 ? 0 : fabs(kept)) + fabs(step);
    double wanted = fused ? (double)fmaf(-rate, g[i], w0[i]) : kept - step;
    double bound = fused ? 0 : 1.001 * ROUNDING * (products + fabs(wanted));
    check_near(c, "w", i, (double)w[i], wanted, bound);
  }
}

static void test_momentum(check *c, size_t n, float decay_factor, bool nesterov) {
  check_case(c, "momentum n=%zu decay_factor=%g nesterov=%d", n, (double)decay_factor, nesterov);
  const float rate = 0.13f, momentum = 0.9f;
  float *g = check_floats(c, n, 1), *v = check_floats(c, n, 2), *w = check_floats(c, n, 3);
  check_fill_normal(c, n, g, 0, 1);
  check_fill_normal(c, n, v, 0, 3);
  check_fill_normal(c, n, w, 0, 1);
  float *v0 = check_copy(c, n, v), *w0 = check_copy(c, n, w);
  ck_momentum(c->kernels, n, rate, decay_factor, momentum, nesterov, g, v, w);
  for (size_t i = 0; i < n; i++) {
    double carried = (double)momentum * (double)v0[i], velocity = carried + (double)g[i];
    double v_bound = eps * (fabs(carried) + fabs((double)g[i]));
    double direction = nesterov ? (double)g[i] + (double)momentum * velocity : velocity;
    double d_bound = v_bound + (nesterov ? eps * (fabs((double)g[i]) + fabs(velocity)) : 0);
    double kept = (double)decay_factor * (double)w0[i], step = (double)rate * direction;
    double w_bound = eps * (fabs(kept) + fabs(step)) + (double)rate * d_bound;
    check_near(c, "v", i, (double)v[i], velocity, v_bound);
    check_near(c, "w", i, (double)w[i], kept - step, 1.001 * w_bound);
  }
}

static void test_adam(check *c, size_t n, int step, float epsilon, float decay_factor) {
  check_case(c, "adam n=%zu step=%d epsilon=%g decay_factor=%g", n, step, (double)epsilon, (double)decay_factor);
  ck_adam_args a = {.rate = 0.01f, .decay_factor = decay_factor, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = epsilon};
  a.correction1 = (float)(1 - pow(0.9, step));
  a.correction2 = (float)(1 - pow(0.999, step));
  float *g = check_floats(c, n, 1), *m = check_floats(c, n, 2), *v = check_floats(c, n, 3), *w = check_floats(c, n, 5);
  check_fill_normal(c, n, g, 0, 0.1f);
  check_fill_normal(c, n, w, 0, 1);
  for (size_t i = 0; i < n; i++) {
    m[i] = step == 1 ? 0 : check_uniform(c, -0.1f, 0.1f);
    v[i] = step == 1 ? 0 : check_uniform(c, 0, 0.01f);
    if (i % 11 == 5) m[i] = v[i] = g[i] = 0;  // a weight that nothing has reached yet
  }
  float *m0 = check_copy(c, n, m), *v0 = check_copy(c, n, v), *w0 = check_copy(c, n, w);
  ck_adam(c->kernels, n, &a, g, m, v, w);
  double beta1 = (double)a.beta1, beta2 = (double)a.beta2, rate = (double)a.rate;
  for (size_t i = 0; i < n; i++) {
    double slope = (double)g[i], m_old = beta1 * (double)m0[i], m_new = (1 - beta1) * slope;
    double v_wanted = beta2 * (double)v0[i] + (1 - beta2) * slope * slope;
    // A product and a sum each; v is a sum of positive terms, so its error is relative, and its root's is half that.
    double m_bound = 1.5 * eps * (fabs(m_old) + fabs(m_new)), v_bound = 2 * eps * v_wanted;
    double size = sqrt(v_wanted / (double)a.correction2) + (double)a.epsilon;
    double move = rate * (m_old + m_new) / (double)a.correction1 / size;
    double kept = (double)a.decay_factor * (double)w0[i];
    // Divisions, root, products: eight operations of at most an ulp, on top of the errors of m and v.
    double move_bound = rate * m_bound / (double)a.correction1 / size + 8 * eps * fabs(move);
    check_near(c, "m", i, (double)m[i], m_old + m_new, m_bound);
    check_near(c, "v", i, (double)v[i], v_wanted, v_bound);
    check_near(c, "w", i, (double)w[i], kept - move, eps * (fabs(kept) + fabs(move)) + move_bound);
  }
}

// Every operation is rounded by itself, so the bits are known.
static void test_adam_double(check *c, size_t n, int step, double epsilon) {
#pragma clang fp contract(off)
  check_case(c, "adam in double n=%zu step=%d epsilon=%g", n, step, epsilon);
  const ck_adam_double_args a = {.rate = 0.01 / (1 - pow(0.9, step)), .beta1 = 0.9, .beta2 = 0.999, .epsilon = epsilon,
                                 .correction = 1 / (1 - pow(0.999, step))};
  double *g = check_doubles(c, n), *m = check_doubles(c, n), *v = check_doubles(c, n), *w = check_doubles(c, n);
  double *mean = check_doubles(c, n), *second = check_doubles(c, n), *weight = check_doubles(c, n);
  for (size_t i = 0; i < n; i++) {
    g[i] = (double)check_uniform(c, -0.1f, 0.1f) * (i % 7 == 3 ? 1e-9 : 1) + 1e-12;
    m[i] = step == 1 ? 0 : (double)check_uniform(c, -0.1f, 0.1f);
    v[i] = step == 1 ? 0 : (double)check_uniform(c, 0, 0.01f);
    if (i % 11 == 5) m[i] = v[i] = g[i] = 0;  // a weight that nothing has reached yet
    w[i] = (double)check_uniform(c, -1, 1);
    mean[i] = m[i] + (1 - a.beta1) * (g[i] - m[i]);
    second[i] = v[i] + (1 - a.beta2) * (g[i] * g[i] - v[i]);
    weight[i] = w[i] - a.rate * mean[i] / (sqrt(second[i] * a.correction) + epsilon);
  }
  ck_adam_double(c->kernels, n, &a, g, m, v, w);
  check_bits(c, "m", n * sizeof *m, m, mean);
  check_bits(c, "v", n * sizeof *v, v, second);
  check_bits(c, "w", n * sizeof *w, w, weight);
}

static void test_nadamw(check *c, size_t n, float decay_factor) {
  check_case(c, "nadamw n=%zu decay_factor=%g", n, (double)decay_factor);
  const ck_nadamw_args a = {.mean_rate = 0.02f, .gradient_rate = 0.003f, .decay_factor = decay_factor, .beta1 = 0.9f,
                            .beta2 = 0.999f, .epsilon = 1e-8f, .correction2 = 0.25f};
  float *g = check_floats(c, n, 1), *m = check_floats(c, n, 2), *v = check_floats(c, n, 3), *w = check_floats(c, n, 5);
  check_fill_normal(c, n, g, 0, 0.1f);
  check_fill_normal(c, n, m, 0, 0.1f);
  check_fill_uniform(c, n, v, 0, 0.01f);
  check_fill_normal(c, n, w, 0, 1);
  float *m0 = check_copy(c, n, m), *v0 = check_copy(c, n, v), *w0 = check_copy(c, n, w);
  ck_nadamw(c->kernels, n, &a, g, m, v, w);
  double beta1 = (double)a.beta1, beta2 = (double)a.beta2;
  for (size_t i = 0; i < n; i++) {
    double slope = (double)g[i], carried = beta1 * (double)m0[i], fresh = (1 - beta1) * slope;
    double second = beta2 * (double)v0[i] + (1 - beta2) * slope * slope;
    double m_bound = 1.5 * eps * (fabs(carried) + fabs(fresh));
    double size = sqrt(second / (double)a.correction2) + (double)a.epsilon;
    double by_mean = (double)a.mean_rate * (carried + fresh), by_gradient = (double)a.gradient_rate * slope;
    double kept = (double)decay_factor * (double)w0[i], move = (by_mean + by_gradient) / size;
    check_near(c, "m", i, (double)m[i], carried + fresh, m_bound);
    check_near(c, "v", i, (double)v[i], second, 2 * eps * second);
    // As Adam's, with both terms in the place of the one.
    double bound = (double)a.mean_rate * m_bound / size + 8 * eps * (fabs(by_mean) + fabs(by_gradient)) / size;
    check_near(c, "w", i, (double)w[i], kept - move, eps * (fabs(kept) + fabs(move)) + bound);
  }
}

// What is not finite: a gradient whose square alone is infinite moves as any other, one whose second moment is infinite
// nothing any more, as a division by infinity would have it, and a NaN reaches all three.
static void test_adam_specials(check *c, size_t n) {
  check_case(c, "adam with infinities and NaN n=%zu", n);
  const ck_adam_args a = {.rate = 0.01f, .decay_factor = 1, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-8f,
                          .correction1 = 0.5f, .correction2 = 0.25f};
  float *g = check_floats(c, n, 1), *m = check_floats(c, n, 2), *v = check_floats(c, n, 3), *w = check_floats(c, n, 5);
  for (size_t i = 0; i < n; i++) {
    m[i] = v[i] = 0;
    w[i] = 1;
    g[i] = i % 2 == 0 ? 1 : -1;
    if (i % 3 == 1) g[i] = i % 2 == 0 ? 1e20f : 1e25f;
    if (i % 3 == 2) g[i] = i % 2 == 0 ? NAN : INFINITY;
  }
  ck_adam(c->kernels, n, &a, g, m, v, w);
  for (size_t i = 0; i < n; i++) {
    // A tenth of the gradient, by its correction, over a root of a thousandth of its square, by that one's.
    const double move = 0.01 * (0.1 / 0.5) / sqrt(0.001 / 0.25);
    if (i % 3 == 0) check_near(c, "w", i, (double)w[i], g[i] < 0 ? 1 + move : 1 - move, 1e-6);
    if (i % 3 == 1) check_near(c, "w", i, (double)w[i], i % 2 == 0 ? 1 - move : 1, 1e-6);
    if (i % 3 == 1) check_near(c, "v", i, (double)v[i], i % 2 == 0 ? 1e37 : INFINITY, 2e32);
    if (i % 3 == 2) check_near(c, "w", i, (double)w[i], NAN, 0);
  }
}

static void test_average(check *c, size_t n) {
  check_case(c, "average n=%zu", n);
  const float weight = 0.05f;
  float *w = check_floats(c, n, 1), *average = check_floats(c, n, 2);
  check_fill_normal(c, n, w, 0, 1);
  check_fill_normal(c, n, average, 0, 1);
  float *kept = check_copy(c, n, average);
  ck_average(c->kernels, n, weight, w, average);
  for (size_t i = 0; i < n; i++) {
    double move = (double)weight * ((double)w[i] - (double)kept[i]), wanted = (double)kept[i] + move;
    check_near(c, "average", i, (double)average[i], wanted, 1.001 * ROUNDING * (2 * fabs(move) + fabs(wanted)));
  }
}

void suite_update(check *c) {
  static const float decay_factors[] = {1, 0.99f};
  for (size_t l = 0; l <= check_length_count; l++) {
    size_t n = l < check_length_count ? check_lengths[l] : c->quick ? 10007 : 100003;
    for (size_t k = 0; k < COUNT(decay_factors); k++) {
      test_sgd(c, n, decay_factors[k]);
      test_momentum(c, n, decay_factors[k], false);
      test_momentum(c, n, decay_factors[k], true);
      test_adam(c, n, 1, 1e-8f, decay_factors[k]);
      test_adam(c, n, 10, 1e-8f, decay_factors[k]);
      test_adam(c, n, 5000, 1e-3f, decay_factors[k]);
    }
    for (size_t k = 0; k < COUNT(decay_factors); k++) test_nadamw(c, n, decay_factors[k]);
    test_adam_double(c, n, 1, 1e-16);
    test_adam_double(c, n, 5000, 1e-8);
    test_adam_specials(c, n);
    test_average(c, n);
  }
}
