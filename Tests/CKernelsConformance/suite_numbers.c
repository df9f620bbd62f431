// Right on every number: long sums of equal signs, data far from zero, numbers near the ends of float's range,
// infinities. What double precision gives, rounded, is what is wanted.
#include "conv_case.h"

// A long sum is some hundred float additions at a time, in double between: 1024 in a row of one lane at most. The terms
// here are equal, so roundings lean one way while a sum stays within a power of two: all of them may count.
static const double long_sum = 1026 * ROUNDING;

static float *equal(check *c, size_t n, float value) {
  float *x = check_floats(c, n, 0);
  for (size_t i = 0; i < n; i++) x[i] = value;
  return x;
}

static void test_long_column_sums(check *c, size_t rows, size_t columns) {
  check_case(c, "column_sums of (%zu, %zu) equal numbers", rows, columns);
  float *x = equal(c, rows * columns, 0.1f), *out = check_floats(c, columns, 0);
  ck_column_sums(c->kernels, rows, columns, x, out);
  const double wanted = (double)rows * (double)0.1f;
  for (size_t j = 0; j < columns; j++) check_near(c, "sum", j, (double)out[j], wanted, long_sum * wanted);
}

static void test_long_norm_gradients(check *c, size_t rows, size_t columns) {
  check_case(c, "sums of a norm's gradient over (%zu, %zu)", rows, columns);
  float *x = equal(c, rows * columns, 1), *dy = equal(c, rows * columns, 0.1f), *inverse = equal(c, rows, 1);
  float *mean = equal(c, rows, 0), *dgamma = check_floats(c, columns, 0), *dbeta = check_floats(c, columns, 0);
  const double wanted = (double)rows * (double)0.1f;
  ck_layer_norm_sums(c->kernels, rows, columns, dy, x, mean, inverse, dgamma, dbeta);
  for (size_t j = 0; j < columns; j++) {
    check_near(c, "layer norm's dgamma", j, (double)dgamma[j], wanted, long_sum * wanted);
    check_near(c, "layer norm's dbeta", j, (double)dbeta[j], wanted, long_sum * wanted);
  }
  const ck_channels s = {rows, columns, 1};
  float *gamma = equal(c, columns, 1), *beta = equal(c, columns, 0);
  ck_batch_norm_gradient(c->kernels, &s, dy, x, gamma, beta, false, mean, inverse, dgamma, dbeta, NULL);
  for (size_t j = 0; j < columns; j++) {
    check_near(c, "batch norm's dgamma", j, (double)dgamma[j], wanted, long_sum * wanted);
    check_near(c, "batch norm's dbeta", j, (double)dbeta[j], wanted, long_sum * wanted);
  }
}

static void test_large_pool(check *c, size_t side, float value) {
  check_case(c, "average_pool of %zux%zu numbers %g", side, side, (double)value);
  const ck_pool p = {.height = side, .width = side, .output_height = 1, .output_width = 1, .kernel_height = side,
                     .kernel_width = side, .stride_height = 1, .stride_width = 1};
  float *x = equal(c, side * side, value), y = NAN;
  ck_average_pool(c->kernels, &p, 1, x, &y);
  check_near(c, "mean", 0, (double)y, (double)value, long_sum * (double)value);
}

static void test_deep_gemm(check *c, size_t m, size_t n, size_t k, int transposes) {
  check_case(c, "gemm %zux%zux%zu of equal numbers, transposes %d", m, n, k, transposes);
  float *a = equal(c, m * k, 0.1f), *b = equal(c, k * n, 0.1f), *out = equal(c, m * n, 3), *bias = equal(c, n, 5);
  const bool transpose_a = transposes & 1, transpose_b = transposes & 2;
  ck_gemm(c->kernels, &(ck_gemm_args){.m = m, .n = n, .k = k, .transpose_a = transpose_a, .transpose_b = transpose_b,
                                      .alpha = 2, .beta = 1, .a = a, .lda = transpose_a ? m : k, .b = b,
                                      .ldb = transpose_b ? k : n, .c = out, .ldc = n, .bias = bias});
  const double wanted = 2 * (double)k * (double)0.1f * (double)0.1f + 8;
  for (size_t i = 0; i < m * n; i++) check_near(c, "C", i, (double)out[i], wanted, long_sum * wanted);
}

