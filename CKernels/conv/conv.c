// A convolution and its input gradient, as correlations.
#include "../common/kernels.h"
#include "../runtime/sizes.h"
#include "correlate.h"
#include "weight_gradient.h"

static size_t output_length(size_t length, size_t kernel, size_t stride, size_t dilation, size_t padding) {
  const size_t padded = length + 2 * padding, reach = dilation * (kernel - 1) + 1;
  return padded < reach ? 0 : (padded - reach) / stride + 1;
}

size_t ck_conv_output_height(const ck_conv *c) {
  return output_length(c->height, c->kernel_height, c->stride_height, c->dilation_height, c->padding_height);
}

size_t ck_conv_output_width(const ck_conv *c) {
  return output_length(c->width, c->kernel_width, c->stride_width, c->dilation_width, c->padding_width);
}

size_t ck_conv_workspace(const ck_kernels *kernels, const ck_conv *c) {
  const size_t channels = c->channels / c->groups, filters = c->filters / c->groups;
  const size_t taps = c->kernel_height * c->kernel_width;
  const size_t forward = correlation_workspace(kernels, c->groups, filters, channels * taps);
  const size_t backward = correlation_workspace(kernels, c->groups, channels, filters * taps);
  return larger_size(larger_size(forward, backward), weight_gradient_workspace(kernels, c));
}

grid_axis forward_axis(size_t length, size_t kernel, size_t stride, size_t dilation, size_t padding) {
  const size_t output = output_length(length, kernel, stride, dilation, padding);
  return (grid_axis){.length = output, .source = length, .step = stride, .taps = kernel,
                     .first = -(ptrdiff_t)padding, .spacing = (ptrdiff_t)dilation, .output = output, .stride = 1};
}

void ck_conv_forward(const ck_kernels *kernels, const ck_conv *conv, const float *x, const float *w, const float *bias,
                     bool relu, float *y, float *workspace) {
  const size_t channels = conv->channels / conv->groups, filters = conv->filters / conv->groups;
  const size_t taps = conv->kernel_height * conv->kernel_width;
  correlate(&(correlation){
      .kernels = kernels, .images = conv->images, .groups = conv->groups, .channels = channels, .filters = filters,
      .y = forward_axis(conv->height, conv->kernel_height, conv->stride_height, conv->dilation_height,
                        conv->padding_height),
      .x = forward_axis(conv->width, conv->kernel_width, conv->stride_width, conv->dilation_width,
                        conv->padding_width),
      .source = x, .out = y, .bias = bias, .relu = relu, .weights = w,
      .weight_group = filters * channels * taps, .weight_filter = channels * taps,
      .weight_channel = taps, .weight_row = conv->kernel_width, .weight_column = 1,
      .workspace = workspace});
}

// The input positions i of one residue of i + padding by the stride. Tap `first_tap` + j `tap_period` of the kernel
// reaches each of them from exactly one output position; the other taps reach none.
typedef struct residue {
  grid_axis axis;
  size_t first_tap, tap_period;
} residue;

static size_t greatest_common_divisor(size_t a, size_t b) {
  while (b) {
    const size_t rest = a % b;
    a = b, b = rest;
  }
  return a;
}

static residue residue_axis(size_t index, size_t length, size_t output, size_t kernel, size_t stride, size_t dilation,
                            size_t padding) {
  residue r = {.tap_period = stride / greatest_common_divisor(stride, dilation)};
  const size_t start = (index + stride - padding % stride) % stride;
  r.axis = (grid_axis){.source = output, .step = 1, .output = length, .start = start, .stride = stride};
  if (start < length) r.axis.length = (length - start - 1) / stride + 1;
  while (r.first_tap < kernel && r.first_tap * dilation % stride != index) r.first_tap++;
  if (r.first_tap < kernel) {
    r.axis.taps = (kernel - r.first_tap - 1) / r.tap_period + 1;
    r.axis.first = (ptrdiff_t)((start + padding - index) / stride) - (ptrdiff_t)((r.first_tap * dilation - index) / stride);
    r.axis.spacing = -(ptrdiff_t)(r.tap_period * dilation / stride);
  }
  return r;
}

void ck_conv_input_gradient(const ck_kernels *kernels, const ck_conv *conv, const float *dy, const float *w, float *dx,
                            float *workspace) {
  const size_t channels = conv->channels / conv->groups, filters = conv->filters / conv->groups;
  const size_t taps = conv->kernel_height * conv->kernel_width;
  for (size_t i = 0; i < conv->stride_height; i++) {
    const residue y = residue_axis(i, conv->height, ck_conv_output_height(conv), conv->kernel_height,
                                   conv->stride_height, conv->dilation_height, conv->padding_height);
    for (size_t j = 0; j < conv->stride_width; j++) {
      const residue x = residue_axis(j, conv->width, ck_conv_output_width(conv), conv->kernel_width,
                                     conv->stride_width, conv->dilation_width, conv->padding_width);
      correlate(&(correlation){
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
