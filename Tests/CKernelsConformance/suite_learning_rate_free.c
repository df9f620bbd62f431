// Rules that find their step sizes, against double precision.
#include "check.h"

static const double eps = (double)FLT_EPSILON;

// A lane adds at most so many terms in float, whichever the vectors, and a tree adds the lanes.
enum { TERMS = 4096 };

// Small whole numbers, of which every sum is exact, so that no element may be missing and none be there twice.
static void test_whole_sums(check *c, size_t n) {
  check_case(c, "sums of whole numbers n=%zu", n);
  float *g = check_floats(c, n, 1), *w0 = check_floats(c, n, 2), *w = check_floats(c, n, 3), *m = check_floats(c, n, 4);
  float *v = check_floats(c, n, 5), *s = check_floats(c, n, 6), *path = check_floats(c, n, 7);
  check_fill_whole(c, n, g, 4);
  check_fill_whole(c, n, w0, 4);
  check_fill_whole(c, n, w, 4);
  check_fill_whole(c, n, s, 4);
  check_fill_whole(c, n, path, 4);
  for (size_t i = 0; i < n; i++) m[i] = v[i] = 0;
  double progress = 0, magnitude = 0, distance = 0, gradients = 0, path_gradient = 0, path_weight = 0, weights = 0;
  for (size_t i = 0; i < n; i++) {
    const double slope = (double)g[i], way = (double)w[i] - (double)w0[i];
    progress -= slope * way, magnitude += fabs(0.5 * (double)s[i] + 2 * slope);
    distance += way * way, gradients += slope * slope, weights += (double)w[i] * (double)w[i];
    path_gradient += (double)path[i] * slope, path_weight += (double)path[i] * (double)w[i];
  }
  const ck_prodigy_args prodigy = {.beta1 = 0.5f, .beta2 = 0.5f, .beta3 = 0.5f, .d = 1, .weight = 2};
  const ck_prodigy_sums p = ck_prodigy_moments(c->kernels, n, &prodigy, g, w0, w, m, v, s);
  check_near(c, "Prodigy's progress", 0, p.progress, progress, 0);
  check_near(c, "Prodigy's magnitude", 0, p.magnitude, magnitude, 0);
  const ck_distance_sums d = ck_distance_sums_of(c->kernels, n, w0, w, g);
  check_near(c, "squared distance", 0, d.distance_squared, distance, 0);
  check_near(c, "squared gradient", 0, d.gradient_squared, gradients, 0);
  const ck_mechanic_sums k = ck_mechanic_path(c->kernels, n, 2, g, w0, w, path);
  check_near(c, "path and gradient", 0, k.path_gradient, path_gradient, 0);
  check_near(c, "path and weight", 0, k.path_weight, path_weight, 0);
  check_near(c, "squared gradient", 0, k.gradient_squared, gradients, 0);
  check_near(c, "squared weight", 0, k.weight_squared, weights, 0);
}

