// Normalization against double precision, with bounds that follow the roundings.
#include "check.h"

// What is added up in float before it goes on in double, and a vector's lanes at the end.
static double additions(size_t n) { return (double)(n < 4096 ? n : 4096) + 8; }

// The moments of n elements, and how far the kernel's may be off.
typedef struct moments {
  double mean, variance, inverse, mean_error, variance_error, inverse_error;
} moments;

// Element i of the n that are normalized together is x[place(i)].
typedef struct places {
  size_t n, run, stride;
} places;

static size_t place(places p, size_t i) { return i / p.run * p.stride + i % p.run; }

static moments moments_of(places p, const float *x, double epsilon) {
  double n = (double)p.n, pivot = (double)x[0], sum = 0, magnitude = 0, squares = 0;
  for (size_t i = 0; i < p.n; i++) {
    double distance = (double)x[place(p, i)] - pivot;
    sum += distance;
    magnitude += fabs(distance);
    squares += distance * distance;
  }
  moments m = {.mean = pivot + sum / n};
  for (size_t i = 0; i < p.n; i++) {
    double distance = (double)x[place(p, i)] - m.mean;
    m.variance += distance * distance / n;
  }
  m.inverse = 1 / sqrt(m.variance + epsilon);
  // Each distance is rounded once and passes the additions; the mean and the variance are rounded to float.
  double offset_error = (additions(p.n) + 2) * ROUNDING * magnitude / n;
  m.mean_error = offset_error + 2 * ROUNDING * fabs(m.mean);
  m.variance_error = (additions(p.n) + 4) * ROUNDING * squares / n +
                     offset_error * (2 * fabs(sum / n) + offset_error) + 2 * ROUNDING * m.variance;
  // d (v + e)^(-1/2) = -(v + e)^(-3/2) dv / 2, doubled for what is not linear.
  m.inverse_error = m.inverse * (m.variance_error / (m.variance + epsilon) + 2 * ROUNDING);
  return m;
}

static void check_normalized(check *c, places p, moments m, const float *x, double gamma, double beta, const float *y) {
  for (size_t i = 0; i < p.n; i++) {
    double distance = (double)x[place(p, i)] - m.mean, wanted = distance * m.inverse * gamma + beta;
    double bound = fabs(gamma) * (m.inverse * (m.mean_error + 5 * ROUNDING * fabs(distance)) +
                                  m.inverse_error * (fabs(distance) + m.mean_error)) +
                   2 * ROUNDING * (fabs(wanted) + fabs(beta));
    check_near(c, "y", place(p, i), (double)y[place(p, i)], wanted, bound);
  }
}

static void test_batch_norm(check *c, ck_channels s, float mean_value, float deviation) {
  check_case(c, "batch_norm images=%zu channels=%zu area=%zu mean=%g", s.images, s.channels, s.area,
             (double)mean_value);
  const float epsilon = 1e-5f;
  size_t n = s.images * s.channels * s.area;
  float *x = check_floats(c, n, 1), *y = check_floats(c, n, 2), *gamma = check_floats(c, s.channels, 1);
  float *beta = check_floats(c, s.channels, 2), *mean = check_floats(c, s.channels, 3);
  float *variance = check_floats(c, s.channels, 0), *inverse = check_floats(c, s.channels, 1);
  check_fill_normal(c, n, x, mean_value, deviation);
  check_fill_uniform(c, s.channels, gamma, -2, 2);
  check_fill_uniform(c, s.channels, beta, -1, 1);
  ck_batch_norm(c->kernels, &s, epsilon, x, gamma, beta, false, mean, variance, inverse, y);
  places p = {s.images * s.area, s.area, s.channels * s.area};
  for (size_t k = 0; k < s.channels; k++) {
    moments m = moments_of(p, x + k * s.area, (double)epsilon);
    check_near(c, "mean", k, (double)mean[k], m.mean, m.mean_error);
    check_near(c, "variance", k, (double)variance[k], m.variance, m.variance_error);
    check_near(c, "inverse", k, (double)inverse[k], m.inverse, m.inverse_error);
    check_normalized(c, p, m, x + k * s.area, (double)gamma[k], (double)beta[k], y + k * s.area);
  }
  // Rectified, it is the same cut off at 0.
  float *rectified = check_floats(c, n, 5);
  ck_batch_norm(c->kernels, &s, epsilon, x, gamma, beta, true, mean, variance, inverse, rectified);
  for (size_t i = 0; i < n; i++) check_near(c, "rectified y", i, (double)rectified[i], fmax((double)y[i], 0), 0);
  // NaN spoils its own channel and no other.
  size_t poisoned = check_index(c, s.channels), other = (poisoned + 1) % s.channels;
  double kept = (double)y[other * s.area];
  x[poisoned * s.area + check_index(c, s.area)] = NAN;
  ck_batch_norm(c->kernels, &s, epsilon, x, gamma, beta, false, mean, variance, inverse, y);
  ck_batch_norm(c->kernels, &s, epsilon, x, gamma, beta, true, mean, variance, inverse, rectified);
  check_near(c, "poisoned rectified y", poisoned, (double)rectified[poisoned * s.area], NAN, 0);
  check_near(c, "poisoned y", poisoned, (double)y[poisoned * s.area], NAN, 0);
  check_near(c, "poisoned variance", poisoned, (double)variance[poisoned], NAN, 0);
  if (other != poisoned) check_near(c, "another channel", other, (double)y[other * s.area], kept, 0);
}