// Weights that all see the same: interior taps of a kernel without margins.
static void test_large_batch(check *c, ck_conv v) {
  check_case(c, "weight gradient of %zu images, %zu -> %zu channels, algorithm %d", v.images, v.channels, v.filters,
             (int)v.algorithm);
  const size_t positions = ck_conv_output_height(&v) * ck_conv_output_width(&v);
  const size_t weights = v.filters * v.channels * v.kernel_height * v.kernel_width;
  float *x = equal(c, v.images * v.channels * v.height * v.width, 0.1f);
  float *dy = equal(c, v.images * v.filters * positions, 0.1f), *dw = check_floats(c, weights, 0);
  float *workspace = check_floats(c, ck_conv_workspace(c->kernels, &v), 0);
  ck_conv_weight_gradient(c->kernels, &v, x, dy, dw, workspace);
  const double wanted = (double)(v.images * positions) * (double)0.1f * (double)0.1f;
  // Winograd's sums are of transforms, larger than the results: 84 times at most (conv_case.c).
  const double bound = v.algorithm == CK_CONV_WINOGRAD ? 84 * 256 * ROUNDING : long_sum;
  for (size_t i = 0; i < weights; i++) check_near(c, "dw", i, (double)dw[i], wanted, bound * wanted);
}

// Outputs that all see the same: kernels without margins. A chain of channels has some 640 terms, and there are 116
// chains at most: together fewer roundings than are allowed. As one chain, 8192 channels of 3x3 taps are nine times
// further off than that.
static void test_many_channels(check *c, ck_conv v) {
  const size_t taps = v.kernel_height * v.kernel_width, weights = v.filters * v.channels * taps;
  const size_t outputs = v.images * v.filters * ck_conv_output_height(&v) * ck_conv_output_width(&v);
  check_case(c, "convolution of %zu channels, side %zu, kernel %zu, stride %zu, algorithm %d", v.channels, v.width,
             v.kernel_width, v.stride_width, (int)v.algorithm);
  float *x = equal(c, v.images * v.channels * v.height * v.width, 0.1f), *w = equal(c, weights, 0.1f);
  float *bias = equal(c, v.filters, 8), *y = check_floats(c, outputs, 0);
  float *workspace = check_floats(c, ck_conv_workspace(c->kernels, &v), 0);
  ck_conv_forward(c->kernels, &v, x, w, bias, y, workspace);
  const double wanted = (double)(v.channels * taps) * (double)0.1f * (double)0.1f + 8;
  for (size_t i = 0; i < outputs; i++) check_near(c, "y", i, (double)y[i], wanted, long_sum * wanted);
}

// Input gradients of equal numbers with many filters: each pixel's terms are those taps that reach it from an output.
static void test_many_filters(check *c, ck_conv v) {
  const size_t height = ck_conv_output_height(&v), width = ck_conv_output_width(&v), pixels = v.height * v.width;
  check_case(c, "input gradient of %zu filters, side %zu, kernel %zu, stride %zu, algorithm %d", v.filters, v.width,
             v.kernel_width, v.stride_width, (int)v.algorithm);
  double *uses = check_doubles(c, pixels);
  for (size_t i = 0; i < pixels; i++) uses[i] = 0;
  for (size_t p = 0; p < height * width; p++) {
    for (size_t tap = 0; tap < v.kernel_height * v.kernel_width; tap++) {
      const ptrdiff_t pixel = conv_pixel(&v, p / width, p % width, tap / v.kernel_width, tap % v.kernel_width);
      if (pixel >= 0) uses[pixel] += 1;
    }
  }
  float *dy = equal(c, v.images * v.filters * height * width, 0.1f);
  float *w = equal(c, v.filters * v.channels * v.kernel_height * v.kernel_width, 0.1f);
  float *dx = check_floats(c, v.images * v.channels * pixels, 0);
  float *workspace = check_floats(c, ck_conv_workspace(c->kernels, &v), 0);
  ck_conv_input_gradient(c->kernels, &v, dy, w, dx, workspace);
  for (size_t i = 0; i < v.images * v.channels * pixels; i++) {
    const double wanted = (double)v.filters * uses[i % pixels] * (double)0.1f * (double)0.1f;
    check_near(c, "dx", i, (double)dx[i], wanted, long_sum * wanted);
  }
}

