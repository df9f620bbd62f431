// Pooling: the kernels.
#ifndef CK_POOL_KERNELS_H
#define CK_POOL_KERNELS_H

#include "../runtime/kernels.h"

// One instruction set's serial kernels: one plane; whole rows.
struct ck_pool_kernels {
  void (*max_pool)(const ck_pool *pool, const float *x, float *y);
  void (*max_pool_gradient)(const ck_pool *pool, bool stream, const float *x, const float *y, const float *dy,
                            float *dx);
  void (*average_pool)(const ck_pool *pool, const float *x, float *y);
  void (*average_pool_gradient)(const ck_pool *pool, bool stream, const float *dy, float *dx);
  void (*row_means)(size_t rows, size_t columns, const float *x, float *y);
  void (*fill_rows)(size_t rows, size_t columns, float alpha, const float *value, float *y);
  void (*mask_rows)(size_t rows, size_t columns, const float *mask, const float *x, float *y);
};

#endif
