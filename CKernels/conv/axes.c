#include "axes.h"

size_t ck_output_length(size_t length, size_t kernel, size_t stride, size_t dilation, size_t padding) {
  const size_t padded = length + 2 * padding, reach = dilation * (kernel - 1) + 1;
  return padded < reach ? 0 : (padded - reach) / stride + 1;
}

size_t ck_conv_output_height(const ck_conv *c) {
  return ck_output_length(c->height, c->kernel_height, c->stride_height, c->dilation_height, c->padding_height);
}

size_t ck_conv_output_width(const ck_conv *c) {
  return ck_output_length(c->width, c->kernel_width, c->stride_width, c->dilation_width, c->padding_width);
}

grid_axis ck_forward_axis(size_t length, size_t kernel, size_t stride, size_t dilation, size_t padding) {
  const size_t output = ck_output_length(length, kernel, stride, dilation, padding);
  return (grid_axis){.length = output, .source = length, .step = stride, .taps = kernel,
                     .first = -(ptrdiff_t)padding, .spacing = (ptrdiff_t)dilation, .output = output, .stride = 1};
}

static size_t greatest_common_divisor(size_t a, size_t b) {
  while (b) {
    const size_t rest = a % b;
    a = b, b = rest;
  }
  return a;
}

stride_phase ck_phase_axis(size_t index, size_t length, size_t output, size_t kernel, size_t stride, size_t dilation,
                            size_t padding) {
  stride_phase r = {.tap_period = stride / greatest_common_divisor(stride, dilation)};
  const size_t start = (index + stride - padding % stride) % stride;
  r.axis = (grid_axis){.source = output, .step = 1, .output = length, .start = start, .stride = stride};
  if (start < length) r.axis.length = (length - start - 1) / stride + 1;
  while (r.first_tap < kernel && r.first_tap * dilation % stride != index) r.first_tap++;
  if (r.first_tap < kernel) {
    r.axis.taps = (kernel - r.first_tap - 1) / r.tap_period + 1;
    r.axis.first = (ptrdiff_t)((start + padding - index) / stride) -
                   (ptrdiff_t)((r.first_tap * dilation - index) / stride);
    r.axis.spacing = -(ptrdiff_t)(r.tap_period * dilation / stride);
  }
  return r;
}
