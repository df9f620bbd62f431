// Convolutions and their gradients with filters in the lanes of a vector.
#ifndef CK_CONV_DIRECT_FILTERS_H
#define CK_CONV_DIRECT_FILTERS_H

#include "../axes.h"

// A convolution, or where `gradient` is set its input gradient: source and weights, as ck_conv_forward() and
// ck_conv_input_gradient() take them, to `out`.
typedef struct filter_correlation {
  const ck_kernels *kernels;
  const ck_conv *conv;
  bool gradient;
  const float *source, *weights, *bias;
  float *out, *workspace;
} filter_correlation;

// Floats of workspace; 0 where another way suits the shapes better.
size_t ck_correlate_filters_workspace(const ck_kernels *kernels, const ck_conv *conv, bool gradient);
size_t ck_weight_filters_workspace(const ck_kernels *kernels, const ck_conv *conv);

// Both return false, with nothing done, where another way suits the shapes better.
bool ck_correlate_filters(const filter_correlation *c);
bool ck_weight_filters(const ck_kernels *kernels, const ck_conv *conv, const float *x, const float *dy, float *dw,
                       float *workspace);

#endif
