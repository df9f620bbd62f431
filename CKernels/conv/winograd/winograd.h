// Convolutions of 3x3 kernels, stride 1, by Winograd's minimal filtering: the transform of the kernels times that of
// the inputs, as 36 matrix products whose sums run over channels (over tiles, for the weight gradient).
#ifndef CK_CONV_WINOGRAD_H
#define CK_CONV_WINOGRAD_H

#include "../correlation.h"

// Whether a convolution is of the kind that can go this way.
bool ck_winograd_suits(const ck_conv *conv);

// Whether a correlation, or the weight gradient of a convolution, goes this way.
bool ck_winograd_suits_correlation(const correlation *c);
bool ck_winograd_suits_weight_gradient(const ck_kernels *kernels, const ck_conv *conv);

// Tiles of a block, by which the transforms of so many channels fit scratch memory; may be 0.
size_t ck_winograd_block(const ck_kernels *kernels, size_t channels);

// Floats of workspace, where a convolution goes this way: of the larger of both correlations, of the weight gradient.
size_t ck_winograd_workspace(const ck_kernels *kernels, const ck_conv *conv);
size_t ck_winograd_weight_workspace(const ck_conv *conv);

void ck_winograd_correlate(const correlation *c);
void ck_winograd_weight_gradient(const ck_kernels *kernels, const ck_conv *conv, const float *x, const float *dy,
                                 float *dw, float *workspace);

#endif
