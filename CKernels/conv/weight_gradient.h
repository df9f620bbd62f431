// The gradient of a convolution by its weights.
#ifndef CK_CONV_WEIGHT_GRADIENT_H
#define CK_CONV_WEIGHT_GRADIENT_H

#include "correlate.h"

size_t weight_gradient_workspace(const ck_kernels *kernels, const ck_conv *conv);

// The axis of a forward convolution.
grid_axis forward_axis(size_t length, size_t kernel, size_t stride, size_t dilation, size_t padding);

#endif
