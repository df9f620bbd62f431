// Losses with their gradients.
#ifndef CK_LOSS_H
#define CK_LOSS_H

#include "ck_runtime.h"

// How cross-entropy weighs classes and rows.
typedef struct ck_cross_entropy {
  float smoothing;                       // the share of a row's target that all classes get alike, 0 ... 1
  const float *_Nullable class_weights;  // (columns), not negative; where NULL, all are 1
  int32_t ignored;                       // rows of this label are left out; none are where it is -1
} ck_cross_entropy;

// Softmax cross-entropy. With l[i, j] = -log softmax(x[i, :])[j], class weights w, smoothing s and y = labels[i], the
// loss of row i is
//     (1 - s) w[y] l[i, y] + s / columns sum over j of w[j] l[i, j],
// which is l[i, y] without settings. Returns the sum over rows divided by the sum of their w[y], and in the same pass
// writes the gradient; both are 0 where that sum is. The gradient of a row that is left out is 0.
// x and gradient are (rows, columns), contiguous; rows and columns at least 1; 0 <= labels[i] < columns, or ignored.
// Stable for any finite x; a NaN in a row makes the loss and that row's gradient NaN.
double ck_softmax_cross_entropy(const ck_kernels *_Nonnull kernels, const ck_cross_entropy *_Nonnull settings,
                                size_t rows, size_t columns, const float *_Nonnull x,
                                const int32_t *_Nonnull labels, float *_Nonnull gradient);

// The sum over rows of the weights of their labels: what ck_softmax_cross_entropy divides by.
double ck_cross_entropy_weight(const ck_cross_entropy *_Nonnull settings, size_t rows, const int32_t *_Nonnull labels);

// The mean over i of (x[i] - target[i])^2, and gradient[i] = 2 (x[i] - target[i]) / n. n at least 1.
double ck_mean_squared_error(const ck_kernels *_Nonnull kernels, size_t n, const float *_Nonnull x,
                             const float *_Nonnull target, float *_Nonnull gradient);

// The mean over i of Huber's loss of d = x[i] - target[i], d^2 / 2 where |d| <= delta and delta (|d| - delta / 2)
// elsewhere, and gradient[i] = d / n with d limited to -delta ... delta. delta positive and finite; n at least 1.
double ck_huber(const ck_kernels *_Nonnull kernels, size_t n, float delta, const float *_Nonnull x,
                const float *_Nonnull target, float *_Nonnull gradient);

// The mean over i of the binary cross-entropy of a logit with a target in 0 ... 1,
// target log(1 + exp(-x)) + (1 - target) log(1 + exp(x)), and gradient[i] = (1 / (1 + exp(-x)) - target) / n.
// n at least 1.
double ck_binary_cross_entropy(const ck_kernels *_Nonnull kernels, size_t n, const float *_Nonnull x,
                               const float *_Nonnull target, float *_Nonnull gradient);

// In how many rows the first largest x[i, :] stands at labels[i]; a row with a NaN counts as wrong.
size_t ck_count_correct(size_t rows, size_t columns, const float *_Nonnull x, const int32_t *_Nonnull labels);

#endif