static void test_prodigy(check *c, size_t n) {
  check_case(c, "prodigy n=%zu", n);
  const ck_prodigy_args a = {.beta1 = 0.9f, .beta2 = 0.999f, .beta3 = 0.99f, .d = 1e-3f, .weight = 0.7f};
  float *g = check_floats(c, n, 1), *w0 = check_floats(c, n, 2), *w = check_floats(c, n, 3), *m = check_floats(c, n, 4);
  float *v = check_floats(c, n, 5), *s = check_floats(c, n, 6);
  check_fill_normal(c, n, g, 0, 0.1f);
  check_fill_normal(c, n, w0, 0, 1);
  check_fill_normal(c, n, w, 0, 1);
  check_fill_normal(c, n, m, 0, 1e-4f);
  check_fill_uniform(c, n, v, 0, 1e-8f);
  check_fill_normal(c, n, s, 0, 1);
  float *m0 = check_copy(c, n, m), *v0 = check_copy(c, n, v), *s0 = check_copy(c, n, s), *before = check_copy(c, n, w);
  const ck_prodigy_sums sums = ck_prodigy_moments(c->kernels, n, &a, g, w0, w, m, v, s);
  const double beta1 = (double)a.beta1, beta2 = (double)a.beta2, beta3 = (double)a.beta3, d = (double)a.d;
  double progress = 0, terms = 0, magnitude = 0;
  for (size_t i = 0; i < n; i++) {
    const double slope = (double)g[i], kept = beta1 * (double)m0[i], fresh = (1 - beta1) * d * slope;
    const double second = beta2 * (double)v0[i] + (1 - beta2) * d * slope * d * slope;
    const double carried = beta3 * (double)s0[i], added = (double)a.weight * slope;
    // A rounding more than Adam's moments for each factor d.
    check_near(c, "m", i, (double)m[i], kept + fresh, 2 * eps * (fabs(kept) + fabs(fresh)));
    check_near(c, "v", i, (double)v[i], second, 3 * eps * second);
    check_near(c, "s", i, (double)s[i], carried + added, eps * (fabs(carried) + fabs(added)));
    progress += slope * ((double)w0[i] - (double)w[i]);
    terms += fabs(slope) * (fabs((double)w0[i]) + fabs((double)w[i]));
    magnitude += fabs((double)s[i]);
  }
  check_near(c, "progress", 0, sums.progress, progress, ROUNDING * TERMS * terms);
  check_near(c, "magnitude", 0, sums.magnitude, magnitude, ROUNDING * TERMS * magnitude);
  check_bits(c, "weights before their step", n * sizeof *w, w, before);
  ck_moment_step(c->kernels, n, 0.01f, 0.99f, 1e-11f, m, v, w);
  for (size_t i = 0; i < n; i++) {
    const double move = (double)0.01f * (double)m[i] / (sqrt((double)v[i]) + 1e-11);
    const double kept = (double)0.99f * (double)before[i];
    check_near(c, "w", i, (double)w[i], kept - move, eps * (fabs(kept) + fabs(move)) + 6 * eps * fabs(move));
  }
}

static void test_dadapt(check *c, size_t n) {
  check_case(c, "dadapt_adam n=%zu", n);
  const ck_dadapt_args a = {.beta1 = 0.9f, .beta2 = 0.999f, .beta3 = 0.99f, .rate = 1e-2f, .decay_factor = 0.99f,
                            .epsilon = 1e-8f};
  float *g = check_floats(c, n, 1), *m = check_floats(c, n, 2), *v = check_floats(c, n, 3), *s = check_floats(c, n, 4);
  float *w = check_floats(c, n, 5);
  check_fill_normal(c, n, g, 0, 0.1f);
  check_fill_normal(c, n, m, 0, 1e-3f);
  check_fill_uniform(c, n, v, 0, 0.01f);
  check_fill_normal(c, n, s, 0, 1e-3f);
  check_fill_normal(c, n, w, 0, 1);
  for (size_t i = 0; i < n; i += 11) g[i] = m[i] = v[i] = s[i] = 0;  // a weight that nothing has reached yet
  float *m0 = check_copy(c, n, m), *v0 = check_copy(c, n, v), *s0 = check_copy(c, n, s), *old = check_copy(c, n, w);
  const ck_dadapt_sums sums = ck_dadapt_adam(c->kernels, n, &a, g, m, v, s, w);
  const double beta1 = (double)a.beta1, beta2 = (double)a.beta2, beta3 = (double)a.beta3, rate = (double)a.rate;
  double progress = 0, terms = 0, magnitude = 0;
  for (size_t i = 0; i < n; i++) {
    const double slope = (double)g[i], kept = beta1 * (double)m0[i], fresh = (1 - beta1) * rate * slope;
    const double second = beta2 * (double)v0[i] + (1 - beta2) * slope * slope;
    const double carried = beta3 * (double)s0[i], added = (1 - beta3) * rate * slope;
    const double term = rate * slope / (sqrt((double)v0[i]) + (double)a.epsilon) * (double)s0[i];
    const double size = sqrt(second) + (double)a.epsilon, move = (kept + fresh) / size;
    const double m_bound = 2 * eps * (fabs(kept) + fabs(fresh)), left = (double)a.decay_factor * (double)old[i];
    check_near(c, "m", i, (double)m[i], kept + fresh, m_bound);
    check_near(c, "v", i, (double)v[i], second, 2 * eps * second);
    check_near(c, "s", i, (double)s[i], carried + added, 2 * eps * (fabs(carried) + fabs(added)));
    const double w_bound = eps * (fabs(left) + fabs(move)) + m_bound / size + 8 * eps * fabs(move);
    check_near(c, "w", i, (double)w[i], left - move, w_bound);
    progress += term, terms += fabs(term), magnitude += fabs((double)s[i]);
  }
  check_near(c, "progress", 0, sums.progress, progress, ROUNDING * (TERMS + 16) * terms);
  check_near(c, "magnitude", 0, sums.magnitude, magnitude, ROUNDING * TERMS * magnitude);
}

