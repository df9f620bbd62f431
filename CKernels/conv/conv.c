// A convolution and its input gradient, as correlations.
#include "correlate.h"
#include "correlate_filters.h"
#include "weight_gradient.h"

size_t ck_conv_output_height(const ck_conv *c) {
  return ck_output_length(c->height, c->kernel_height, c->stride_height, c->dilation_height, c->padding_height);
}

size_t ck_conv_output_width(const ck_conv *c) {
  return ck_output_length(c->width, c->kernel_width, c->stride_width, c->dilation_width, c->padding_width);
}

size_t ck_conv_workspace(const ck_kernels *kernels, const ck_conv *c) {
  const size_t channels = c->channels / c->groups, filters = c->filters / c->groups;
  const size_t taps = c->kernel_height * c->kernel_width;
  const size_t forward = ck_correlation_workspace(kernels, c->groups, filters, channels * taps);
  const size_t backward = ck_correlation_workspace(kernels, c->groups, channels, filters * taps);
  size_t floats = larger_size(larger_size(forward, backward), ck_weight_gradient_workspace(kernels, c));
  floats = larger_size(floats, ck_correlate_filters_workspace(kernels, c, false));
  return larger_size(floats, ck_correlate_filters_workspace(kernels, c, true));
}

void ck_conv_forward(const ck_kernels *kernels, const ck_conv *conv, const float *x, const float *w, const float *bias,
                     bool relu, float *y, float *workspace) {
  if (ck_correlate_filters(&(filter_correlation){.kernels = kernels, .conv = conv, .source = x, .weights = w,
                                                 .bias = bias, .relu = relu, .out = y, .workspace = workspace})) {
    return;
  }
  const size_t channels = conv->channels / conv->groups, filters = conv->filters / conv->groups;
  const size_t taps = conv->kernel_height * conv->kernel_width;
  ck_correlate(&(correlation){
      .kernels = kernels, .images = conv->images, .groups = conv->groups, .channels = channels, .filters = filters,
      .y = ck_forward_axis(conv->height, conv->kernel_height, conv->stride_height, conv->dilation_height,
                        conv->padding_height),
      .x = ck_forward_axis(conv->width, conv->kernel_width, conv->stride_width, conv->dilation_width,
                        conv->padding_width),
      .source = x, .out = y, .bias = bias, .relu = relu, .weights = w,
      .weight_group = filters * channels * taps, .weight_filter = channels * taps,
      .weight_channel = taps, .weight_row = conv->kernel_width, .weight_column = 1,
      .workspace = workspace});
}

void ck_conv_input_gradient(const ck_kernels *kernels, const ck_conv *conv, const float *dy, const float *w, float *dx,
                            float *workspace) {
  if (ck_correlate_filters(&(filter_correlation){.kernels = kernels, .conv = conv, .gradient = true, .source = dy,
                                                 .weights = w, .out = dx, .workspace = workspace})) {
    return;
  }
  const size_t channels = conv->channels / conv->groups, filters = conv->filters / conv->groups;
  const size_t taps = conv->kernel_height * conv->kernel_width;
  for (size_t i = 0; i < conv->stride_height; i++) {
    const residue y = ck_residue_axis(i, conv->height, ck_conv_output_height(conv), conv->kernel_height,
                                   conv->stride_height, conv->dilation_height, conv->padding_height);
    for (size_t j = 0; j < conv->stride_width; j++) {
      const residue x = ck_residue_axis(j, conv->width, ck_conv_output_width(conv), conv->kernel_width,
                                     conv->stride_width, conv->dilation_width, conv->padding_width);
      ck_correlate(&(correlation){
          .kernels = kernels, .images = conv->images, .groups = conv->groups, .channels = filters, .filters = channels,
          .y = y.axis, .x = x.axis, .source = dy, .out = dx,
          .weights = w + y.first_tap * conv->kernel_width + x.first_tap,
          .weight_group = filters * channels * taps, .weight_filter = taps,
          .weight_channel = channels * taps,
          .weight_row = y.tap_period * conv->kernel_width, .weight_column = x.tap_period,
          .workspace = workspace});
    }
  }
}