// Sums over many channels, by every way that images of this width can go.
static void test_deep_convolutions(check *c, ck_conv_algorithm algorithm, size_t deep, size_t width) {
  for (size_t stride = 1; stride <= 2; stride++) {
    for (size_t images = 1; images <= 16; images += 15) {
      ck_conv many = square_conv(images, deep, 4 + stride, images > 1 ? 2 : 16, 3, stride, 0);
      many.algorithm = algorithm, many.width = width;
      test_many_channels(c, many);
      many.channels = many.filters, many.filters = deep;
      test_many_filters(c, many);
    }
  }
}

// What a normalization makes of n numbers, in double.
typedef struct normalized {
  double mean, inverse, variance;
} normalized;

static normalized normalize(size_t n, size_t stride, const float *x, double epsilon) {
  normalized r = {0, 0, 0};
  for (size_t i = 0; i < n; i++) r.mean += (double)x[i * stride] / (double)n;
  for (size_t i = 0; i < n; i++) {
    r.variance += ((double)x[i * stride] - r.mean) * ((double)x[i * stride] - r.mean) / (double)n;
  }
  r.inverse = 1 / sqrt(r.variance + epsilon);
  return r;
}

// A variance's error is at most 17 times that of its squares, of which 4096 / 4 / V_LANES + 24 are added in a row at
// most: 280 additions of half an epsilon, and half of that for the deviation. Roundings of equal sign are improbable:
// a tenth is still seven times what comes out.
static const double normal_bound = 0.1 * 17 * 280 * ROUNDING / 2;

static void check_normal_outputs(check *c, const char *what, size_t n, size_t stride, const float *x, const float *y,
                                 double epsilon, float mean, float inverse) {
  const normalized r = normalize(n, stride, x, epsilon);
  for (size_t i = 0; i < n; i++) {
    const double wanted = ((double)x[i * stride] - r.mean) * r.inverse;
    check_near(c, what, i, (double)y[i * stride], wanted, normal_bound * (fabs(wanted) + 1));
  }
  check_near(c, "mean", 0, (double)mean, r.mean, ROUNDING * fabs(r.mean) + normal_bound / r.inverse);
  // Deviations near the end of float's range have inverses below the smallest normal number.
  check_near(c, "inverse", 0, (double)inverse, r.inverse, normal_bound * r.inverse + (double)FLT_TRUE_MIN);
}

// The gradient by x for a gradient of alternating signs, which no sum of its own hides.
static void check_normal_gradient(check *c, const char *what, size_t n, size_t stride, const float *x, const float *dy,
                                  const float *dx, double epsilon) {
  const normalized r = normalize(n, stride, x, epsilon);
  double sum = 0, dot = 0;
  for (size_t i = 0; i < n; i++) {
    sum += (double)dy[i * stride];
    dot += (double)dy[i * stride] * ((double)x[i * stride] - r.mean) * r.inverse;
  }
  for (size_t i = 0; i < n; i++) {
    const double xh = ((double)x[i * stride] - r.mean) * r.inverse;
    const double wanted = r.inverse * ((double)dy[i * stride] - sum / (double)n - xh * dot / (double)n);
    const double size = r.inverse * (fabs((double)dy[i * stride]) + fabs(sum) / (double)n +
                                     fabs(xh) * (fabs(dot) / (double)n + 1));
    check_near(c, what, i, (double)dx[i * stride], wanted, 2 * normal_bound * size + (double)FLT_TRUE_MIN);
  }
}

