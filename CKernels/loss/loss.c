// Losses over a batch. They stay on one thread: a batch of logits is small, and the sum over it must not be split.
#include "../common/kernels.h"

double ck_softmax_cross_entropy(const ck_kernels *kernels, size_t rows, size_t columns, const float *x,
                                const int32_t *labels, float *gradient) {
  return kernels->softmax_cross_entropy(rows, columns, 1.0f / (float)rows, x, labels, gradient) / (double)rows;
}

double ck_mean_squared_error(const ck_kernels *kernels, size_t n, const float *x, const float *target,
                             float *gradient) {
  return kernels->squared_error(n, 2.0f / (float)n, x, target, gradient) / (double)n;
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
