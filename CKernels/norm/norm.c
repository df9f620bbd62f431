// Normalization over threads: each channel, or each row, is one thread's alone.
#include "norm_kernels.h"

enum { GRAIN = 32768 };  // elements worth a thread

typedef struct channel_groups {
  size_t channels, group;  // in all, and in one call of the kernel
  ck_range_kernel kernel;
  const void *task;
} channel_groups;

static void run_group(void *context, size_t index, ck_scratch *scratch) {
  (void)scratch;
  const channel_groups *g = context;
  const size_t first = index * g->group;
  g->kernel(g->task, first, smaller(first + g->group, g->channels));
}

// Channels are few and long, so that one may be worth a thread; those of a single element share vectors.
static void for_channels(const ck_channels *shape, ck_range_kernel kernel, const void *task) {
  const size_t least = GRAIN / (shape->images * shape->area + 1) + 1;
  channel_groups groups = {shape->channels, shape->area == 1 ? round_up(least, 16) : least, kernel, task};
  ck_parallel_for(ceil_div(shape->channels, groups.group), run_group, &groups);
}

// Whether an output, which is no input, may go past the caches: one whose runs along the area are long.
static bool streams(const ck_channels *shape, const float *out) {
  return shape->area > 1 && ck_streams(shape->images * shape->channels * shape->area, shape->area, out);
}

void ck_batch_norm(const ck_kernels *kernels, const ck_channels *shape, float epsilon, const float *x,
                   const float *gamma, const float *beta, bool relu, float *mean, float *variance, float *inverse,
                   float *y) {
  const bool stream = y != x && streams(shape, y);
  const ck_batch_norm_task task = {*shape, epsilon, x, gamma, beta, relu, stream, mean, variance, inverse, y};
  for_channels(shape, kernels->norm->batch_norm, &task);
}

void ck_batch_norm_gradient(const ck_kernels *kernels, const ck_channels *shape, const float *dy, const float *x,
                            const float *gamma, const float *beta, bool relu, const float *mean, const float *inverse,
                            float *dgamma, float *dbeta, float *dx) {
  const bool stream = dx != x && dx != dy && dx && streams(shape, dx);
  const ck_batch_norm_gradient_task task = {*shape, dy, x, gamma, beta, relu, stream, mean, inverse, dgamma, dbeta, dx};
  for_channels(shape, kernels->norm->batch_norm_gradient, &task);
}

void ck_channel_affine(const ck_kernels *kernels, const ck_channels *shape, const float *x, const float *mean,
                       const float *scale, const float *shift, bool relu, float *y) {
  const ck_channel_affine_task task = {*shape, x, mean, scale, shift, relu, y};
  for_channels(shape, kernels->norm->channel_affine, &task);
}

void ck_layer_norm(const ck_kernels *kernels, size_t rows, size_t columns, float epsilon, const float *x,
                   const float *gamma, const float *beta, float *mean, float *inverse, float *y) {
  const ck_layer_norm_task task = {columns, epsilon, x, gamma, beta, mean, inverse, y};
  ck_for_rows(rows, GRAIN / (columns + 1) + 1, kernels->norm->layer_norm, &task);
}

void ck_layer_norm_gradient(const ck_kernels *kernels, size_t rows, size_t columns, const float *dy, const float *x,
                            const float *gamma, const float *mean, const float *inverse, float *dx) {
  const ck_layer_norm_gradient_task task = {columns, dy, x, gamma, mean, inverse, dx};
  ck_for_rows(rows, GRAIN / (columns + 1) + 1, kernels->norm->layer_norm_gradient, &task);
}

void ck_layer_norm_sums(const ck_kernels *kernels, size_t rows, size_t columns, const float *dy, const float *x,
                        const float *mean, const float *inverse, float *dgamma, float *dbeta) {
  const ck_layer_norm_sums_task task = {rows, columns, dy, x, mean, inverse, dgamma, dbeta};
  ck_for_ranges(columns, larger_size(16, GRAIN / (rows + 1)), kernels->norm->layer_norm_sums, &task);
}
