// Losses: the kernels and their tasks. Kernels return the sum over the batch, not the mean, and scale the gradient.
#ifndef CK_LOSS_KERNELS_H
#define CK_LOSS_KERNELS_H

#include "../runtime/kernels.h"

// A range is of rows.
typedef struct ck_softmax_cross_entropy_task {
  const ck_cross_entropy *settings;
  size_t columns;
  double scale;
  const float *x;
  const int32_t *labels;
  float *gradient;
} ck_softmax_cross_entropy_task;

// `stream`: the gradient may bypass the caches (ck_streams).
typedef struct ck_squared_error_task {
  float scale;
  bool stream;
  const float *x, *target;
  float *gradient;
} ck_squared_error_task;

typedef struct ck_huber_task {
  float scale, delta;
  bool stream;
  const float *x, *target;
  float *gradient;
} ck_huber_task;

typedef struct ck_binary_cross_entropy_task {
  double scale;
  const float *x, *target;
  float *gradient;
} ck_binary_cross_entropy_task;

#define CK_LOSS_KERNELS(KERNEL)                \
  KERNEL(ck_sum_kernel, softmax_cross_entropy) \
  KERNEL(ck_sum_kernel, squared_error)         \
  KERNEL(ck_sum_kernel, huber)                 \
  KERNEL(ck_sum_kernel, binary_cross_entropy)

struct ck_loss_kernels {
  CK_LOSS_KERNELS(CK_KERNEL_FIELD)
};

#endif
