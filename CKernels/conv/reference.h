// Convolutions as matrix products over patches of the image: for any shape, and the last choice.
#ifndef CK_CONV_REFERENCE_H
#define CK_CONV_REFERENCE_H

#include "axes.h"

// As ck_conv_forward(), ck_conv_input_gradient() and ck_conv_weight_gradient(), which need no workspace here.
void ck_reference_forward(const ck_kernels *kernels, const ck_conv *conv, const float *x, const float *w,
                          const float *bias, float *y);
void ck_reference_input_gradient(const ck_kernels *kernels, const ck_conv *conv, const float *dy, const float *w,
                                 float *dx);
void ck_reference_weight_gradient(const ck_kernels *kernels, const ck_conv *conv, const float *x, const float *dy,
                                  float *dw);

#endif
