// Matrix products around vector and tile edges, and everything but the product: alpha, beta, bias, NaN.
#include "gemm_case.h"

static const size_t edges[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 23, 24, 25, 31, 32, 33};
static const size_t few_edges[] = {0, 1, 4, 5, 6, 8, 12, 15, 17, 33};
static const size_t depths[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33};
static const size_t few_depths[] = {0, 1, 3, 17};

static void sweep(check *c, size_t count, const size_t *sizes, size_t depth_count, const size_t *depth) {
  for (size_t i = 0; i < count; i++) {
    for (size_t j = 0; j < count; j++) {
      for (size_t p = 0; p < depth_count; p++) {
        for (int transposes = 0; transposes < 4; transposes++) {
          gemm_case g = {.m = sizes[i], .n = sizes[j], .k = depth[p]};
          g.transpose_a = transposes & 1;
          g.transpose_b = transposes >> 1;
          draw_gemm_options(c, &g);
          check_gemm(c, &g);
        }
      }
    }
  }
}

// Wider than one tile by a vector more or less.
static void sweep_widths(check *c) {
  static const size_t widths[] = {47, 48, 49, 63, 64, 65, 80, 95, 96, 97, 127, 128, 129};
  static const size_t heights[] = {1, 6, 13, 28, 29, 42};
  for (size_t i = 0; i < COUNT(heights); i++) {
    for (size_t j = 0; j < COUNT(widths); j += c->quick ? 3 : 1) {
      for (int transposes = 0; transposes < 4; transposes++) {
        gemm_case g = {.m = heights[i], .n = widths[j], .k = 11};
        g.transpose_a = transposes & 1;
        g.transpose_b = transposes >> 1;
        draw_gemm_options(c, &g);
        check_gemm(c, &g);
      }
    }
  }
}

// Every combination of options at a few shapes.
static void cross_options(check *c) {
  static const size_t shapes[][3] = {{1, 1, 1}, {5, 7, 3}, {13, 33, 17}, {6, 16, 0}, {9, 5, 70}, {14, 40, 300}};
  static const float alphas[] = {0, 1, 2}, betas[] = {0, 1, -3};
  for (size_t s = 0; s < COUNT(shapes) - (c->quick ? 1 : 0); s++) {
    for (unsigned option = 0; option < 9 * 32; option++) {
      unsigned bits = option / 9;
      gemm_case g = {.m = shapes[s][0], .n = shapes[s][1], .k = shapes[s][2]};
      g.alpha = alphas[option % 3];
      g.beta = betas[option / 3 % 3];
      g.transpose_a = bits & 1;
      g.transpose_b = bits & 2;
      g.bias = bits & 4;
      g.whole = bits & 8;
      g.gap_a = g.gap_b = g.gap_c = bits & 16 ? 3 : 0;
      check_gemm(c, &g);
    }
  }
}

// Few rows or few columns of C and long sums: what inner products and tiles across C are made for.
static void sweep_few(check *c, bool transpose_a, bool transpose_b) {
  static const size_t few[] = {1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 15, 16, 17};
  static const size_t many[] = {1, 15, 16, 17, 18, 31, 32, 33, 50, 129};
  static const size_t lengths[] = {31, 32, 63, 64, 65, 68, 71, 72, 79, 80, 81, 255, 256, 257};
  for (size_t i = 0; i < COUNT(few); i++) {
    for (size_t j = 0; j < COUNT(many); j++) {
      for (size_t p = 0; p < COUNT(lengths); p += c->quick ? 5 : 1) {
        for (int swapped = 0; swapped < 2; swapped++) {
          gemm_case g = {.m = swapped ? many[j] : few[i], .n = swapped ? few[i] : many[j], .k = lengths[p]};
          g.transpose_a = transpose_a;
          g.transpose_b = transpose_b;
          draw_gemm_options(c, &g);
          if (g.alpha == 0) g.alpha = 1;  // here the product is the point
          check_gemm(c, &g);
        }
      }
    }
  }
}

// A NaN in A spoils its row of C and one in B its column, not more and not less, even against zeros.
static void spread_nan(check *c, size_t m, size_t n, size_t k, int transposes) {
  bool transpose_a = transposes & 1, transpose_b = transposes & 2;
  check_case(c, "gemm %c%c with NaN m=%zu n=%zu k=%zu", transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n,
             k);
  float *a = check_floats(c, m * k, 1), *b = check_floats(c, k * n, 2), *out = check_floats(c, m * n, 3);
  check_fill_whole(c, m * k, a, 1);
  check_fill_whole(c, k * n, b, 1);
  size_t row = check_index(c, m), column = check_index(c, n), depth = check_index(c, k);
  size_t a_row_step = transpose_a ? 1 : k, a_column_step = transpose_a ? m : 1;
  a[row * a_row_step + check_index(c, k) * a_column_step] = NAN;
  size_t row_step = transpose_b ? 1 : n, column_step = transpose_b ? k : 1;
  b[depth * row_step + column * column_step] = NAN;
  ck_gemm(c->kernels, &(ck_gemm_args){.m = m,
                                      .n = n,
                                      .k = k,
                                      .transpose_a = transpose_a,
                                      .transpose_b = transpose_b,
                                      .alpha = 1,
                                      .a = a,
                                      .lda = transpose_a ? m : k,
                                      .b = b,
                                      .ldb = transpose_b ? k : n,
                                      .c = out,
                                      .ldc = n});
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < n; j++) {
      double sum = 0;
      for (size_t p = 0; p < k; p++) {
        sum += (double)a[i * a_row_step + p * a_column_step] * (double)b[p * row_step + j * column_step];
      }
      check_entry(c, "C", i, j, (double)out[i * n + j], sum, 0);
    }
  }
}

void suite_gemm(check *c) {
  if (c->quick) {
    sweep(c, COUNT(few_edges), few_edges, COUNT(few_depths), few_depths);
  } else {
    sweep(c, COUNT(edges), edges, COUNT(depths), depths);
  }
  sweep_widths(c);
  sweep_few(c, false, true);
  sweep_few(c, true, false);
  sweep_few(c, true, true);
  cross_options(c);
  for (int repeat = 0; repeat < 8; repeat++) {
    for (int transposes = 0; transposes < 4; transposes++) {
      spread_nan(c, 3, 5, 2, transposes);
      spread_nan(c, 29, 70, 40, transposes);
      spread_nan(c, 30, 17, 300, transposes);
      spread_nan(c, 30, 9, 300, transposes);
    }
  }
}