static void test_norms(check *c, const char *data, size_t n, const float *numbers, float epsilon) {
  check_case(c, "normalization of %s, n=%zu:", data, n);
  float *x = check_copy(c, n, numbers), *y = check_floats(c, n, 0), *dy = check_floats(c, n, 0);
  float *dx = check_floats(c, n, 0), *gamma = equal(c, n, 1), *beta = equal(c, n, 0);
  for (size_t i = 0; i < n; i++) dy[i] = i % 3 ? 1.0f : -0.5f;
  float mean, inverse, variance, dgamma, dbeta;
  ck_layer_norm(c->kernels, 1, n, epsilon, x, gamma, beta, &mean, &inverse, y);
  check_normal_outputs(c, "layer norm", n, 1, x, y, (double)epsilon, mean, inverse);
  ck_layer_norm_gradient(c->kernels, 1, n, dy, x, gamma, &mean, &inverse, dx);
  check_normal_gradient(c, "layer norm's dx", n, 1, x, dy, dx, (double)epsilon);

  const ck_channels shape = {1, 1, n};
  for (int relu = 0; relu < 2; relu++) {
    ck_batch_norm(c->kernels, &shape, epsilon, x, gamma, beta, relu, &mean, &variance, &inverse, y);
    if (!relu) check_normal_outputs(c, "batch norm", n, 1, x, y, (double)epsilon, mean, inverse);
    check_that(c, "the variance is finite", isfinite(variance));
    for (size_t i = 0; i < n && relu; i++) check_that(c, "rectified results are not negative", y[i] >= 0);
    ck_batch_norm_gradient(c->kernels, &shape, dy, x, gamma, beta, relu, &mean, &inverse, &dgamma, &dbeta, dx);
    if (!relu) check_normal_gradient(c, "batch norm's dx", n, 1, x, dy, dx, (double)epsilon);
    double counted = 0;
    for (size_t i = 0; i < n; i++) counted += !relu || y[i] > 0 ? (double)dy[i] : 0;
    check_near(c, "dbeta", relu, (double)dbeta, counted, long_sum * (double)n);
  }

  // As one of several columns, whose neighbours are nothing special.
  enum { COLUMNS = 19, AT = 17 };
  const ck_channels columns = {n, COLUMNS, 1};
  float *table = check_floats(c, n * COLUMNS, 0), *out = check_floats(c, n * COLUMNS, 0);
  float *slopes = check_floats(c, n * COLUMNS, 0), *wide = check_floats(c, n * COLUMNS, 0);
  float *moments[6];
  for (int i = 0; i < 6; i++) moments[i] = equal(c, COLUMNS, i == 0);
  check_fill_normal(c, n * COLUMNS, table, 0, 1);
  check_fill_normal(c, n * COLUMNS, wide, 0, 1);
  for (size_t i = 0; i < n; i++) table[i * COLUMNS + AT] = x[i], wide[i * COLUMNS + AT] = dy[i];
  ck_batch_norm(c->kernels, &columns, epsilon, table, moments[0], moments[1], false, moments[2], moments[3],
                moments[4], out);
  check_normal_outputs(c, "a column", n, COLUMNS, table + AT, out + AT, (double)epsilon, moments[2][AT],
                       moments[4][AT]);
  ck_batch_norm_gradient(c->kernels, &columns, wide, table, moments[0], moments[1], false, moments[2], moments[4],
                         moments[3], moments[5], slopes);
  check_normal_gradient(c, "a column's dx", n, COLUMNS, table + AT, wide + AT, slopes + AT, (double)epsilon);
}

static void test_normalizations(check *c) {
  static const float far[] = {16777212, 16777213, 16777214, 16777215}, huge[] = {1e30f, -1e30f, 1e30f, -1e30f};
  static const float largest[] = {3e38f, -3e38f, 3e38f, -3e38f}, lopsided[] = {3e38f, -3e38f, -3e38f, -3e38f};
  static const float small[] = {1e-25f, -1e-25f, 3e-25f, 2e-25f};
  test_norms(c, "numbers near 2^24", 4, far, 1e-5f);
  test_norms(c, "+-1e30", 4, huge, 1e-5f);
  test_norms(c, "+-3e38", 4, largest, 1e-5f);
  test_norms(c, "one 3e38 among -3e38", 4, lopsided, 1e-5f);
  test_norms(c, "1e-25", 4, small, 1e-5f);
  static const float offsets[] = {1e3f, 1e6f, -1e30f}, means[] = {0, 100, 1e5f, -1e7f};
  for (size_t n = 5; n <= 4096; n = n == 5 ? 67 : n == 67 ? 4096 : 5000) {
    float *x = check_floats(c, n, 0), kept[4096];
    for (size_t k = 0; k < COUNT(means); k++) {
      for (size_t i = 0; i < n; i++) kept[i] = means[k] + check_normal(c);
      test_norms(c, k ? "numbers far from 0" : "normal numbers", n, kept, 1e-5f);
    }
    for (size_t k = 0; k < COUNT(offsets); k++) {
      for (size_t i = 0; i < n; i++) kept[i] = check_normal(c);
      kept[0] = offsets[k];
      test_norms(c, "numbers about 0 with a first one far off", n, kept, 1e-5f);
    }
    for (size_t i = 0; i < n; i++) kept[i] = 7;
    test_norms(c, "equal numbers", n, kept, 1e-5f);
    (void)x;
  }
}

