// Activations and their derivatives against the C library in double.
#include "check.h"

static const char *const names[] = {"relu", "leaky relu", "gelu", "tanh", "sigmoid"};
static const float slope = 0.01f;

// Edges of range and of formulas: where exp overflows or vanishes, where tanh and erf reach 1, denormals.
static const float specials[] = {
    0.0f,  -0.0f,  1e-45f, -1e-45f, 1e-40f, -1e-40f, FLT_MIN, -FLT_MIN, 1e-30f,   -1e-30f,   1e-6f, -1e-6f,
    1e-3f, -1e-3f, 0.5f,   -0.5f,   0.625f, -0.625f, 1,       -1,       2,        -2,        4,     -4,
    5.5f,  -5.5f,  8,      -8,      9.01f,  -9.01f,  10,      -10,      16.6f,    -16.6f,    20,    -20,
    87,    -87,    87.4f,  -87.4f,  88,     -88,     88.8f,   -88.8f,   89,       -89,       100,   -100,
    104,   -104,   1e4f,   -1e4f,   1e30f,  -1e30f,  FLT_MAX, -FLT_MAX, INFINITY, -INFINITY, NAN};

// Over all magnitudes that matter, specials first.
static void fill_arguments(check *c, size_t n, float *x) {
  for (size_t i = 0; i < n; i++) {
    float wide = (float)ldexp((double)check_uniform(c, -1, 1), (int)check_index(c, 40) - 32);
    x[i] = n >= 1000 && i < COUNT(specials) ? specials[i] : i % 4 == 3 ? wide : check_uniform(c, -12, 12);
  }
}

// f(x), its derivative there, and a bound on the error of each.
typedef struct expected {
  double value, value_bound, slope, slope_bound;
} expected;

// exp and Phi within 2 to 5 ulp, followed by a few roundings, stay within 8 ulp; below the smallest normal number,
// results lose bits or become 0. The derivatives of tanh and sigmoid may come from y, whose rounding reaches 1 - y
// whole.
static expected reference(ck_activation activation, float x_float) {
  const double eps = (double)FLT_EPSILON, tiny = (double)FLT_MIN, x = (double)x_float;
  double leaky = (double)(x_float * slope);  // a single rounded operation, so exact
  double e = exp(-fabs(x));
  switch (activation) {
    case CK_RELU:
      return (expected){isnan(x) ? x : fmax(x, 0), 0, x > 0, 0};
    case CK_LEAKY_RELU:
      return (expected){x > 0 ? x : leaky, 0, x > 0 ? 1 : (double)slope, 0};
    case CK_TANH: {
      double y = tanh(x), d = 1 / (cosh(x) * cosh(x));
      return (expected){y, 8 * eps * fabs(y) + tiny, d, eps * (4 * d + 2 * y * y)};
    }
    case CK_SIGMOID: {
      double y = x < 0 ? e / (1 + e) : 1 / (1 + e), d = e / ((1 + e) * (1 + e));
      return (expected){y, 8 * eps * y + tiny, d, eps * (4 * d + y) + tiny};
    }
    case CK_GELU: {
      if (isinf(x)) return (expected){fmax(x, 0), 0, x > 0, 0};
      // Relative on either tail. Where nothing is fused, rounding x^2 / 2 moves its exponential by x^2 / 4 epsilons.
      double density = 0.39894228040143268 * exp(-0.5 * x * x), tail = 0.5 * erfc(fabs(x) * 0.70710678118654752);
      double distribution = x > 0 ? 1 - tail : tail, y = x * distribution, d = distribution + x * density;
      double square = fmin(0.25 * x * x, 1e3), sides = distribution + fabs(x) * density;
      double y_bound = eps * (8 * fabs(y) + square * fabs(x) * tail) + tiny;
      double d_bound = eps * (8 * sides + square * (tail + fabs(x) * density)) + tiny;
      return (expected){y, y_bound, d, d_bound};
    }
  }
  return (expected){NAN, 0, NAN, 0};
}

static void test_forward(check *c, ck_activation activation, size_t n, bool in_place) {
  check_case(c, "%s forward n=%zu in_place=%d", names[activation], n, in_place);
  float *x = check_floats(c, n, 1);
  fill_arguments(c, n, x);
  float *kept = check_copy(c, n, x), *y = in_place ? x : check_floats(c, n, 3);
  ck_activation_forward(c->kernels, activation, slope, n, x, y);
  for (size_t i = 0; i < n; i++) {
    expected wanted = reference(activation, kept[i]);
    check_near(c, "y", i, (double)y[i], wanted.value, wanted.value_bound);
  }
  if (!in_place) check_bits(c, "x", n * sizeof(float), x, kept);
}

static void test_backward(check *c, ck_activation activation, size_t n, bool in_place) {
  check_case(c, "%s backward n=%zu in_place=%d", names[activation], n, in_place);
  float *x = check_floats(c, n, 1), *y = check_floats(c, n, 2), *dy = check_floats(c, n, 3);
  fill_arguments(c, n, x);
  for (size_t i = 0; i < n; i++) {
    bool unordered = isnan(x[i]) && activation <= CK_LEAKY_RELU;  // which side it is on is not said
    if (unordered) x[i] = 1;
    y[i] = (float)reference(activation, x[i]).value;
  }
  check_fill_normal(c, n, dy, 0, 2);
  if (n >= 8) dy[n - 8] = 0;
  float *kept = check_copy(c, n, dy), *dx = in_place ? dy : check_floats(c, n, 5);
  ck_activation_backward(c->kernels, activation, slope, n, x, y, dy, dx);
  for (size_t i = 0; i < n; i++) {
    expected wanted = reference(activation, x[i]);
    double value = (double)kept[i] * wanted.slope, bound = fabs((double)kept[i]) * wanted.slope_bound;
    // A product with a piecewise constant slope is rounded once: the float nearest to it.
    if (activation <= CK_LEAKY_RELU) value = (double)(float)value;
    check_near(c, "dx", i, (double)dx[i], value, bound > 0 ? bound + (double)FLT_MIN : 0);
  }
}

// A NaN arriving from above goes on wherever the slope is not 0.
static void test_nan_gradient(check *c, ck_activation activation) {
  check_case(c, "%s backward of NaN", names[activation]);
  float *x = check_floats(c, 40, 0), *y = check_floats(c, 40, 0), *dy = check_floats(c, 40, 0);
  float *dx = check_floats(c, 40, 0);
  for (size_t i = 0; i < 40; i++) {
    x[i] = check_uniform(c, 0.1f, 2);
    y[i] = (float)reference(activation, x[i]).value;
    dy[i] = i % 3 == 0 ? NAN : 1;
  }
  ck_activation_backward(c->kernels, activation, slope, 40, x, y, dy, dx);
  for (size_t i = 0; i < 40; i++) check_that(c, "dx is NaN just where dy is", isnan(dx[i]) == isnan(dy[i]));
}

void suite_activation(check *c) {
  for (int activation = CK_RELU; activation <= CK_SIGMOID; activation++) {
    for (size_t l = 0; l <= check_length_count; l++) {
      size_t n = l < check_length_count ? check_lengths[l] : c->quick ? 10007 : 100003;
      for (int in_place = 0; in_place < 2; in_place++) {
        test_forward(c, (ck_activation)activation, n, in_place);
        test_backward(c, (ck_activation)activation, n, in_place);
      }
    }
    test_nan_gradient(c, (ck_activation)activation);
  }
}
