// Weight gradients whose vectors are filters.
#ifndef CK_CONV_WEIGHT_FILTERS_H
#define CK_CONV_WEIGHT_FILTERS_H

#include "axes.h"

// Whether the filters fill vectors well enough.
bool ck_weight_filters_suit(const ck_kernels *kernels, const ck_conv *conv);
size_t ck_weight_filters_workspace(const ck_kernels *kernels, const ck_conv *conv);
// Returns false where scratch memory holds no block.
bool ck_weight_filters(const ck_kernels *kernels, const ck_conv *conv, const float *x, const float *dy, float *dw,
                       float *workspace);

#endif
