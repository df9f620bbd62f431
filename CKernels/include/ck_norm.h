// Normalization: of each channel over a batch, of each row by itself.
#ifndef CK_NORM_H
#define CK_NORM_H

#include "ck_runtime.h"

// A batch of x[i, c, p]: `images` x `channels` x `area`, contiguous; the area is height times width, or 1.
typedef struct ck_channels {
  size_t images, channels, area;
} ck_channels;

// The moments of each channel c over its images * area elements, and
//   y[i, c, p] = (x[i, c, p] - mean[c]) inverse[c] gamma[c] + beta[c],   inverse[c] = 1 / sqrt(variance[c] + epsilon),
// or the larger of this and 0 with `relu`.
// The variance is the biased one, by which the batch is normalized. gamma, beta, mean, variance and inverse are
// (channels); at least one element per channel. A NaN or an infinity in a channel makes its outputs NaN.
// Outputs are what double precision gives, within some roundings of a normalized number, for any finite channel: sums
// are float within 4096 elements and double between, around a pivot near the mean, or double throughout. A variance
// beyond float's range is stored as the largest float.
void ck_batch_norm(const ck_kernels *_Nonnull kernels, const ck_channels *_Nonnull shape, float epsilon,
                   const float *_Nonnull x, const float *_Nonnull gamma, const float *_Nonnull beta, bool relu,
                   float *_Nonnull mean, float *_Nonnull variance, float *_Nonnull inverse, float *_Nonnull y);

// y[i, c, p] = (x[i, c, p] - mean[c]) scale[c] + shift[c], or the larger of this and 0 with `relu`: normalization by
// moments from elsewhere.
void ck_channel_affine(const ck_kernels *_Nonnull kernels, const ck_channels *_Nonnull shape, const float *_Nonnull x,
                       const float *_Nonnull mean, const float *_Nonnull scale, const float *_Nonnull shift, bool relu,
                       float *_Nonnull y);

// The gradients of ck_batch_norm, with xh = (x - mean) inverse and n = images * area; with `relu`, dy counts only where
// y is above 0:
//   dbeta[c] = sum of dy[i, c, p],   dgamma[c] = sum of dy[i, c, p] xh[i, c, p]
//   dx[i, c, p] = gamma[c] inverse[c] (dy[i, c, p] - dbeta[c] / n - xh[i, c, p] dgamma[c] / n)
// Where dx is NULL, only the sums.
void ck_batch_norm_gradient(const ck_kernels *_Nonnull kernels, const ck_channels *_Nonnull shape,
                            const float *_Nonnull dy, const float *_Nonnull x, const float *_Nonnull gamma,
                            const float *_Nonnull beta, bool relu, const float *_Nonnull mean,
                            const float *_Nonnull inverse, float *_Nonnull dgamma, float *_Nonnull dbeta,
                            float *_Nullable dx);

// The moments of each row, and
//   y[i, j] = (x[i, j] - mean[i]) inverse[i] gamma[j] + beta[j],   inverse[i] = 1 / sqrt(variance[i] + epsilon).
// x and y are (rows, columns), gamma and beta (columns), mean and inverse (rows); at least one column. As above.
void ck_layer_norm(const ck_kernels *_Nonnull kernels, size_t rows, size_t columns, float epsilon,
                   const float *_Nonnull x, const float *_Nonnull gamma, const float *_Nonnull beta,
                   float *_Nonnull mean, float *_Nonnull inverse, float *_Nonnull y);

// With xh = (x - mean) inverse and g = dy gamma, n = columns:
//   dx[i, j] = inverse[i] (g[i, j] - sum of g[i, :] / n - xh[i, j] (sum of g[i, :] xh[i, :]) / n)
void ck_layer_norm_gradient(const ck_kernels *_Nonnull kernels, size_t rows, size_t columns, const float *_Nonnull dy,
                            const float *_Nonnull x, const float *_Nonnull gamma, const float *_Nonnull mean,
                            const float *_Nonnull inverse, float *_Nonnull dx);

// dbeta[j] = sum over i of dy[i, j],   dgamma[j] = sum over i of dy[i, j] (x[i, j] - mean[i]) inverse[i]: in float
// within 64 rows, in double between.
void ck_layer_norm_sums(const ck_kernels *_Nonnull kernels, size_t rows, size_t columns, const float *_Nonnull dy,
                        const float *_Nonnull x, const float *_Nonnull mean, const float *_Nonnull inverse,
                        float *_Nonnull dgamma, float *_Nonnull dbeta);

#endif
