// Losses with their gradients.
#ifndef CK_LOSS_H
#define CK_LOSS_H

#include "ck_runtime.h"

// The mean over rows of -log softmax(x[i, :])[labels[i]], and in the same pass
// gradient[i, j] = (softmax(x[i, :])[j] - (j == labels[i])) / rows.
// x and gradient are (rows, columns), contiguous; rows and columns at least 1; 0 <= labels[i] < columns.
// Stable for any finite x; a NaN in a row makes the loss and that row's gradient NaN.
double ck_softmax_cross_entropy(const ck_kernels *_Nonnull kernels, size_t rows, size_t columns,
                                const float *_Nonnull x, const int32_t *_Nonnull labels, float *_Nonnull gradient);

// The mean over i of (x[i] - target[i])^2, and gradient[i] = 2 (x[i] - target[i]) / n. n at least 1.
double ck_mean_squared_error(const ck_kernels *_Nonnull kernels, size_t n, const float *_Nonnull x,
                             const float *_Nonnull target, float *_Nonnull gradient);

// In how many rows the first largest x[i, :] stands at labels[i]; a row with a NaN counts as wrong.
size_t ck_count_correct(size_t rows, size_t columns, const float *_Nonnull x, const int32_t *_Nonnull labels);

#endif