static void test_channel_affine(check *c, ck_channels s) {
  check_case(c, "channel_affine images=%zu channels=%zu area=%zu", s.images, s.channels, s.area);
  size_t n = s.images * s.channels * s.area;
  float *x = check_floats(c, n, 1), *y = check_floats(c, n, 2), *mean = check_floats(c, s.channels, 1);
  float *scale = check_floats(c, s.channels, 2), *shift = check_floats(c, s.channels, 3);
  check_fill_normal(c, n, x, 1, 2);
  check_fill_normal(c, s.channels, mean, 1, 1);
  check_fill_normal(c, s.channels, scale, 0, 1);
  check_fill_normal(c, s.channels, shift, 0, 1);
  ck_channel_affine(c->kernels, &s, x, mean, scale, shift, false, y);
  for (size_t i = 0; i < n; i++) {
    size_t k = i / s.area % s.channels;
    double product = ((double)x[i] - (double)mean[k]) * (double)scale[k], wanted = product + (double)shift[k];
    // The distance is rounded, the product where it is not fused, and the sum.
    check_near(c, "y", i, (double)y[i], wanted, 1.001 * ROUNDING * (2 * fabs(product) + fabs(wanted)));
  }
  float *rectified = check_floats(c, n, 5);
  ck_channel_affine(c->kernels, &s, x, mean, scale, shift, true, rectified);
  for (size_t i = 0; i < n; i++) check_near(c, "rectified y", i, (double)rectified[i], fmax((double)y[i], 0), 0);
}

// The sums of g and of g (x - mean), and how far the kernel's may be off.
typedef struct sums {
  double sum, dot, sum_error, dot_error;
} sums;

static sums sums_of(places p, const float *dy, const float *x, const float *gamma, double mean) {
  sums s = {0, 0, 0, 0};
  for (size_t i = 0; i < p.n; i++) {
    double g = (double)dy[place(p, i)] * (gamma ? (double)gamma[i] : 1);
    double product = g * ((double)x[place(p, i)] - mean);
    s.sum += g;
    s.dot += product;
    s.sum_error += (additions(p.n) + 2) * ROUNDING * fabs(g);
    s.dot_error += (additions(p.n) + 4) * ROUNDING * fabs(product);
  }
  return s;
}

static void check_gradient(check *c, places p, sums s, const float *dy, const float *x, const float *gamma,
                           double scale, double mean, double inverse, const float *dx) {
  double n = (double)p.n, cube = inverse * inverse * inverse;
  for (size_t i = 0; i < p.n; i++) {
    double distance = (double)x[place(p, i)] - mean, g = (double)dy[place(p, i)] * (gamma ? (double)gamma[i] : 1);
    double first = inverse * g, second = cube * distance * s.dot / n, third = inverse * s.sum / n;
    double bound = 6 * ROUNDING * (fabs(first) + fabs(second) + fabs(third)) +
                   cube * fabs(distance) * s.dot_error / n + inverse * s.sum_error / n;
    check_near(c, "dx", place(p, i), (double)dx[place(p, i)], scale * (first - second - third), fabs(scale) * bound);
  }
}