// Sums of which floats hold no part.
static void test_ranges(check *c, size_t n) {
  check_case(c, "sums beyond float's range, n=%zu", n);
  float *x = check_floats(c, n, 0), *ones = equal(c, n, 1), out = 0, pair[4] = {3e38f, 3e38f, 3e38f, 3e38f};
  double dot = 0;
  static const float sizes[] = {1e20f, 1e-25f, 1e-40f};
  for (size_t s = 0; s < COUNT(sizes); s++) {
    for (size_t i = 0; i < n; i++) x[i] = sizes[s];
    const double wanted = (double)n * (double)sizes[s] * (double)sizes[s];
    check_near(c, "dot", s, ck_dot(c->kernels, n, x, x), wanted, 1e-12 * wanted);
    ck_column_dots(c->kernels, n, 1, x, x, &dot);
    check_near(c, "column dot", s, dot, wanted, 1e-12 * wanted);
    ck_row_dots(c->kernels, 1, n, x, x, &dot);
    check_near(c, "row dot", s, dot, wanted, 1e-12 * wanted);
  }
  for (size_t i = 0; i < n; i++) x[i] = i % 4 < 2 ? 3e38f : -3e38f;
  const double left = n % 4 == 0 ? 0 : n % 4 == 2 ? 2 * (double)3e38f : (double)3e38f;
  ck_column_sums(c->kernels, n, 1, x, &out);
  check_near(c, "column sum", 0, (double)out, (double)(float)left, 0);
  ck_channel_sums(c->kernels, 1, 1, n, x, &out);
  check_near(c, "channel sum", 0, (double)out, (double)(float)left, 0);
  ck_row_means(c->kernels, 1, n, x, &out);
  check_near(c, "row mean", 0, (double)out, left / (double)n, ROUNDING * fabs(left) / (double)n);
  check_near(c, "dot with ones", 0, ck_dot(c->kernels, n, x, ones), left, 1e-12 * 3e38);
  const ck_pool quarters = {2, 2, 1, 1, 2, 2, 2, 2, 0, 0}, strip = {1, 4, 1, 1, 1, 4, 1, 1, 0, 0};
  ck_average_pool(c->kernels, &quarters, 1, pair, &out);
  check_near(c, "mean of a quarter", 0, (double)out, (double)3e38f, ROUNDING * 3e38);
  ck_average_pool(c->kernels, &strip, 1, pair, &out);
  check_near(c, "mean of a strip", 0, (double)out, (double)3e38f, ROUNDING * 3e38);
}

