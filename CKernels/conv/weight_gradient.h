// The gradient of a convolution by its weights.
#ifndef CK_CONV_WEIGHT_GRADIENT_H
#define CK_CONV_WEIGHT_GRADIENT_H

#include "axes.h"

size_t ck_weight_gradient_workspace(const ck_kernels *kernels, const ck_conv *conv);

#endif