// The moments need not be those of x: the formula holds for any.
static void test_batch_norm_gradient(check *c, ck_channels s) {
  check_case(c, "batch_norm_gradient images=%zu channels=%zu area=%zu", s.images, s.channels, s.area);
  size_t n = s.images * s.channels * s.area;
  float *x = check_floats(c, n, 1), *dy = check_floats(c, n, 2), *dx = check_floats(c, n, 3);
  float *gamma = check_floats(c, s.channels, 1), *mean = check_floats(c, s.channels, 2);
  float *inverse = check_floats(c, s.channels, 3), *dgamma = check_floats(c, s.channels, 0);
  float *dbeta = check_floats(c, s.channels, 1), *dgamma2 = check_floats(c, s.channels, 0);
  float *dbeta2 = check_floats(c, s.channels, 1), *beta = check_floats(c, s.channels, 2);
  check_fill_normal(c, n, x, 1, 2);
  check_fill_normal(c, n, dy, 0.3f, 1);
  check_fill_uniform(c, s.channels, gamma, -2, 2);
  check_fill_normal(c, s.channels, mean, 1, 0.5f);
  check_fill_uniform(c, s.channels, inverse, 0.3f, 2);
  check_fill_uniform(c, s.channels, beta, -1, 1);
  ck_batch_norm_gradient(c->kernels, &s, dy, x, gamma, beta, false, mean, inverse, dgamma, dbeta, dx);
  places p = {s.images * s.area, s.area, s.channels * s.area};
  for (size_t k = 0; k < s.channels; k++) {
    const float *own_x = x + k * s.area, *own_dy = dy + k * s.area;
    double i = (double)inverse[k];
    sums t = sums_of(p, own_dy, own_x, NULL, (double)mean[k]);
    check_near(c, "dbeta", k, (double)dbeta[k], t.sum, t.sum_error + 2 * ROUNDING * fabs(t.sum));
    check_near(c, "dgamma", k, (double)dgamma[k], t.dot * i, i * (t.dot_error + 2 * ROUNDING * fabs(t.dot)));
    check_gradient(c, p, t, own_dy, own_x, NULL, (double)gamma[k], (double)mean[k], i, dx + k * s.area);
  }
  ck_batch_norm_gradient(c->kernels, &s, dy, x, gamma, beta, false, mean, inverse, dgamma2, dbeta2, NULL);
  check_bits(c, "dgamma alone", s.channels * sizeof(float), dgamma2, dgamma);
  check_bits(c, "dbeta alone", s.channels * sizeof(float), dbeta2, dbeta);

  // Rectified, it is as if dy were 0 wherever the forward pass gave 0.
  float *scale = check_floats(c, s.channels, 3), *y = check_floats(c, n, 2), *masked = check_floats(c, n, 5);
  float *dx2 = check_floats(c, n, 1);
  for (size_t k = 0; k < s.channels; k++) scale[k] = inverse[k] * gamma[k];
  ck_channel_affine(c->kernels, &s, x, mean, scale, beta, true, y);
  for (size_t i = 0; i < n; i++) masked[i] = y[i] > 0 ? dy[i] : 0;
  ck_batch_norm_gradient(c->kernels, &s, masked, x, gamma, beta, false, mean, inverse, dgamma, dbeta, dx);
  ck_batch_norm_gradient(c->kernels, &s, dy, x, gamma, beta, true, mean, inverse, dgamma2, dbeta2, dx2);
  check_bits(c, "rectified dgamma", s.channels * sizeof(float), dgamma2, dgamma);
  check_bits(c, "rectified dbeta", s.channels * sizeof(float), dbeta2, dbeta);
  check_bits(c, "rectified dx", n * sizeof(float), dx2, dx);
}

static void test_layer_norm(check *c, size_t rows, size_t columns, float mean_value, float deviation) {
  check_case(c, "layer_norm (%zu, %zu) mean=%g", rows, columns, (double)mean_value);
  const float epsilon = 1e-5f;
  size_t n = rows * columns;
  float *x = check_floats(c, n, 1), *y = check_floats(c, n, 2), *gamma = check_floats(c, columns, 3);
  float *beta = check_floats(c, columns, 1), *mean = check_floats(c, rows, 2), *inverse = check_floats(c, rows, 3);
  check_fill_normal(c, n, x, mean_value, deviation);
  check_fill_uniform(c, columns, gamma, -2, 2);
  check_fill_uniform(c, columns, beta, -1, 1);
  ck_layer_norm(c->kernels, rows, columns, epsilon, x, gamma, beta, mean, inverse, y);
  places p = {columns, columns, 0};
  for (size_t i = 0; i < rows; i++) {
    moments m = moments_of(p, x + i * columns, (double)epsilon);
    check_near(c, "mean", i, (double)mean[i], m.mean, m.mean_error);
    check_near(c, "inverse", i, (double)inverse[i], m.inverse, m.inverse_error);
    for (size_t j = 0; j < columns; j++) {
      check_normalized(c, (places){1, 1, 0}, m, x + i * columns + j, (double)gamma[j], (double)beta[j],
                       y + i * columns + j);
    }
  }
}

