// Normalization: the kernels and their arguments.
#ifndef CK_NORM_KERNELS_H
#define CK_NORM_KERNELS_H

#include "../runtime/kernels.h"

// ck_batch_norm's operands, as it takes them. `stream`, here and below: where channels have an area, as of element-wise
// kernels.
typedef struct ck_batch_norm_args {
  ck_channels shape;
  float epsilon;
  const float *x, *gamma, *beta;
  bool relu, stream;
  float *mean, *variance, *inverse, *y;
} ck_batch_norm_args;

// ck_batch_norm_gradient's; dx may be NULL.
typedef struct ck_batch_norm_gradient_args {
  ck_channels shape;
  const float *dy, *x, *gamma, *beta;
  bool relu, stream;
  const float *mean, *inverse;
  float *dgamma, *dbeta, *dx;
} ck_batch_norm_gradient_args;

// One instruction set's serial kernels: channels or columns first ..< end, whole rows.
struct ck_norm_kernels {
  void (*batch_norm)(const ck_batch_norm_args *args, size_t first, size_t end);
  void (*batch_norm_gradient)(const ck_batch_norm_gradient_args *args, size_t first, size_t end);
  void (*channel_affine)(const ck_channels *shape, size_t first, size_t end, const float *x, const float *mean,
                         const float *scale, const float *shift, bool relu, float *y);
  void (*layer_norm)(size_t rows, size_t columns, float epsilon, const float *x, const float *gamma, const float *beta,
                     float *mean, float *inverse, float *y);
  void (*layer_norm_gradient)(size_t rows, size_t columns, const float *dy, const float *x, const float *gamma,
                              const float *mean, const float *inverse, float *dx);
  void (*layer_norm_sums)(size_t rows, size_t columns, size_t first, size_t end, const float *dy, const float *x,
                          const float *mean, const float *inverse, float *dgamma, float *dbeta);
};

#endif
