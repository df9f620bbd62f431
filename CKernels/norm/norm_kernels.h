// Normalization: the kernels and their tasks.
#ifndef CK_NORM_KERNELS_H
#define CK_NORM_KERNELS_H

#include "../runtime/caches.h"
#include "../runtime/kernels.h"

// The operands of ck_batch_norm, as it takes them; a range is of channels, here and below. `stream`: the output may
// bypass the caches (ck_streams).
typedef struct ck_batch_norm_task {
  ck_channels shape;
  float epsilon;
  const float *x, *gamma, *beta;
  bool relu, stream;
  float *mean, *variance, *inverse, *y;
} ck_batch_norm_task;

// dx may be NULL.
typedef struct ck_batch_norm_gradient_task {
  ck_channels shape;
  const float *dy, *x, *gamma, *beta;
  bool relu, stream;
  const float *mean, *inverse;
  float *dgamma, *dbeta, *dx;
} ck_batch_norm_gradient_task;

typedef struct ck_channel_affine_task {
  ck_channels shape;
  const float *x, *mean, *scale, *shift;
  bool relu;
  float *y;
} ck_channel_affine_task;

// A range is of rows.
typedef struct ck_layer_norm_task {
  size_t columns;
  float epsilon;
  const float *x, *gamma, *beta;
  float *mean, *inverse, *y;
} ck_layer_norm_task;

typedef struct ck_layer_norm_gradient_task {
  size_t columns;
  const float *dy, *x, *gamma, *mean, *inverse;
  float *dx;
} ck_layer_norm_gradient_task;

// A range is of columns.
typedef struct ck_layer_norm_sums_task {
  size_t rows, columns;
  const float *dy, *x, *mean, *inverse;
  float *dgamma, *dbeta;
} ck_layer_norm_sums_task;

#define CK_NORM_KERNELS(KERNEL)                \
  KERNEL(ck_range_kernel, batch_norm)          \
  KERNEL(ck_range_kernel, batch_norm_gradient) \
  KERNEL(ck_range_kernel, channel_affine)      \
  KERNEL(ck_range_kernel, layer_norm)          \
  KERNEL(ck_range_kernel, layer_norm_gradient) \
  KERNEL(ck_range_kernel, layer_norm_sums)

struct ck_norm_kernels {
  CK_NORM_KERNELS(CK_KERNEL_FIELD)
};

#endif