static void test_layer_norm_gradient(check *c, size_t rows, size_t columns) {
  check_case(c, "layer_norm_gradient (%zu, %zu)", rows, columns);
  size_t n = rows * columns;
  float *x = check_floats(c, n, 1), *dy = check_floats(c, n, 2), *dx = check_floats(c, n, 3);
  float *gamma = check_floats(c, columns, 1), *mean = check_floats(c, rows, 2), *inverse = check_floats(c, rows, 3);
  float *dgamma = check_floats(c, columns, 0), *dbeta = check_floats(c, columns, 1);
  check_fill_normal(c, n, x, 1, 2);
  check_fill_normal(c, n, dy, 0.3f, 1);
  check_fill_uniform(c, columns, gamma, -2, 2);
  check_fill_normal(c, rows, mean, 1, 0.5f);
  check_fill_uniform(c, rows, inverse, 0.3f, 2);
  ck_layer_norm_gradient(c->kernels, rows, columns, dy, x, gamma, mean, inverse, dx);
  ck_layer_norm_sums(c->kernels, rows, columns, dy, x, mean, inverse, dgamma, dbeta);
  places p = {columns, columns, 0};
  for (size_t i = 0; i < rows; i++) {
    const float *own_x = x + i * columns, *own_dy = dy + i * columns;
    sums s = sums_of(p, own_dy, own_x, gamma, (double)mean[i]);
    check_gradient(c, p, s, own_dy, own_x, gamma, 1, (double)mean[i], (double)inverse[i], dx + i * columns);
  }
  for (size_t j = 0; j < columns; j++) {
    double sum = 0, dot = 0, sum_magnitude = 0, dot_magnitude = 0;
    for (size_t i = 0; i < rows; i++) {
      double g = (double)dy[i * columns + j];
      double product = g * (((double)x[i * columns + j] - (double)mean[i]) * (double)inverse[i]);
      sum += g;
      dot += product;
      sum_magnitude += fabs(g);
      dot_magnitude += fabs(product);
    }
    check_near(c, "dbeta", j, (double)dbeta[j], sum, (double)(rows + 1) * ROUNDING * 1.001 * sum_magnitude);
    check_near(c, "dgamma", j, (double)dgamma[j], dot, (double)(rows + 4) * ROUNDING * 1.001 * dot_magnitude);
  }
}

void suite_norm(check *c) {
  static const size_t batches[][2] = {{1, 1}, {2, 3}, {7, 2}, {3, 17}, {70, 5}};
  static const size_t large[][3] = {{2, 3, 4097}, {1, 2, 10000}, {300, 40, 9}, {5000, 3, 1}, {100, 100, 1}};
  for (size_t b = 0; b < COUNT(batches); b++) {
    for (size_t l = 1; l < check_length_count; l += c->quick ? 2 : 1) {
      ck_channels s = {batches[b][0], batches[b][1], check_lengths[l]};
      test_batch_norm(c, s, 0.5f, 1);
      test_batch_norm(c, s, 100, 0.1f);
      test_channel_affine(c, s);
      test_batch_norm_gradient(c, s);
    }
  }
  for (size_t s = 0; s < COUNT(large); s++) {
    ck_channels shape = {large[s][0], large[s][1], large[s][2]};
    test_batch_norm(c, shape, -3, 1);
    test_channel_affine(c, shape);
    test_batch_norm_gradient(c, shape);
  }
  for (size_t l = 1; l < check_length_count; l++) {
    test_layer_norm(c, 5, check_lengths[l], 0.5f, 1);
    test_layer_norm(c, 2, check_lengths[l], 100, 0.1f);
    test_layer_norm_gradient(c, 5, check_lengths[l]);
    test_layer_norm_gradient(c, 0, check_lengths[l]);
    test_layer_norm_gradient(c, check_lengths[l], 19);
  }
  test_layer_norm(c, 3, 10007, 2, 1);
  test_layer_norm_gradient(c, 3, 10007);
}
