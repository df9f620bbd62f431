// Element-wise operations: the kernels and their tasks.
#ifndef CK_ELEMENTWISE_KERNELS_H
#define CK_ELEMENTWISE_KERNELS_H

#include "../runtime/kernels.h"

// `stream`, here and below: the output is no input and may bypass the caches (ck_streams).
typedef struct ck_activation_forward_task {
  ck_activation activation;
  float slope;
  bool stream;
  const float *x;
  float *y;
} ck_activation_forward_task;

typedef struct ck_activation_backward_task {
  ck_activation activation;
  float slope;
  bool stream;
  const float *x, *y, *dy;
  float *dx;
} ck_activation_backward_task;

// A range is of rows.
typedef struct ck_bias_relu_task {
  size_t columns;
  bool stream;
  const float *x, *b;
  float *y;
} ck_bias_relu_task;

typedef struct ck_axpy_task {
  float alpha;
  const float *x;
  float *y;
} ck_axpy_task;

typedef struct ck_add_task {
  bool stream, relu;
  const float *x, *y;
  float *z;
} ck_add_task;

typedef struct ck_multiply_task {
  bool stream;
  const float *x, *y;
  float *z;
} ck_multiply_task;

typedef struct ck_mask_task {
  bool stream;
  const float *x, *mask;
  float *z;
} ck_mask_task;

typedef struct ck_scale_task {
  float alpha;
  float *x;
} ck_scale_task;

typedef struct ck_clamp_task {
  float low, high;
  float *x;
} ck_clamp_task;

#define CK_ELEMENTWISE_KERNELS(KERNEL)         \
  KERNEL(ck_range_kernel, activation_forward)  \
  KERNEL(ck_range_kernel, activation_backward) \
  KERNEL(ck_range_kernel, bias_relu)           \
  KERNEL(ck_range_kernel, axpy)                \
  KERNEL(ck_range_kernel, add)                 \
  KERNEL(ck_range_kernel, multiply)            \
  KERNEL(ck_range_kernel, mask_elements)       \
  KERNEL(ck_range_kernel, scale)               \
  KERNEL(ck_range_kernel, clamp)

struct ck_elementwise_kernels {
  CK_ELEMENTWISE_KERNELS(CK_KERNEL_FIELD)
};

#endif
