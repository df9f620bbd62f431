// Weight gradients whose vectors are filters.
#ifndef CK_CONV_WEIGHT_FILTERS_H
#define CK_CONV_WEIGHT_FILTERS_H

#include "axes.h"

// Floats of workspace; 0 where another way suits the shapes better.
size_t ck_weight_filters_workspace(const ck_kernels *kernels, const ck_conv *conv);

// Returns false, with nothing done, where another way suits the shapes better.
bool ck_weight_filters(const ck_kernels *kernels, const ck_conv *conv, const float *x, const float *dy, float *dw,
                       float *workspace);

#endif
