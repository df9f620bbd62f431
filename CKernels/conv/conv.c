// A convolution and its gradients: which of four ways they go.
//
//   winograd/    3x3 kernels with many channels: a quarter of the products
//   filters/     vectors are filters: strides, rows that are no whole vectors, filters that fill them
//   positions/   vectors are positions or images: where scratch memory holds blocks of the inputs
//   reference.c  matrix products over patches: the rest
#include "filters/filters.h"
#include "positions/positions.h"
#include "reference.h"
#include "winograd/winograd.h"

size_t ck_conv_workspace(const ck_kernels *kernels, const ck_conv *c) {
  const size_t channels = c->channels / c->groups, filters = c->filters / c->groups;
  const size_t taps = c->kernel_height * c->kernel_width;
  const size_t needs[] = {ck_correlation_workspace(kernels, c->groups, filters, channels * taps),
                          ck_correlation_workspace(kernels, c->groups, channels, filters * taps),
                          ck_correlate_filters_workspace(kernels, c, false),
                          ck_correlate_filters_workspace(kernels, c, true),
                          ck_winograd_fits(c) ? ck_winograd_workspace(kernels, c) : 0,
                          ck_weight_gradient_workspace(kernels, c),
                          ck_weight_filters_workspace(kernels, c),
                          ck_winograd_weighs(kernels, c) ? ck_winograd_weight_workspace(c) : 0};
  size_t most = 0;
  for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) most = larger_size(most, needs[i]);
  return round_up(most, 2);  // whole doubles
}

void ck_conv_forward(const ck_kernels *kernels, const ck_conv *conv, const float *x, const float *w, const float *bias,
                     bool relu, float *y, float *workspace) {
  const size_t channels = conv->channels / conv->groups, filters = conv->filters / conv->groups;
  const size_t taps = conv->kernel_height * conv->kernel_width;
  const correlation c = {
      .algorithm = conv->algorithm, .kernels = kernels, .images = conv->images, .groups = conv->groups,
      .channels = channels, .filters = filters,
      .y = ck_forward_axis(conv->height, conv->kernel_height, conv->stride_height, conv->dilation_height,
                           conv->padding_height),
      .x = ck_forward_axis(conv->width, conv->kernel_width, conv->stride_width, conv->dilation_width,
                           conv->padding_width),
      .source = x, .out = y, .bias = bias, .relu = relu, .weights = w,
      .weight_group = filters * channels * taps, .weight_filter = channels * taps, .weight_channel = taps,
      .weight_row = conv->kernel_width, .weight_column = 1, .workspace = workspace};
  const filter_correlation by_filters = {.kernels = kernels, .conv = conv, .source = x, .weights = w, .bias = bias,
                                         .relu = relu, .out = y, .workspace = workspace};
  if (conv->algorithm == CK_CONV_REFERENCE) ck_reference_forward(kernels, conv, x, w, bias, relu, y);
  else if (ck_winograd_correlates(&c)) ck_winograd_correlate(&c);
  else if (ck_correlate_filters(&by_filters)) return;
  else if (ck_correlates(&c)) ck_correlate(&c);
  else ck_reference_forward(kernels, conv, x, w, bias, relu, y);
}

// The input gradient at the positions of one residue of each axis by the stride.
static correlation residue_correlation(const ck_kernels *kernels, const ck_conv *conv, size_t i, size_t j,
                                       const float *dy, const float *w, float *dx, float *workspace) {
  const size_t channels = conv->channels / conv->groups, filters = conv->filters / conv->groups;
  const size_t taps = conv->kernel_height * conv->kernel_width;
  const residue y = ck_residue_axis(i, conv->height, ck_conv_output_height(conv), conv->kernel_height,
                                    conv->stride_height, conv->dilation_height, conv->padding_height);
  const residue x = ck_residue_axis(j, conv->width, ck_conv_output_width(conv), conv->kernel_width, conv->stride_width,
                                    conv->dilation_width, conv->padding_width);
  return (correlation){
      .algorithm = conv->algorithm, .kernels = kernels, .images = conv->images, .groups = conv->groups,
      .channels = filters, .filters = channels, .y = y.axis, .x = x.axis, .source = dy, .out = dx,
      .weights = w + y.first_tap * conv->kernel_width + x.first_tap,
      .weight_group = filters * channels * taps, .weight_filter = taps, .weight_channel = channels * taps,
      .weight_row = y.tap_period * conv->kernel_width, .weight_column = x.tap_period, .workspace = workspace};
}

void ck_conv_input_gradient(const ck_kernels *kernels, const ck_conv *conv, const float *dy, const float *w, float *dx,
                            float *workspace) {
  const correlation first = residue_correlation(kernels, conv, 0, 0, dy, w, dx, workspace);
  const filter_correlation by_filters = {.kernels = kernels, .conv = conv, .gradient = true, .source = dy,
                                         .weights = w, .out = dx, .workspace = workspace};
  if (conv->algorithm == CK_CONV_REFERENCE) {
    ck_reference_input_gradient(kernels, conv, dy, w, dx);
    return;
  }
  if (ck_winograd_correlates(&first)) {
    ck_winograd_correlate(&first);
    return;
  }
  if (ck_correlate_filters(&by_filters)) return;
  bool correlates = true;
  for (size_t i = 0; i < conv->stride_height * conv->stride_width; i++) {
    const correlation c =
        residue_correlation(kernels, conv, i / conv->stride_width, i % conv->stride_width, dy, w, dx, workspace);
    correlates = correlates && ck_correlates(&c);
  }
  if (!correlates) ck_reference_input_gradient(kernels, conv, dy, w, dx);
  for (size_t i = 0; correlates && i < conv->stride_height * conv->stride_width; i++) {
    const correlation c =
        residue_correlation(kernels, conv, i / conv->stride_width, i % conv->stride_width, dy, w, dx, workspace);
    ck_correlate(&c);
  }
}

void ck_conv_weight_gradient(const ck_kernels *kernels, const ck_conv *conv, const float *x, const float *dy, float *dw,
                             float *workspace) {
  if (!conv->images || !ck_conv_output_height(conv) || !ck_conv_output_width(conv)) {
    const size_t depth = conv->channels / conv->groups * conv->kernel_height * conv->kernel_width;
    for (size_t i = 0; i < conv->filters * depth; i++) dw[i] = 0.0f;
  } else if (conv->algorithm == CK_CONV_REFERENCE) {
    ck_reference_weight_gradient(kernels, conv, x, dy, dw);
  } else if (ck_winograd_weighs(kernels, conv)) {
    ck_winograd_weight_gradient(kernels, conv, x, dy, dw, workspace);
  } else if (ck_weight_filters(kernels, conv, x, dy, dw, workspace)) {
    return;
  } else if (ck_positions_weigh(kernels, conv)) {
    ck_weight_gradient(kernels, conv, x, dy, dw, workspace);
  } else {
    ck_reference_weight_gradient(kernels, conv, x, dy, dw);
  }
}
