// Symmetric products, and the orthogonalization that is made of them.
#include "check.h"

// The products of whole numbers are exact, so both triangles must be right to the bit, beta's part included: what C holds,
// or an addend of its own.
static void test_symmetric(check *c, size_t n, size_t k, bool transposed, bool apart) {
  check_case(c, "gemm_symmetric n=%zu k=%zu transposed=%d apart=%d", n, k, transposed, apart);
  float *a = check_floats(c, n * k, 1), *out = check_floats(c, n * n, 2), *plain = check_floats(c, n * n, 3);
  float *addend = check_floats(c, n * n, 4);
  check_fill_whole(c, n * k, a, 3);
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j <= i; j++) {
      const float value = (float)check_index(c, 9);
      addend[i * n + j] = addend[j * n + i] = plain[i * n + j] = plain[j * n + i] = value;
      if (!apart) out[i * n + j] = out[j * n + i] = value;
    }
  }
  const size_t stride = transposed ? n : k;
  ck_gemm_args args = {.m = n, .n = n, .k = k, .transpose_a = transposed, .transpose_b = !transposed, .alpha = 2,
                       .beta = 3, .a = a, .lda = stride, .b = a, .ldb = stride, .c = plain, .ldc = n};
  ck_gemm(c->kernels, &args);
  args.c = out;
  ck_gemm_symmetric(c->kernels, &args, apart ? addend : NULL);
  check_exact(c, "C", n * n, out, plain);
}

static const ck_newton_schulz muon = {3.4445f, -4.775f, 2.0315f, 5};

// Rows or columns with one number each: their Gram matrix is diagonal, and the singular values go their ways alone.
//
// lambda = s^2 / |X|^2 carries a relative error e, at first of the norm's square (a sum of n squares), a product, a
// square and a factor. An iteration's factor p = a + b lambda + c lambda^2 then has the roundings of its three terms,
// and lambda's error times lambda p' / p; the next lambda is lambda p^2.
static void test_diagonal(check *c, size_t rows, size_t columns) {
  check_case(c, "orthogonalize %zux%zu, diagonal", rows, columns);
  size_t n = rows < columns ? rows : columns, longer = rows + columns - n;
  float *x = check_floats(c, rows * columns, 1), *y = check_floats(c, rows * columns, 3);
  float *workspace = check_floats(c, ck_orthogonalize_workspace(rows, columns), 5);
  for (size_t i = 0; i < rows * columns; i++) x[i] = 0;
  double squares = 0;
  for (size_t i = 0; i < n; i++) {
    size_t at = longer - 1 - i;
    float value = check_uniform(c, 0.001f, 1) * (i % 3 == 1 ? -1 : 1);
    x[rows <= columns ? i * columns + at : at * columns + i] = value;
    squares += (double)value * (double)value;
  }
  ck_orthogonalize(c->kernels, rows, columns, &muon, 0.2f, x, workspace, y);
  const double pa = (double)muon.a, pb = (double)muon.b, pc = (double)muon.c;
  for (size_t i = 0; i < rows * columns; i++) {
    double value = (double)x[i], lambda = value * value / squares, factor = 1, error = 4 * ROUNDING, total = 0;
    for (size_t k = 0; value != 0 && k < muon.iterations; k++) {
      double p = pa + pb * lambda + pc * lambda * lambda, slope = lambda * (pb + 2 * pc * lambda) / p;
      double terms = (pa + fabs(pb) * lambda + pc * lambda * lambda) / p;
      double relative = 4 * ROUNDING * terms + error * fabs(slope);
      factor *= p, total += relative + ROUNDING;
      error = error * fabs(1 + 2 * slope) + 8 * ROUNDING * terms + 2 * ROUNDING;
      lambda *= p * p;
    }
    double wanted = (double)0.2f * value / sqrt(squares) * factor;
    check_entry(c, "y", i / columns, i % columns, (double)y[i], wanted, 1.001 * (total + 4 * ROUNDING) * fabs(wanted));
  }
}

// c = op(a) b for matrices in double: a is (m, k), or (k, m) where transposed.
static void product(size_t m, size_t n, size_t k, bool transposed, const double *a, const double *b, double *out) {
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < n; j++) {
      double sum = 0;
      for (size_t p = 0; p < k; p++) sum += (transposed ? a[p * m + i] : a[i * k + p]) * b[p * n + j];
      out[i * n + j] = sum;
    }
  }
}

