// Convolutions and their gradients whose vectors are positions of the output, or images.
#ifndef CK_CONV_DIRECT_PIXELS_H
#define CK_CONV_DIRECT_PIXELS_H

#include "../correlation.h"

// Floats of workspace of a correlation whose outputs are sums of `depth` terms; of the weight gradient.
size_t ck_correlation_workspace(const ck_kernels *kernels, size_t groups, size_t filters, size_t depth);
size_t ck_weight_gradient_workspace(const ck_kernels *kernels, const ck_conv *conv);

// Whether scratch memory holds blocks of inputs that are worth copying.
bool ck_direct_pixels_suits_correlation(const correlation *c);
bool ck_direct_pixels_suits_weight_gradient(const ck_kernels *kernels, const ck_conv *conv);

void ck_correlate(const correlation *c);
void ck_weight_gradient(const ck_kernels *kernels, const ck_conv *conv, const float *x, const float *dy, float *dw,
                        float *workspace);

#endif
