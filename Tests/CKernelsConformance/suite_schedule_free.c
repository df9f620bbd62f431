// Schedule-Free's steps against the three sequences x, y and z in double.
#include "check.h"

// z' = z - step, and y' from x' and z'; x is found in y and z, as the kernels do not keep it.
static void check_sequences(check *c, size_t i, const ck_schedule_free_args *a, double y, double z, double step,
                            double step_bound, double new_y, double new_z) {
  const double beta = (double)a->beta, weight = (double)a->c, x = (y - (1 - beta) * z) / beta;
  const double wanted_z = z - step, wanted_x = (1 - weight) * x + weight * wanted_z;
  check_near(c, "z", i, new_z, wanted_z, step_bound + 1.001 * ROUNDING * fabs(wanted_z));
  // y + c (z - y) is rounded three times, the product with the step and its factor four times.
  const double size = fabs(y) + weight * (fabs(y) + fabs(z)) + fabs(step);
  check_near(c, "y", i, new_y, beta * wanted_x + (1 - beta) * wanted_z, step_bound + 4 * ROUNDING * size);
}

static void test_sgd(check *c, size_t n, ck_schedule_free_args a) {
  check_case(c, "schedule_free_sgd n=%zu beta=%g c=%g", n, (double)a.beta, (double)a.c);
  float *g = check_floats(c, n, 1), *z = check_floats(c, n, 2), *y = check_floats(c, n, 3);
  check_fill_normal(c, n, g, 0, 1);
  check_fill_normal(c, n, z, 0, 1);
  check_fill_normal(c, n, y, 0, 1);
  float *z0 = check_copy(c, n, z), *y0 = check_copy(c, n, y);
  ck_schedule_free_sgd(c->kernels, n, &a, g, z, y);
  for (size_t i = 0; i < n; i++) {
    const double along = (double)a.rate * (double)g[i], decay = (double)a.decay * (double)y0[i];
    const double bound = 2 * ROUNDING * (fabs(along) + fabs(decay));
    check_sequences(c, i, &a, (double)y0[i], (double)z0[i], along + decay, bound, (double)y[i], (double)z[i]);
  }
}

static void test_adamw(check *c, size_t n, ck_schedule_free_args a) {
  check_case(c, "schedule_free_adamw n=%zu beta=%g c=%g", n, (double)a.beta, (double)a.c);
  const ck_second_moment_args moment = {.beta2 = 0.999f, .epsilon = 1e-8f, .correction2 = 0.25f};
  float *g = check_floats(c, n, 1), *v = check_floats(c, n, 2), *z = check_floats(c, n, 3), *y = check_floats(c, n, 5);
  check_fill_normal(c, n, g, 0, 0.1f);
  check_fill_uniform(c, n, v, 0, 0.01f);
  check_fill_normal(c, n, z, 0, 1);
  check_fill_normal(c, n, y, 0, 1);
  for (size_t i = 0; i < n; i += 11) g[i] = v[i] = 0;  // a weight that nothing has reached yet
  float *v0 = check_copy(c, n, v), *z0 = check_copy(c, n, z), *y0 = check_copy(c, n, y);
  ck_schedule_free_adamw(c->kernels, n, &a, &moment, g, v, z, y);
  for (size_t i = 0; i < n; i++) {
    const double slope = (double)g[i], beta2 = (double)moment.beta2;
    const double second = beta2 * (double)v0[i] + (1 - beta2) * slope * slope;
    const double along = (double)a.rate * slope / (sqrt(second / (double)moment.correction2) + (double)moment.epsilon);
    const double decay = (double)a.decay * (double)y0[i];
    check_near(c, "v", i, (double)v[i], second, 4 * ROUNDING * second);
    // Adam's eight operations of at most an ulp.
    const double bound = 16 * ROUNDING * fabs(along) + 2 * ROUNDING * (fabs(along) + fabs(decay));
    check_sequences(c, i, &a, (double)y0[i], (double)z0[i], along + decay, bound, (double)y[i], (double)z[i]);
  }
}

void suite_schedule_free(check *c) {
  static const ck_schedule_free_args args[] = {
      {0.1f, 0, 0.9f, 1}, {0.1f, 0.01f, 0.9f, 0.3f}, {0.1f, 0.01f, 0.5f, 1e-3f}};
  for (size_t l = 0; l <= check_length_count; l++) {
    const size_t n = l < check_length_count ? check_lengths[l] : c->quick ? 10007 : 100003;
    for (size_t k = 0; k < COUNT(args); k++) {
      test_sgd(c, n, args[k]);
      test_adamw(c, n, args[k]);
    }
  }
}
