// Newton and Schulz's iteration on the smaller Gram matrix: a handful of symmetric products, then one with X itself.
#include "update_kernels.h"

#include <math.h>
#include <string.h>

typedef struct gram {
  const ck_kernels *kernels;
  size_t n;
  const ck_newton_schulz *polynomial;
} gram;

// c = a b, which commute.
static void multiply(const gram *g, const float *a, const float *b, float *c) {
  ck_gemm_symmetric(g->kernels, &(ck_gemm_args){.m = g->n, .n = g->n, .k = g->n, .alpha = 1, .a = a, .lda = g->n,
                                                .b = b, .ldb = g->n, .c = c, .ldc = g->n}, NULL);
}

// out = a I + b A + c A^2
static void evaluate(const gram *g, const float *matrix, float *out) {
  const size_t n = g->n;
  ck_gemm_symmetric(g->kernels, &(ck_gemm_args){.m = n, .n = n, .k = n, .alpha = g->polynomial->c,
                                                .beta = g->polynomial->b, .a = matrix, .lda = n, .b = matrix,
                                                .ldb = n, .c = out, .ldc = n}, matrix);
  for (size_t i = 0; i < n; i++) out[i * n + i] += g->polynomial->a;
}

// The Gram matrix of X over its shorter axis; returns its trace, the squared norm of X.
static double gram_matrix(const gram *g, size_t rows, size_t columns, const float *x, float *matrix) {
  const size_t n = g->n;
  const bool tall = rows > columns;
  ck_gemm_symmetric(g->kernels, &(ck_gemm_args){.m = n, .n = n, .k = tall ? rows : columns, .transpose_a = tall,
                                                .transpose_b = !tall, .alpha = 1, .a = x, .lda = columns, .b = x,
                                                .ldb = columns, .c = matrix, .ldc = n}, NULL);
  double trace = 0;
  for (size_t i = 0; i < n; i++) trace += (double)matrix[i * n + i];
  return trace;
}

static size_t shorter_axis(size_t rows, size_t columns) { return smaller(rows, columns); }

size_t ck_orthogonalize_workspace(size_t rows, size_t columns) {
  const size_t n = shorter_axis(rows, columns);
  return 4 * n * n;
}

void ck_orthogonalize(const ck_kernels *kernels, size_t rows, size_t columns, const ck_newton_schulz *polynomial,
                      float scale, const float *x, float *workspace, float *y) {
  static const double smallest = 1e-30, largest = 1e37;  // of a squared norm
  static const float unit = 0x1p-96f;  // any float times this has a square that is far from the end of float's range
  const size_t n = shorter_axis(rows, columns);
  const bool tall = rows > columns;
  const gram g = {kernels, n, polynomial};
  float *matrix = workspace, *step = matrix + n * n, *product = step + n * n, *next = product + n * n;

  double squared_norm = gram_matrix(&g, rows, columns, x, matrix);
  const bool is_large = !(squared_norm <= largest);
  if (is_large) {
    memcpy(y, x, rows * columns * sizeof *y);
    ck_scale(kernels, rows * columns, unit, y);
    squared_norm = gram_matrix(&g, rows, columns, y, matrix);
  }
  if (squared_norm < smallest) {
    memset(y, 0, rows * columns * sizeof *y);
    return;
  }
  ck_scale(kernels, n * n, (float)(1 / squared_norm), matrix);

  evaluate(&g, matrix, product);
  if (polynomial->iterations > 1) {
    multiply(&g, matrix, product, next);
    multiply(&g, next, product, matrix);
  }
  for (size_t iteration = 1; iteration < polynomial->iterations; iteration++) {
    evaluate(&g, matrix, step);
    multiply(&g, product, step, next);
    float *const old = product;
    product = next, next = old;
    if (iteration + 1 == polynomial->iterations) break;
    multiply(&g, matrix, step, next);
    multiply(&g, next, step, matrix);
  }

  if (is_large) ck_scale(kernels, n * n, unit, product);  // as the norm, so that X itself is read as it is
  const float alpha = (float)((double)scale / sqrt(squared_norm));
  ck_gemm(kernels, &(ck_gemm_args){.m = rows, .n = columns, .k = n, .alpha = alpha, .a = tall ? x : product,
                                   .lda = n, .b = tall ? product : x, .ldb = tall ? n : columns, .c = y,
                                   .ldc = columns});
}