// Squares of gradients, and slopes along a way of 1, of which floats hold no part. Squares are summed in double: by lanes,
// fewer than 9000 roundings of 2^-53.
static void test_update_sums(check *c, size_t n) {
  check_case(c, "sums of updates beyond float's range, n=%zu", n);
  float *w0 = equal(c, n, 2), *w = equal(c, n, 1), *g = check_floats(c, n, 0), *path = equal(c, n, 0);
  float *m = equal(c, n, 0), *v = equal(c, n, 0), *s = equal(c, n, 0);
  static const float sizes[] = {1e20f, 1e-25f, 3e38f};
  for (size_t k = 0; k < COUNT(sizes); k++) {
    for (size_t i = 0; i < n; i++) g[i] = sizes[k];
    const double size = (double)sizes[k], slope = (double)n * size, squares = slope * size;
    const ck_path_sums sums = ck_path_sums_of(c->kernels, n, w0, w, g, g);
    check_near(c, "slope at the start", k, sums.start_slope, slope, long_sum * slope);
    check_near(c, "slope at the end", k, sums.end_slope, slope, long_sum * slope);
    check_near(c, "squares at the start", k, sums.start_squared, squares, 1e-12 * squares);
    check_near(c, "squares at the end", k, sums.end_squared, squares, 1e-12 * squares);
    const ck_distance_sums distance = ck_distance_sums_of(c->kernels, n, w0, w, g);
    check_near(c, "squared gradient beside a distance", k, distance.gradient_squared, squares, 1e-12 * squares);
    const ck_mechanic_sums mechanic = ck_mechanic_path(c->kernels, n, 1, g, w0, w0, path);
    check_near(c, "squared gradient beside a path", k, mechanic.gradient_squared, squares, 1e-12 * squares);
    const ck_prodigy_args prodigy = {.beta1 = 0.9f, .beta2 = 0.999f, .beta3 = 0.99f, .d = 1e-6f, .weight = 1e-6f};
    const ck_prodigy_sums found = ck_prodigy_moments(c->kernels, n, &prodigy, g, w0, w, m, v, s);
    check_near(c, "Prodigy's progress", k, found.progress, slope, long_sum * slope);
  }
  for (size_t i = 0; i < n; i++) w[i] = 1e20f;
  const ck_mechanic_sums far = ck_mechanic_path(c->kernels, n, 1, w0, w0, w, path);
  check_near(c, "squared weight", 0, far.weight_squared, (double)n * (double)w[0] * (double)w[0], 1e28 * (double)n);
}

static void test_losses(check *c) {
  check_case(c, "losses beyond float's range");
  enum { N = 1500 };
  float *x = check_floats(c, N, 0), *target = equal(c, N, 0), *gradient = check_floats(c, N, 0);
  static const float sizes[] = {1e30f, 1e-25f};
  for (size_t s = 0; s < COUNT(sizes); s++) {
    for (size_t i = 0; i < N; i++) x[i] = i % 2 ? sizes[s] : -sizes[s];
    const double wanted = (double)sizes[s] * (double)sizes[s];
    check_near(c, "mean squared error", s, ck_mean_squared_error(c->kernels, N, x, target, gradient), wanted,
               1e-12 * wanted);
    for (size_t i = 0; i < N; i++) {
      const double slope = 2 * (double)x[i] / N;
      check_near(c, "gradient", i, (double)gradient[i], slope, 3 * ROUNDING * fabs(slope));
    }
  }
  const size_t columns = c->quick ? 1 << 18 : 1 << 21;
  check_case(c, "cross entropy of %zu equal logits", columns);
  float *logits = equal(c, columns, 3.7f), *slopes = check_floats(c, columns, 0);
  const int32_t label = 5;
  double loss = ck_softmax_cross_entropy(c->kernels, &check_plain_entropy, 1, columns, logits, &label, slopes);
  check_near(c, "loss", 0, loss, log((double)columns), 1e-6);
  check_near(c, "probability", 0, (double)slopes[0], 1 / (double)columns, long_sum / (double)columns);
}

