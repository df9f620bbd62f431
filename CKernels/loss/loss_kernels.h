// Losses: the kernels.
#ifndef CK_LOSS_KERNELS_H
#define CK_LOSS_KERNELS_H

#include "../runtime/kernels.h"

// One instruction set's serial kernels: the sum over rows, not the mean; gradient scaled by `scale`.
struct ck_loss_kernels {
  double (*softmax_cross_entropy)(size_t rows, size_t columns, float scale, const float *x, const int32_t *labels,
                                  float *gradient);
  double (*squared_error)(size_t n, bool stream, float scale, const float *x, const float *target, float *gradient);
};

#endif