// The path grows by the other rule's step alone, and the weights stand again where they would have been taken to stand.
static void test_mechanic(check *c, size_t n) {
  check_case(c, "mechanic n=%zu", n);
  const float scale = 0.3f;
  float *g = check_floats(c, n, 1), *w0 = check_floats(c, n, 2), *w = check_floats(c, n, 3);
  float *path = check_floats(c, n, 5);
  check_fill_normal(c, n, g, 0, 1);
  check_fill_normal(c, n, w0, 0, 1);
  check_fill_normal(c, n, path, 0, 1);
  ck_mechanic_step(c->kernels, n, scale, w0, path, w);
  float *stood = check_copy(c, n, w), *path0 = check_copy(c, n, path);
  ck_mechanic_path(c->kernels, n, scale, g, w0, w, path);
  check_exact(c, "path of no step", n, path, path0);
  for (size_t i = 0; i < n; i++) w[i] += 0.01f * g[i];
  ck_mechanic_path(c->kernels, n, scale, g, w0, w, path);
  for (size_t i = 0; i < n; i++) {
    const double reached = (double)w0[i] + (double)scale * (double)path0[i], step = (double)w[i] - (double)stood[i];
    const double size = fabs((double)w0[i]) + fabs((double)scale * (double)path0[i]);
    check_near(c, "w", i, (double)stood[i], reached, 2 * ROUNDING * size);
    const double wanted = (double)path0[i] + step;
    check_near(c, "path", i, (double)path[i], wanted, 1.001 * ROUNDING * (fabs(step) + fabs(wanted)));
  }
}

