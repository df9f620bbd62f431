// Losses over a batch.
#include "loss_kernels.h"
#include <string.h>

double ck_cross_entropy_weight(const ck_cross_entropy *settings, size_t rows, const int32_t *labels) {
  double weight = 0;
  for (size_t i = 0; i < rows; i++) {
    if (labels[i] == settings->ignored) continue;
    weight += settings->class_weights ? (double)settings->class_weights[labels[i]] : 1;
  }
  return weight;
}

double ck_softmax_cross_entropy(const ck_kernels *kernels, const ck_cross_entropy *settings, size_t rows,
                                size_t columns, const float *x, const int32_t *labels, float *gradient) {
  enum { SMALLEST_CHUNK = 4096 };  // elements: the matrix alone decides how many chunks of rows there are
  const double weight = ck_cross_entropy_weight(settings, rows, labels);
  if (weight == 0) {
    memset(gradient, 0, rows * columns * sizeof *gradient);
    return 0;
  }
  const ck_softmax_cross_entropy_task task = {settings, columns, 1 / weight, x, labels, gradient};
  const size_t length = larger_size(ceil_div(rows, CK_CHUNKS), SMALLEST_CHUNK / columns + 1);
  return ck_sum_chunks(rows, length, kernels->loss->softmax_cross_entropy, &task) / weight;
}

double ck_mean_squared_error(const ck_kernels *kernels, size_t n, const float *x, const float *target,
                             float *gradient) {
  const ck_squared_error_task task = {2.0f / (float)n, ck_streams(n, n, gradient), x, target, gradient};
  return ck_sum_chunks(n, ck_chunk_length(n), kernels->loss->squared_error, &task) / (double)n;
}

double ck_huber(const ck_kernels *kernels, size_t n, float delta, const float *x, const float *target,
                float *gradient) {
  const ck_huber_task task = {1.0f / (float)n, delta, ck_streams(n, n, gradient), x, target, gradient};
  return ck_sum_chunks(n, ck_chunk_length(n), kernels->loss->huber, &task) / (double)n;
}

double ck_binary_cross_entropy(const ck_kernels *kernels, size_t n, const float *x, const float *target,
                               float *gradient) {
  enum { SMALLEST_CHUNK = 1024 };  // an element takes two functions of double
  const ck_binary_cross_entropy_task task = {1 / (double)n, x, target, gradient};
  const size_t length = larger_size(ceil_div(n, CK_CHUNKS), SMALLEST_CHUNK);
  return ck_sum_chunks(n, length, kernels->loss->binary_cross_entropy, &task) / (double)n;
}

size_t ck_count_correct(size_t rows, size_t columns, const float *x, const int32_t *labels) {
  size_t correct = 0;
  for (size_t row = 0; row < rows; row++, x += columns) {
    size_t best = 0;
    bool nan = x[0] != x[0];
    for (size_t j = 1; j < columns; j++) {
      nan |= x[j] != x[j];
      if (x[j] > x[best]) best = j;
    }
    correct += !nan && best == (size_t)labels[row];
  }
  return correct;
}
