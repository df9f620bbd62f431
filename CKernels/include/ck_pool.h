// Pooling of images, each plane (one channel of one image) by itself.
#ifndef CK_POOL_H
#define CK_POOL_H

#include "ck_runtime.h"

// Windows over planes of height x width. Output row r looks at rows r stride - padding ..< r stride - padding + kernel;
// columns likewise. Every window must have at least one element within the plane.
typedef struct ck_pool {
  size_t height, width, output_height, output_width;
  size_t kernel_height, kernel_width, stride_height, stride_width, padding_height, padding_width;
} ck_pool;

// y[p, r, s] = the largest of x[p, :, :] in window (r, s), NaN where it has a NaN; padding is never the largest.
// x is (planes, height, width), y (planes, output_height, output_width), contiguous.
void ck_max_pool(const ck_kernels *_Nonnull kernels, const ck_pool *_Nonnull pool, size_t planes,
                 const float *_Nonnull x, float *_Nonnull y);

// dx[p, h, w] = the sum of dy[p, r, s] over the windows whose largest element, the first of several in rows from top
// to bottom, stands at (h, w). y is that of the forward call; the gradient of a NaN goes to its window's first element.
void ck_max_pool_gradient(const ck_kernels *_Nonnull kernels, const ck_pool *_Nonnull pool, size_t planes,
                          const float *_Nonnull x, const float *_Nonnull y, const float *_Nonnull dy,
                          float *_Nonnull dx);

// y[p, r, s] = the mean of x[p, :, :] over window (r, s), padding counted as zeros. Windows of more than 256
// elements are summed in double.
void ck_average_pool(const ck_kernels *_Nonnull kernels, const ck_pool *_Nonnull pool, size_t planes,
                     const float *_Nonnull x, float *_Nonnull y);

// dx[p, h, w] = the sum of dy[p, r, s] over the windows that (h, w) lies in, divided by a window's size.
void ck_average_pool_gradient(const ck_kernels *_Nonnull kernels, const ck_pool *_Nonnull pool, size_t planes,
                              const float *_Nonnull dy, float *_Nonnull dx);

// y[i] = the mean of x[i, :]; x is (rows, columns), with at least one column. Summed in float within 4096, in double
// between.
void ck_row_means(const ck_kernels *_Nonnull kernels, size_t rows, size_t columns, const float *_Nonnull x,
                  float *_Nonnull y);

// y[i, j] = alpha value[i], the gradient of means with alpha 1 / columns.
void ck_fill_rows(const ck_kernels *_Nonnull kernels, size_t rows, size_t columns, float alpha,
                  const float *_Nonnull value, float *_Nonnull y);

// y[i, j] = mask[i] x[i, j] where mask[i] is above 0, else 0: even where x is infinite or NaN.
void ck_mask_rows(const ck_kernels *_Nonnull kernels, size_t rows, size_t columns, const float *_Nonnull mask,
                  const float *_Nonnull x, float *_Nonnull y);

#endif
