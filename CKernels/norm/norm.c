// Normalization over threads: each channel, or each row, is one thread's alone.
#include "norm_kernels.h"
#include "../runtime/ranges.h"

enum { GRAIN = 32768 };  // elements worth a thread

typedef struct channel_call {
  size_t channels, group;  // in all, and in one task
  ck_range_task task;
  const void *context;
} channel_call;

static void run_channels(void *context, size_t index, ck_scratch *scratch) {
  (void)scratch;
  const channel_call *call = context;
  const size_t first = index * call->group, rest = call->channels - first;
  call->task(call->context, first, first + (rest < call->group ? rest : call->group));
}

// Channels are few and long, so that one may be worth a thread; those of a single element share vectors.
static void for_channels(const ck_channels *shape, ck_range_task task, const void *context) {
  size_t group = GRAIN / (shape->images * shape->area + 1) + 1;
  if (shape->area == 1) group = (group + 15) & ~(size_t)15;
  channel_call call = {shape->channels, group, task, context};
  ck_parallel_for((shape->channels + group - 1) / group, run_channels, &call);
}

// Whether an output, which is no input, may go past the caches: one whose runs along the area are long.
static bool streams(const ck_channels *shape, const float *out) {
  return shape->area > 1 && ck_streams(shape->images * shape->channels * shape->area, shape->area, out);
}

typedef struct forward {
  const ck_kernels *kernels;
  ck_batch_norm_args args;
} forward;

static void forward_channels(const void *context, size_t first, size_t end) {
  const forward *f = context;
  f->kernels->norm->batch_norm(&f->args, first, end);
  if (f->args.stream) f->kernels->stream_end();
}

void ck_batch_norm(const ck_kernels *kernels, const ck_channels *shape, float epsilon, const float *x,
                   const float *gamma, const float *beta, bool relu, float *mean, float *variance, float *inverse,
                   float *y) {
  const bool stream = y != x && streams(shape, y);
  const forward f = {kernels, {*shape, epsilon, x, gamma, beta, relu, stream, mean, variance, inverse, y}};
  for_channels(shape, forward_channels, &f);
}

typedef struct backward {
  const ck_kernels *kernels;
  ck_batch_norm_gradient_args args;
} backward;

static void backward_channels(const void *context, size_t first, size_t end) {
  const backward *b = context;
  b->kernels->norm->batch_norm_gradient(&b->args, first, end);
  if (b->args.stream) b->kernels->stream_end();
}

void ck_batch_norm_gradient(const ck_kernels *kernels, const ck_channels *shape, const float *dy, const float *x,
                            const float *gamma, const float *beta, bool relu, const float *mean, const float *inverse,
                            float *dgamma, float *dbeta, float *dx) {
  const bool stream = dx != x && dx != dy && dx && streams(shape, dx);
  const backward b = {kernels, {*shape, dy, x, gamma, beta, relu, stream, mean, inverse, dgamma, dbeta, dx}};
  for_channels(shape, backward_channels, &b);
}

typedef struct affine {
  const ck_kernels *kernels;
  ck_channels shape;
  const float *x, *mean, *scale, *shift;
  bool relu;
  float *y;
} affine;

static void affine_channels(const void *context, size_t first, size_t end) {
  const affine *a = context;
  a->kernels->norm->channel_affine(&a->shape, first, end, a->x, a->mean, a->scale, a->shift, a->relu, a->y);
}

void ck_channel_affine(const ck_kernels *kernels, const ck_channels *shape, const float *x, const float *mean,
                       const float *scale, const float *shift, bool relu, float *y) {
  const affine a = {kernels, *shape, x, mean, scale, shift, relu, y};
  for_channels(shape, affine_channels, &a);
}

typedef struct rows {
  const ck_kernels *kernels;
  size_t rows, columns;
  float epsilon;
  const float *dy, *x, *gamma, *beta, *known_mean, *known_inverse;
  float *mean, *inverse, *out, *dgamma, *dbeta;
} rows;

static void forward_rows(const void *context, size_t first, size_t end) {
  const rows *r = context;
  const size_t at = first * r->columns;
  r->kernels->norm->layer_norm(end - first, r->columns, r->epsilon, r->x + at, r->gamma, r->beta, r->mean + first,
                         r->inverse + first, r->out + at);
}

static void backward_rows(const void *context, size_t first, size_t end) {
  const rows *r = context;
  const size_t at = first * r->columns;
  r->kernels->norm->layer_norm_gradient(end - first, r->columns, r->dy + at, r->x + at, r->gamma, r->known_mean + first,
                                  r->known_inverse + first, r->out + at);
}

static void sum_columns(const void *context, size_t first, size_t end) {
  const rows *r = context;
  r->kernels->norm->layer_norm_sums(r->rows, r->columns, first, end, r->dy, r->x, r->known_mean, r->known_inverse,
                              r->dgamma, r->dbeta);
}

void ck_layer_norm(const ck_kernels *kernels, size_t count, size_t columns, float epsilon, const float *x,
                   const float *gamma, const float *beta, float *mean, float *inverse, float *y) {
  const rows r = {.kernels = kernels, .columns = columns, .epsilon = epsilon, .x = x, .gamma = gamma, .beta = beta,
                  .mean = mean, .inverse = inverse, .out = y};
  ck_for_rows(count, GRAIN / (columns + 1) + 1, forward_rows, &r);
}

void ck_layer_norm_gradient(const ck_kernels *kernels, size_t count, size_t columns, const float *dy, const float *x,
                            const float *gamma, const float *mean, const float *inverse, float *dx) {
  const rows r = {.kernels = kernels, .columns = columns, .dy = dy, .x = x, .gamma = gamma, .known_mean = mean,
                  .known_inverse = inverse, .out = dx};
  ck_for_rows(count, GRAIN / (columns + 1) + 1, backward_rows, &r);
}

void ck_layer_norm_sums(const ck_kernels *kernels, size_t count, size_t columns, const float *dy, const float *x,
                        const float *mean, const float *inverse, float *dgamma, float *dbeta) {
  const rows r = {.kernels = kernels, .rows = count, .columns = columns, .dy = dy, .x = x, .known_mean = mean,
                  .known_inverse = inverse, .dgamma = dgamma, .dbeta = dbeta};
  ck_for_ranges(columns, GRAIN / (count + 1) + 16, sum_columns, &r);
}