static void test_cocob(check *c, size_t n, float rate, float size) {
  check_case(c, "cocob n=%zu rate=%g gradients of %g", n, (double)rate, (double)size);
  const float alpha = 100;
  float *g = check_floats(c, n, 1), *w0 = check_floats(c, n, 2), *w = check_floats(c, n, 3);
  const ck_cocob_state state = {check_floats(c, n, 4), check_floats(c, n, 5), check_floats(c, n, 6),
                                check_floats(c, n, 7)};
  check_fill_normal(c, n, w0, 0, 1);
  double *bounds = check_doubles(c, n), *wanted = check_doubles(c, n), *exact = check_doubles(c, 4 * n);
  for (size_t i = 0; i < n; i++) {
    w[i] = w0[i], state.largest[i] = 1e-8f, state.sum[i] = state.magnitude[i] = state.reward[i] = 0;
    wanted[i] = (double)w0[i], exact[4 * i] = (double)1e-8f, exact[4 * i + 1] = exact[4 * i + 2] = exact[4 * i + 3] = 0;
    bounds[i] = 0;
  }
  for (int step = 0; step < 4; step++) {
    for (size_t i = 0; i < n; i++) g[i] = i % 7 == 3 ? 0 : size * check_uniform(c, -1, 2);
    // The exact rule goes on from where the rounded one stands, so that each step is held to its own roundings.
    for (size_t i = 0; i < n; i++) {
      const double slope = (double)g[i], start = (double)w0[i], stood = (double)w[i];
      const double reward = (double)state.reward[i] - slope * (stood - start);
      const double most = fmax((double)state.largest[i], fabs(slope)), sum = (double)state.sum[i] - slope;
      const double total = (double)state.magnitude[i] + fabs(slope), won = fmax(0, reward);
      const double wealth = (most + won) / fmax(total + most, (double)alpha * most), bet = sum / most * wealth;
      wanted[i] = stood + (double)rate * (start + bet - stood);
      const double lost = 2 * eps * (fabs((double)state.reward[i]) + 2 * fabs(slope) * (fabs(stood) + fabs(start)));
      // What the reward and the sum lost by rounding, and eight operations.
      const double lost_sum = 4 * eps * (fabs((double)state.sum[i]) + fabs(slope));
      bounds[i] = fabs(sum / most) * lost / (most * (double)alpha) + lost_sum / most * wealth
                  + 8 * eps * (fabs(bet) + fabs(start) + fabs(stood));
      exact[4 * i] = most, exact[4 * i + 1] = sum, exact[4 * i + 2] = total, exact[4 * i + 3] = won;
    }
    ck_cocob(c->kernels, n, rate, alpha, g, w0, &state, w);
    for (size_t i = 0; i < n; i++) {
      check_near(c, "largest", i, (double)state.largest[i], exact[4 * i], 0);
      check_near(c, "sum", i, (double)state.sum[i], exact[4 * i + 1], ROUNDING * fabs(exact[4 * i + 1]));
      check_near(c, "magnitude", i, (double)state.magnitude[i], exact[4 * i + 2], ROUNDING * exact[4 * i + 2]);
      check_near(c, "w", i, (double)w[i], wanted[i], bounds[i]);
    }
  }
}

// A NaN in one gradient reaches the sums and its own weight alone.
static void test_specials(check *c, size_t n) {
  check_case(c, "NaN n=%zu", n);
  float *x[9];
  for (int i = 0; i < 9; i++) {
    x[i] = check_floats(c, n, (size_t)i);
    for (size_t j = 0; j < n; j++) x[i][j] = 1;
  }
  if (n == 0) return;
  x[0][n / 2] = NAN;
  const ck_prodigy_args prodigy = {.beta1 = 0.9f, .beta2 = 0.999f, .beta3 = 0.99f, .d = 1e-3f, .weight = 0.7f};
  const ck_prodigy_sums p = ck_prodigy_moments(c->kernels, n, &prodigy, x[0], x[1], x[2], x[3], x[4], x[5]);
  check_that(c, "Prodigy's sums are no numbers", isnan(p.progress) && isnan(p.magnitude));
  ck_cocob(c->kernels, n, 1, 100, x[0], x[1], &(ck_cocob_state){x[5], x[6], x[7], x[8]}, x[2]);
  ck_moment_step(c->kernels, n, 1, 1, 1e-8f, x[3], x[4], x[1]);
  for (size_t i = 0; i < n; i++) {
    check_that(c, "COCOB's weights", isnan(x[2][i]) == (i == n / 2 || isnan(x[5][i])));
    check_that(c, "Prodigy's weights", isnan(x[1][i]) == (i == n / 2));
  }
}

void suite_learning_rate_free(check *c) {
  for (size_t l = 0; l <= check_length_count; l++) {
    const size_t n = l < check_length_count ? check_lengths[l] : c->quick ? 70001 : 300007;
    test_whole_sums(c, n);
    test_prodigy(c, n);
    test_dadapt(c, n);
    test_mechanic(c, n);
    test_cocob(c, n, 1, 1);
    test_cocob(c, n, 0.5f, 1e25f);
    test_specials(c, n);
  }
}