// As its definition says, X = a X + b A X + c A^2 X in double with A = X^T X: an independent path to the result.
//
// Norms of errors: A's is at most longer + 1 roundings of |A|_F <= 1. Within lambda's range an iteration multiplies it
// by at most |d (lambda p^2) / d lambda| <= a^2, and adds two products of 2 n roundings each. The result's is that of A
// times |b| / a for each p, times X's norm on the way, which ends below 1.2 sqrt(n).
static void test_dense(check *c, size_t rows, size_t columns) {
  check_case(c, "orthogonalize %zux%zu, dense", rows, columns);
  size_t count = rows * columns, n = rows < columns ? rows : columns, longer = rows + columns - n;
  float *x = check_floats(c, count, 1), *y = check_floats(c, count, 3);
  float *workspace = check_floats(c, ck_orthogonalize_workspace(rows, columns), 5);
  check_fill_normal(c, count, x, 0, 1e-4f);
  ck_orthogonalize(c->kernels, rows, columns, &muon, 1, x, workspace, y);
  double *w = check_doubles(c, count), *wa = check_doubles(c, count), *waa = check_doubles(c, count);
  double *gram = check_doubles(c, columns * columns), squares = 0;
  for (size_t i = 0; i < count; i++) squares += (double)x[i] * (double)x[i];
  for (size_t i = 0; i < count; i++) w[i] = (double)x[i] / sqrt(squares);
  double error = ((double)longer + 1) * ROUNDING, total = 0;
  for (size_t k = 0; k < muon.iterations; k++) {
    product(columns, columns, rows, true, w, w, gram);
    product(rows, columns, columns, false, w, gram, wa);
    product(rows, columns, columns, false, wa, gram, waa);
    for (size_t i = 0; i < count; i++) {
      w[i] = (double)muon.a * w[i] + (double)muon.b * wa[i] + (double)muon.c * waa[i];
    }
    total += error * fabs((double)muon.b / (double)muon.a) + 2 * (double)n * ROUNDING;
    error = error * (double)muon.a * (double)muon.a + 4 * (double)n * ROUNDING;
  }
  double difference = 0;
  for (size_t i = 0; i < count; i++) difference += ((double)y[i] - w[i]) * ((double)y[i] - w[i]);
  check_near(c, "|difference|", 0, sqrt(difference), 0, 1.2 * sqrt((double)n) * total);
}

// A power of two in front of X changes no bit, although the squares of these overflow.
static void test_large(check *c, size_t rows, size_t columns) {
  check_case(c, "orthogonalize %zux%zu, large", rows, columns);
  const size_t count = rows * columns;
  float *x = check_floats(c, count, 1), *y = check_floats(c, count, 3), *large = check_floats(c, count, 1);
  float *workspace = check_floats(c, ck_orthogonalize_workspace(rows, columns), 5);
  check_fill_normal(c, count, x, 0, 1);
  ck_orthogonalize(c->kernels, rows, columns, &muon, 0.2f, x, workspace, y);
  static const int exponents[] = {64, 80, 123};  // normal numbers are below 16
  for (size_t k = 0; k < COUNT(exponents); k++) {
    float *found = check_floats(c, count, 3);
    for (size_t i = 0; i < count; i++) large[i] = ldexpf(x[i], exponents[k]);
    ck_orthogonalize(c->kernels, rows, columns, &muon, 0.2f, large, workspace, found);
    check_exact(c, "y", count, found, y);
  }
}

// What is nearly nothing has no direction; NaN stays NaN.
static void test_edges(check *c) {
  check_case(c, "orthogonalize, edges");
  float *x = check_floats(c, 6, 0), *y = check_floats(c, 6, 0);
  float *workspace = check_floats(c, ck_orthogonalize_workspace(2, 3), 0);
  const float nothing[6] = {0};
  for (int i = 0; i < 6; i++) x[i] = 1e-20f;
  ck_orthogonalize(c->kernels, 2, 3, &muon, 1, x, workspace, y);
  check_exact(c, "y of a tiny X", 6, y, nothing);
  x[3] = NAN;
  ck_orthogonalize(c->kernels, 2, 3, &muon, 1, x, workspace, y);
  for (int i = 0; i < 6; i++) check_that(c, "y is NaN", isnan(y[i]));
}

void suite_orthogonalize(check *c) {
  static const size_t sides[] = {1, 5, 16, 33, 95, 96, 97, 200};
  for (size_t s = 0; s < COUNT(sides) - (c->quick ? 1 : 0); s++) {
    for (int transposed = 0; transposed < 2; transposed++) {
      for (int apart = 0; apart < 2; apart++) {
        test_symmetric(c, sides[s], 7, transposed, apart);
        test_symmetric(c, sides[s], 70, transposed, apart);
      }
    }
  }
  static const size_t shapes[][2] = {{1, 1}, {1, 9}, {6, 25}, {16, 27}, {25, 6}, {33, 33}, {32, 100}, {100, 40}};
  for (size_t s = 0; s < COUNT(shapes); s++) {
    test_diagonal(c, shapes[s][0], shapes[s][1]);
    test_dense(c, shapes[s][0], shapes[s][1]);
    test_large(c, shapes[s][0], shapes[s][1]);
  }
  if (!c->quick) test_diagonal(c, 130, 300);
  test_edges(c);
}