// Adam, NAdam's direction and SOAA with gradients and epsilons near the ends of float's range, against the same in
// double.
static void test_optimizers(check *c) {
  static const float cases[][2] = {  // gradient, epsilon
      {0, 1e-39f}, {0, 1e-8f}, {1e20f, 1e-8f}, {-1e20f, 1e-39f}, {1e-15f, 1e-30f}, {1e-17f, 1e-12f}};
  enum { STEPS = 40 };
  for (size_t k = 0; k < COUNT(cases); k++) {
    check_case(c, "optimizers with a gradient of %g, then ones; epsilon %g", (double)cases[k][0],
               (double)cases[k][1]);
    double m = 0, v = 0, w = 1;
    float fm = 0, fv = 0, fw = 1, nm = 0, nv = 0, sm = 0, sv = 0, sw = 1;
    for (int step = 1; step <= STEPS; step++) {
      const float g = step == 1 ? cases[k][0] : cases[k][0] == 0 ? 0 : fabsf(cases[k][0]) > 1 ? 1 : cases[k][0];
      ck_adam_args a = {.rate = 0.01f, .decay_factor = 1, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = cases[k][1]};
      a.correction1 = (float)(1 - pow((double)0.9f, step)), a.correction2 = (float)(1 - pow((double)0.999f, step));
      m = (double)a.beta1 * m + (1 - (double)a.beta1) * (double)g;
      v = (double)a.beta2 * v + (1 - (double)a.beta2) * (double)g * (double)g;
      const double deviation = sqrt(v / (double)a.correction2) + (double)a.epsilon;
      w -= (double)a.rate * (m / (double)a.correction1) / deviation;
      ck_adam(c->kernels, 1, &a, &g, &fm, &fv, &fw);
      // Each step is of the size of the rate, with some dozen roundings and the least epsilon, 3.5e-18 of 1e-15.
      check_near(c, "w", (size_t)step, (double)fw, w, (double)step * (2e-7 + 0.01 * 0.005));
      const ck_nadam_args n = {.beta1 = a.beta1, .beta2 = a.beta2, .epsilon = a.epsilon, .correction1 = a.correction1,
                               .correction2 = a.correction2};
      float d = NAN;
      const double squared = ck_nadam_direction(c->kernels, 1, &n, &g, &nm, &nv, &nm, &nv, &d);
      const double ahead = (double)a.beta1 * m / (double)a.correction1 + (1 - (double)a.beta1) * (double)g;
      // Four roundings a step in the moments, a dozen behind them, and the least epsilon again.
      const double bound = (4 * step + 12) * ROUNDING + 0.005;
      check_near(c, "NAdam's d", (size_t)step, (double)d, ahead / deviation, bound * fabs(ahead / deviation));
      check_near(c, "d^2", (size_t)step, squared, (double)d * (double)d, ROUNDING * (double)d * (double)d);
      const ck_soaa_args s = {.rate = 0.01f, .decay_factor = 1, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = cases[k][1],
                              .correction1 = a.correction1, .correction2 = a.correction2, .fisher = 1.5f, .radius = 1};
      const ck_soaa_sums sums = ck_soaa_moments(c->kernels, 1, &s, &g, &sm, &sv);
      const double reduction = ck_soaa_step(c->kernels, 1, &s, &g, &sm, &sv, &sw);
      check_that(c, "SOAA's sums are numbers", isfinite(sums.first_squared) && isfinite(sums.second));
      check_that(c, "SOAA's reduction is a number", isfinite(reduction));
      check_that(c, "SOAA's step is at most one of the size of the rate", fabsf(sw - 1) <= (float)step * 0.0101f);
      if (cases[k][0] == 0) check_near(c, "weight without a gradient", 0, (double)sw, 1, 0);
    }
  }
}

void suite_numbers(check *c) {
  const size_t rows = c->quick ? 1 << 20 : 4000000;
  test_long_column_sums(c, rows, 2);
  test_long_column_sums(c, rows, 1);
  test_long_column_sums(c, 5000, 1500);
  test_long_norm_gradients(c, rows, 1);
  test_long_norm_gradients(c, 5000, 600);
  test_large_pool(c, 1000, 0.1f);
  test_large_pool(c, 16, 0.1f);
  test_large_pool(c, 17, 0.1f);
  for (int transposes = 0; transposes < 4; transposes++) {
    test_deep_gemm(c, 1, 1, rows, transposes);
    test_deep_gemm(c, 5, 3, 200000, transposes);
    if (!c->quick) test_deep_gemm(c, 130, 260, 66000, transposes);
  }
  const size_t images = c->quick ? 20000 : 100000;
  for (int algorithm = CK_CONV_DIRECT; algorithm <= CK_CONV_REFERENCE; algorithm++) {
    ck_conv few = square_conv(images, 1, 5, 1, 3, 1, 0), strips = square_conv(1, 2, 3, 3, 3, 1, 0);
    few.algorithm = strips.algorithm = (ck_conv_algorithm)algorithm;
    test_large_batch(c, few);
    few.images /= 20, few.channels = 16, few.filters = 16;
    test_large_batch(c, few);
    strips.width = images * 5;
    test_large_batch(c, strips);
    test_deep_convolutions(c, (ck_conv_algorithm)algorithm, 8192, 5);
    test_deep_convolutions(c, (ck_conv_algorithm)algorithm, 2000, 18);  // rows of whole vectors, and Winograd's
  }
  test_normalizations(c);
  test_ranges(c, 4);
  test_ranges(c, 10007);
  test_update_sums(c, 4);
  test_update_sums(c, 10007);
  test_losses(c);
  test_optimizers(c);
}
