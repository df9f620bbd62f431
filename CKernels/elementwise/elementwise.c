// Element-wise kernels, shared out over threads: elements do not know each other, so any split gives the same bits.
#include "elementwise_kernels.h"
#include "../runtime/ranges.h"

// Elements worth a thread, for arithmetic and for transcendental functions: a few microseconds, twenty times what it
// costs to publish the work.
enum { CHEAP = 24576, COSTLY = 4096 };

typedef struct operation {
  const ck_kernels *kernels;
  ck_activation activation;
  bool stream;
  size_t columns;
  float a, b;
  const float *x, *y, *dy;
  float *out;
} operation;

static void forward_range(const void *context, size_t first, size_t end) {
  const operation *o = context;
  o->kernels->elementwise->activation_forward(o->activation, o->a, end - first, o->stream, o->x + first,
                                              o->out + first);
  if (o->stream) o->kernels->stream_end();
}

static void backward_range(const void *context, size_t first, size_t end) {
  const operation *o = context;
  o->kernels->elementwise->activation_backward(o->activation, o->a, end - first, o->stream, o->x + first, o->y + first,
                                  o->dy + first, o->out + first);
  if (o->stream) o->kernels->stream_end();
}

static void axpy_range(const void *context, size_t first, size_t end) {
  const operation *o = context;
  o->kernels->elementwise->axpy(end - first, o->a, o->x + first, o->out + first);
}

static void add_range(const void *context, size_t first, size_t end) {
  const operation *o = context;
  o->kernels->elementwise->add(end - first, o->stream, o->x + first, o->y + first, o->out + first);
  if (o->stream) o->kernels->stream_end();
}

static void scale_range(const void *context, size_t first, size_t end) {
  const operation *o = context;
  o->kernels->elementwise->scale(end - first, o->a, o->out + first);
}

static void multiply_range(const void *context, size_t first, size_t end) {
  const operation *o = context;
  o->kernels->elementwise->multiply(end - first, o->stream, o->x + first, o->y + first, o->out + first);
  if (o->stream) o->kernels->stream_end();
}

static void mask_range(const void *context, size_t first, size_t end) {
  const operation *o = context;
  o->kernels->elementwise->mask_elements(end - first, o->stream, o->x + first, o->y + first, o->out + first);
  if (o->stream) o->kernels->stream_end();
}

static void clamp_range(const void *context, size_t first, size_t end) {
  const operation *o = context;
  o->kernels->elementwise->clamp(end - first, o->a, o->b, o->out + first);
}

static void bias_relu_rows(const void *context, size_t first, size_t end) {
  const operation *o = context;
  for (size_t i = first; i < end; i++) {
    const size_t at = i * o->columns;
    o->kernels->elementwise->bias_relu(o->columns, o->stream, o->x + at, o->y, o->out + at);
  }
  if (o->stream) o->kernels->stream_end();
}

static size_t activation_grain(ck_activation activation) {
  return activation == CK_RELU || activation == CK_LEAKY_RELU ? CHEAP : COSTLY;
}

void ck_activation_forward(const ck_kernels *kernels, ck_activation activation, float slope, size_t n, const float *x,
                           float *y) {
  const operation o = {.kernels = kernels, .activation = activation, .stream = y != x && ck_streams(n, n, y),
                       .a = slope, .x = x, .out = y};
  ck_for_ranges(n, activation_grain(activation), forward_range, &o);
}

void ck_activation_backward(const ck_kernels *kernels, ck_activation activation, float slope, size_t n, const float *x,
                            const float *y, const float *dy, float *dx) {
  const operation o = {.kernels = kernels, .activation = activation, .stream = dx != dy && ck_streams(n, n, dx),
                       .a = slope, .x = x, .y = y, .dy = dy, .out = dx};
  ck_for_ranges(n, activation_grain(activation), backward_range, &o);
}

void ck_bias_relu(const ck_kernels *kernels, size_t rows, size_t columns, const float *x, const float *b, float *y) {
  const operation o = {.kernels = kernels, .stream = y != x && ck_streams(rows * columns, columns, y),
                       .columns = columns, .x = x, .y = b, .out = y};
  ck_for_rows(rows, CHEAP / (columns + 1) + 1, bias_relu_rows, &o);
}

void ck_axpy(const ck_kernels *kernels, size_t n, float alpha, const float *x, float *y) {
  const operation o = {.kernels = kernels, .a = alpha, .x = x, .out = y};
  ck_for_ranges(n, CHEAP, axpy_range, &o);
}

void ck_add(const ck_kernels *kernels, size_t n, const float *x, const float *y, float *z) {
  const operation o = {.kernels = kernels, .stream = z != x && z != y && ck_streams(n, n, z), .x = x, .y = y, .out = z};
  ck_for_ranges(n, CHEAP, add_range, &o);
}

void ck_scale(const ck_kernels *kernels, size_t n, float alpha, float *x) {
  const operation o = {.kernels = kernels, .a = alpha, .out = x};
  ck_for_ranges(n, CHEAP, scale_range, &o);
}

void ck_multiply(const ck_kernels *kernels, size_t n, const float *x, const float *y, float *z) {
  const operation o = {.kernels = kernels, .stream = z != x && z != y && ck_streams(n, n, z), .x = x, .y = y, .out = z};
  ck_for_ranges(n, CHEAP, multiply_range, &o);
}

void ck_mask(const ck_kernels *kernels, size_t n, const float *x, const float *mask, float *z) {
  const operation o = {.kernels = kernels, .stream = z != x && z != mask && ck_streams(n, n, z), .x = x, .y = mask,
                       .out = z};
  ck_for_ranges(n, CHEAP, mask_range, &o);
}

void ck_clamp(const ck_kernels *kernels, size_t n, float low, float high, float *x) {
  const operation o = {.kernels = kernels, .a = low, .b = high, .out = x};
  ck_for_ranges(n, CHEAP, clamp_range, &o);
}
