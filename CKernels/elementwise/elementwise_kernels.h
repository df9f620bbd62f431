// Element-wise operations: the kernels.
#ifndef CK_ELEMENTWISE_KERNELS_H
#define CK_ELEMENTWISE_KERNELS_H

#include "../runtime/kernels.h"

// One instruction set's serial kernels.
struct ck_elementwise_kernels {
  void (*activation_forward)(ck_activation activation, float slope, size_t n, bool stream, const float *x, float *y);
  void (*activation_backward)(ck_activation activation, float slope, size_t n, bool stream, const float *x,
                              const float *y, const float *dy, float *dx);
  void (*bias_relu)(size_t n, bool stream, const float *x, const float *b, float *y);
  void (*axpy)(size_t n, float alpha, const float *x, float *y);
  void (*add)(size_t n, bool stream, const float *x, const float *y, float *z);
  void (*scale)(size_t n, float alpha, float *x);
  void (*multiply)(size_t n, bool stream, const float *x, const float *y, float *z);
  void (*mask_elements)(size_t n, bool stream, const float *x, const float *mask, float *z);
  void (*clamp)(size_t n, float low, float high, float *x);
};

#endif
