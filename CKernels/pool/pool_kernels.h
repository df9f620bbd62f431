// Pooling: the kernels and their tasks.
#ifndef CK_POOL_KERNELS_H
#define CK_POOL_KERNELS_H

#include "../runtime/kernels.h"

// Max and mean of windows; a range is of planes.
typedef struct ck_pool_task {
  const ck_pool *pool;
  const float *x;
  float *y;
} ck_pool_task;

// `stream`, here and below: the output may bypass the caches (ck_streams).
typedef struct ck_max_pool_gradient_task {
  const ck_pool *pool;
  bool stream;
  const float *x, *y, *dy;
  float *dx;
} ck_max_pool_gradient_task;

typedef struct ck_average_pool_gradient_task {
  const ck_pool *pool;
  bool stream;
  const float *dy;
  float *dx;
} ck_average_pool_gradient_task;

// A range is of rows, here and below.
typedef struct ck_row_means_task {
  size_t columns;
  const float *x;
  float *y;
} ck_row_means_task;

typedef struct ck_fill_rows_task {
  size_t columns;
  float alpha;
  const float *value;
  float *y;
} ck_fill_rows_task;

typedef struct ck_mask_rows_task {
  size_t columns;
  const float *mask, *x;
  float *y;
} ck_mask_rows_task;

#define CK_POOL_KERNELS(KERNEL)                  \
  KERNEL(ck_range_kernel, max_pool)              \
  KERNEL(ck_range_kernel, max_pool_gradient)     \
  KERNEL(ck_range_kernel, average_pool)          \
  KERNEL(ck_range_kernel, average_pool_gradient) \
  KERNEL(ck_range_kernel, row_means)             \
  KERNEL(ck_range_kernel, fill_rows)             \
  KERNEL(ck_range_kernel, mask_rows)

struct ck_pool_kernels {
  CK_POOL_KERNELS(CK_KERNEL_FIELD)
};

#endif
