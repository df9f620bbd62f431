// The gradient of a convolution by its weights, with vectors along the sum.
#ifndef CK_CONV_WEIGHT_GRADIENT_H
#define CK_CONV_WEIGHT_GRADIENT_H

#include "axes.h"

size_t ck_weight_gradient_workspace(const ck_kernels *kernels, const ck_conv *conv);
void ck_weight_gradient(const ck_kernels *kernels, const ck_conv *conv, const float *x, const float *dy, float *dw,
                        float *workspace);

#endif
