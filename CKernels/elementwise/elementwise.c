// Element-wise kernels, shared out over threads: elements do not know each other, so any split gives the same bits.
#include "elementwise_kernels.h"

// Elements worth a thread, for arithmetic and for transcendental functions: a few microseconds, twenty times what it
// costs to publish the work.
enum { CHEAP = 24576, COSTLY = 4096 };

static size_t activation_grain(ck_activation activation) {
  return activation == CK_RELU || activation == CK_LEAKY_RELU ? CHEAP : COSTLY;
}

void ck_activation_forward(const ck_kernels *kernels, ck_activation activation, float slope, size_t n, const float *x,
                           float *y) {
  const ck_activation_forward_task task = {activation, slope, y != x && ck_streams(n, n, y), x, y};
  ck_for_ranges(n, activation_grain(activation), kernels->elementwise->activation_forward, &task);
}

void ck_activation_backward(const ck_kernels *kernels, ck_activation activation, float slope, size_t n, const float *x,
                            const float *y, const float *dy, float *dx) {
  const ck_activation_backward_task task = {activation, slope, dx != dy && ck_streams(n, n, dx), x, y, dy, dx};
  ck_for_ranges(n, activation_grain(activation), kernels->elementwise->activation_backward, &task);
}

void ck_bias_relu(const ck_kernels *kernels, size_t rows, size_t columns, const float *x, const float *b, float *y) {
  const ck_bias_relu_task task = {columns, y != x && ck_streams(rows * columns, columns, y), x, b, y};
  ck_for_rows(rows, CHEAP / (columns + 1) + 1, kernels->elementwise->bias_relu, &task);
}

void ck_axpy(const ck_kernels *kernels, size_t n, float alpha, const float *x, float *y) {
  ck_for_ranges(n, CHEAP, kernels->elementwise->axpy, &(ck_axpy_task){alpha, x, y});
}

void ck_add(const ck_kernels *kernels, size_t n, const float *x, const float *y, bool relu, float *z) {
  const ck_add_task task = {z != x && z != y && ck_streams(n, n, z), relu, x, y, z};
  ck_for_ranges(n, CHEAP, kernels->elementwise->add, &task);
}

void ck_scale(const ck_kernels *kernels, size_t n, float alpha, float *x) {
  ck_for_ranges(n, CHEAP, kernels->elementwise->scale, &(ck_scale_task){alpha, x});
}

void ck_multiply(const ck_kernels *kernels, size_t n, const float *x, const float *y, float *z) {
  const ck_multiply_task task = {z != x && z != y && ck_streams(n, n, z), x, y, z};
  ck_for_ranges(n, CHEAP, kernels->elementwise->multiply, &task);
}

void ck_mask(const ck_kernels *kernels, size_t n, const float *x, const float *mask, float *z) {
  const ck_mask_task task = {z != x && z != mask && ck_streams(n, n, z), x, mask, z};
  ck_for_ranges(n, CHEAP, kernels->elementwise->mask_elements, &task);
}

void ck_clamp(const ck_kernels *kernels, size_t n, float low, float high, float *x) {
  ck_for_ranges(n, CHEAP, kernels->elementwise->clamp, &(ck_clamp_task){low, high, x});
}
