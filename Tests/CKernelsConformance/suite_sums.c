// Sums and dot products along rows, columns and everything.
#include "check.h"

// What may be added in float before a sum goes on in double.
enum { BLOCK = 2048 };

// n products, each rounded once, passing at most n additions in float.
static double sum_bound(size_t n, double magnitude) {
  return ((double)(n < BLOCK ? n : BLOCK) + 2) * ROUNDING * 1.001 * magnitude;
}

static void fill(check *c, bool whole, size_t n, float *x) {
  if (whole) {
    check_fill_whole(c, n, x, 8);
  } else {
    check_fill_normal(c, n, x, 0.1f, 1);
  }
}

static void test_column_sums(check *c, size_t rows, size_t columns, bool whole) {
  check_case(c, "column_sums (%zu, %zu) %s", rows, columns, whole ? "whole" : "real");
  float *x = check_floats(c, rows * columns, 1), *out = check_floats(c, columns, 2);
  fill(c, whole, rows * columns, x);
  ck_column_sums(c->kernels, rows, columns, x, out);
  for (size_t j = 0; j < columns; j++) {
    double sum = 0, magnitude = 0;
    for (size_t i = 0; i < rows; i++) {
      sum += (double)x[i * columns + j];
      magnitude += fabs((double)x[i * columns + j]);
    }
    // All rows are added in float.
    check_near(c, "out", j, (double)out[j], sum, whole ? 0 : (double)rows * ROUNDING * 1.001 * magnitude);
  }
}

static void test_dot(check *c, size_t n, bool whole) {
  check_case(c, "dot n=%zu %s", n, whole ? "whole" : "real");
  float *x = check_floats(c, n, 1), *y = check_floats(c, n, 2);
  fill(c, whole, n, x);
  fill(c, whole, n, y);
  double sum = 0, magnitude = 0;
  for (size_t i = 0; i < n; i++) {
    sum += (double)x[i] * (double)y[i];
    magnitude += fabs((double)x[i] * (double)y[i]);
  }
  check_near(c, "dot", 0, ck_dot(c->kernels, n, x, y), sum, whole ? 0 : sum_bound(n, magnitude));
  if (n == 0) return;
  x[check_index(c, n)] = NAN;
  check_near(c, "dot with NaN", 0, ck_dot(c->kernels, n, x, y), NAN, 0);
}

static void test_dots(check *c, size_t rows, size_t columns, bool whole) {
  check_case(c, "row_dots and column_dots (%zu, %zu) %s", rows, columns, whole ? "whole" : "real");
  size_t n = rows * columns;
  float *x = check_floats(c, n, 1), *y = check_floats(c, n, 2);
  double *row_dots = check_doubles(c, rows), *column_dots = check_doubles(c, columns);
  fill(c, whole, n, x);
  fill(c, whole, n, y);
  ck_row_dots(c->kernels, rows, columns, x, y, row_dots);
  ck_column_dots(c->kernels, rows, columns, x, y, column_dots);
  for (size_t i = 0; i < rows; i++) {
    double sum = 0, magnitude = 0;
    for (size_t j = 0; j < columns; j++) {
      double product = (double)x[i * columns + j] * (double)y[i * columns + j];
      sum += product;
      magnitude += fabs(product);
    }
    check_near(c, "row_dots", i, row_dots[i], sum, whole ? 0 : sum_bound(columns, magnitude));
  }
  for (size_t j = 0; j < columns; j++) {
    double sum = 0, magnitude = 0;
    for (size_t i = 0; i < rows; i++) {
      double product = (double)x[i * columns + j] * (double)y[i * columns + j];
      sum += product;
      magnitude += fabs(product);
    }
    check_near(c, "column_dots", j, column_dots[j], sum, whole ? 0 : sum_bound(rows, magnitude));
  }
}

void suite_sums(check *c) {
  static const size_t rows[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 33, 128};
  static const size_t tall[][2] = {{5000, 3}, {2049, 17}, {3, 5000}, {17, 2049}, {300, 300}, {100003, 1}, {1, 100003}};
  for (int whole = 0; whole < 2; whole++) {
    for (size_t l = 0; l < check_length_count; l++) {
      test_dot(c, check_lengths[l], whole);
      for (size_t r = 0; r < COUNT(rows); r += c->quick ? 2 : 1) {
        test_column_sums(c, rows[r], check_lengths[l], whole);
        test_dots(c, rows[r], check_lengths[l], whole);
      }
    }
    test_dot(c, 2047, whole);
    test_dot(c, 2049, whole);
    test_dot(c, 100003, whole);
    for (size_t s = 0; s < COUNT(tall); s++) {
      test_column_sums(c, tall[s][0], tall[s][1], whole);
      test_dots(c, tall[s][0], tall[s][1], whole);
    }
  }
}
