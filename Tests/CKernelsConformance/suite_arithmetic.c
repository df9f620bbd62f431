// Element-wise arithmetic.
#include "check.h"

static void test_axpy(check *c, size_t n, bool whole) {
  check_case(c, "axpy n=%zu %s", n, whole ? "whole" : "real");
  float alpha = whole ? 3 : 0.37f, *x = check_floats(c, n, 1), *y = check_floats(c, n, 2);
  if (whole) {
    check_fill_whole(c, n, x, 1000);
    check_fill_whole(c, n, y, 1000);
  } else {
    check_fill_normal(c, n, x, 0, 1);
    check_fill_normal(c, n, y, 0, 1);
  }
  float *kept = check_copy(c, n, y);
  ck_axpy(c->kernels, n, alpha, x, y);
  for (size_t i = 0; i < n; i++) {
    double product = (double)alpha * (double)x[i], wanted = (double)kept[i] + product;
    // One rounding of the product, unless it is fused, and one of the sum.
    double bound = whole ? 0 : 1.001 * ROUNDING * (fabs(product) + fabs(wanted));
    check_near(c, "y", i, (double)y[i], wanted, bound);
  }
}

// Single operations are rounded once, so they are exact.
static void test_products(check *c, size_t n) {
  check_case(c, "scale n=%zu", n);
  float *x = check_floats(c, n, 1), *wanted = check_floats(c, n, 0);
  check_fill_normal(c, n, x, 0, 1);
  for (size_t i = 0; i < n; i++) wanted[i] = x[i] * -0.37f;
  ck_scale(c->kernels, n, -0.37f, x);
  check_exact(c, "x", n, x, wanted);

  for (int alias = 0; alias < 3; alias++) {
    for (int operation = 0; operation < 4; operation++) {
      static const char *const names[] = {"add", "multiply", "mask", "add with relu"};
      const char *z_is = alias == 0 ? "apart" : alias == 1 ? "x" : "y";
      check_case(c, "%s n=%zu z is %s", names[operation], n, z_is);
      float *a = check_floats(c, n, 1), *b = check_floats(c, n, 5), *result = check_floats(c, n, 0);
      check_fill_normal(c, n, a, 0, 1);
      check_fill_normal(c, n, b, 0, 1);
      if (operation == 3 && n > 0) a[check_index(c, n)] = NAN;
      // A mask of 0 hides even what is no number.
      for (size_t i = 0; i < n && operation == 2; i++) {
        if (i % 3 == 1) b[i] = 0, a[i] = i % 2 ? NAN : INFINITY;
        else b[i] = fabsf(b[i]) + 0.1f;
      }
      for (size_t i = 0; i < n; i++) {
        const float product = operation == 2 && b[i] == 0 ? 0 : a[i] * b[i];
        const float sum = a[i] + b[i];
        result[i] = operation == 0 ? sum : operation == 3 ? (sum < 0 ? 0 : sum) : product;
      }
      float *z = alias == 0 ? check_floats(c, n, 3) : alias == 1 ? a : b;
      if (operation == 0 || operation == 3) ck_add(c->kernels, n, a, b, operation == 3, z);
      else if (operation == 1) ck_multiply(c->kernels, n, a, b, z);
      else ck_mask(c->kernels, n, a, b, z);
      check_exact(c, "z", n, z, result);
    }
  }
}

static void test_clamp(check *c, size_t n, float low, float high) {
  check_case(c, "clamp n=%zu low=%g high=%g", n, (double)low, (double)high);
  static const float specials[] = {NAN, INFINITY, -INFINITY, 0.0f, -0.0f, 1, -1, 0.5f, -0.5f, 1e-45f};
  float *x = check_floats(c, n, 1), *wanted = check_floats(c, n, 0);
  for (size_t i = 0; i < n; i++) {
    x[i] = i % 3 == 0 ? specials[check_index(c, COUNT(specials))] : check_uniform(c, -3, 3);
    wanted[i] = x[i] < low ? low : x[i] > high ? high : x[i];
  }
  ck_clamp(c->kernels, n, low, high, x);
  check_exact(c, "x", n, x, wanted);
}

static void test_bias_relu(check *c, size_t rows, size_t columns, bool in_place) {
  check_case(c, "bias_relu (%zu, %zu) in_place=%d", rows, columns, in_place);
  size_t n = rows * columns;
  float *x = check_floats(c, n, 1), *b = check_floats(c, columns, 2), *wanted = check_floats(c, n, 0);
  check_fill_normal(c, n, x, 0, 1);
  check_fill_normal(c, columns, b, 0, 1);
  if (n > 0) x[check_index(c, n)] = NAN;
  if (n > 0) x[check_index(c, n)] = -INFINITY;
  // A sum rounded once, then a choice: exact.
  for (size_t i = 0; i < n; i++) {
    float sum = x[i] + b[i % columns];
    wanted[i] = sum < 0 ? 0 : sum;
  }
  float *y = in_place ? x : check_floats(c, n, 3);
  ck_bias_relu(c->kernels, rows, columns, x, b, y);
  check_exact(c, "y", n, y, wanted);
}

void suite_arithmetic(check *c) {
  for (size_t l = 0; l <= check_length_count; l++) {
    size_t n = l < check_length_count ? check_lengths[l] : c->quick ? 10007 : 100003;
    test_axpy(c, n, false);
    test_axpy(c, n, true);
    test_products(c, n);
    test_clamp(c, n, -0.5f, 1);
    test_clamp(c, n, 0, 0);
    test_clamp(c, n, -INFINITY, 2);
    test_clamp(c, n, -1, INFINITY);
    for (int in_place = 0; in_place < 2; in_place++) {
      test_bias_relu(c, 1, n, in_place);
      if (n < 1000) test_bias_relu(c, 5, n, in_place);
    }
  }
}
