#include "gemm_case.h"

// A matrix as it is stored. Gaps keep the NaN that check_floats puts there.
typedef struct stored {
  size_t rows, columns, stride;
  float *data;
} stored;

static stored make_stored(check *c, size_t rows, size_t columns, size_t gap) {
  size_t stride = columns + gap;
  size_t length = rows == 0 ? 0 : (rows - 1) * stride + columns;
  return (stored){rows, columns, stride, check_floats(c, length, check_index(c, 17))};
}

static void fill(check *c, const stored *s, bool whole, int magnitude) {
  for (size_t i = 0; i < s->rows; i++) {
    float *row = s->data + i * s->stride;
    if (whole) {
      check_fill_whole(c, s->columns, row, magnitude);
    } else {
      check_fill_uniform(c, s->columns, row, -1, 1);
    }
  }
}

// Row i of op(A) op(B), and the same sums over magnitudes.
static void reference_row(const gemm_case *g, size_t i, const stored *a, const stored *b, double *sums,
                          double *magnitudes) {
  size_t row_step = g->transpose_b ? 1 : b->stride, column_step = g->transpose_b ? b->stride : 1;
  for (size_t j = 0; j < g->n; j++) sums[j] = magnitudes[j] = 0;
  for (size_t p = 0; p < g->k; p++) {
    double x = (double)(g->transpose_a ? a->data[p * a->stride + i] : a->data[i * a->stride + p]);
    const float *row = b->data + p * row_step;
    for (size_t j = 0; j < g->n; j++) {
      double product = x * (double)row[j * column_step];
      sums[j] += product;
      magnitudes[j] += fabs(product);
    }
  }
}

static void compare(check *c, const gemm_case *g, const stored *a, const stored *b, const stored *before,
                    const stored *after, const float *bias) {
  double *sums = check_doubles(c, g->n), *magnitudes = check_doubles(c, g->n);
  double alpha = (double)g->alpha, beta = (double)g->beta;
  // A product is rounded once and passes at most k additions, whatever their order, then alpha, beta C and bias: at
  // most k + 4 roundings of half an epsilon. (k + 2) whole ones leave room for the second-order terms.
  double unit = g->whole ? 0 : (double)(g->k + 2) * (double)FLT_EPSILON;
  for (size_t i = 0; i < g->m; i++) {
    bool reads = g->alpha != 0;
    if (reads) reference_row(g, i, a, b, sums, magnitudes);
    for (size_t j = 0; j < g->n; j++) {
      double wanted = reads ? alpha * sums[j] : 0, magnitude = reads ? fabs(alpha) * magnitudes[j] : 0;
      if (g->beta != 0) {
        double old = beta * (double)before->data[i * before->stride + j];
        wanted += old;
        magnitude += fabs(old);
      }
      if (bias != NULL) {
        wanted += (double)bias[j];
        magnitude += fabs((double)bias[j]);
      }
      check_entry(c, "C", i, j, (double)after->data[i * after->stride + j], wanted, unit * magnitude);
    }
    if (i + 1 < g->m) {
      check_untouched(c, "the gap behind a row of C", g->gap_c, after->data + i * after->stride + g->n);
    }
  }
}

void check_gemm(check *c, const gemm_case *g) {
  check_case(c, "gemm %c%c m=%zu n=%zu k=%zu alpha=%g beta=%g bias=%d gaps=%zu,%zu,%zu %s",
             g->transpose_a ? 'T' : 'N', g->transpose_b ? 'T' : 'N', g->m, g->n, g->k, (double)g->alpha,
             (double)g->beta, g->bias, g->gap_a, g->gap_b, g->gap_c, g->whole ? "whole" : "real");
  stored a = make_stored(c, g->transpose_a ? g->k : g->m, g->transpose_a ? g->m : g->k, g->gap_a);
  stored b = make_stored(c, g->transpose_b ? g->n : g->k, g->transpose_b ? g->k : g->n, g->gap_b);
  stored after = make_stored(c, g->m, g->n, g->gap_c), before = after;
  // What may not be read stays NaN: A and B with alpha 0, C with beta 0.
  if (g->alpha != 0) {
    fill(c, &a, g->whole, 3);
    fill(c, &b, g->whole, 3);
  }
  if (g->beta != 0) fill(c, &after, g->whole, 9);
  before.data = check_copy(c, after.rows == 0 ? 0 : (after.rows - 1) * after.stride + after.columns, after.data);
  float *bias = NULL;
  if (g->bias) {
    bias = check_floats(c, g->n, check_index(c, 17));
    fill(c, &(stored){1, g->n, g->n, bias}, g->whole, 9);
  }
  bool absent = (g->alpha == 0 || g->m == 0 || g->n == 0 || g->k == 0) && check_index(c, 2) == 0;
  ck_gemm(c->kernels, &(ck_gemm_args){.m = g->m,
                                      .n = g->n,
                                      .k = g->k,
                                      .transpose_a = g->transpose_a,
                                      .transpose_b = g->transpose_b,
                                      .alpha = g->alpha,
                                      .beta = g->beta,
                                      .a = absent ? NULL : a.data,
                                      .lda = a.stride,
                                      .b = absent ? NULL : b.data,
                                      .ldb = b.stride,
                                      .c = after.data,
                                      .ldc = after.stride,
                                      .bias = bias});
  compare(c, g, &a, &b, &before, &after, bias);
}

void draw_gemm_options(check *c, gemm_case *g) {
  static const size_t gaps[] = {0, 0, 1, 5, 16};
  g->whole = check_index(c, 4) != 0;
  const float alphas[] = {1, 1, g->whole ? 2 : 1.3f, 0}, betas[] = {0, 0, 1, g->whole ? -3 : -0.7f};
  g->alpha = alphas[check_index(c, COUNT(alphas))];
  g->beta = betas[check_index(c, COUNT(betas))];
  g->bias = check_index(c, 2) == 0;
  g->gap_a = gaps[check_index(c, COUNT(gaps))];
  g->gap_b = gaps[check_index(c, COUNT(gaps))];
  g->gap_c = gaps[check_index(c, COUNT(gaps))];
}
