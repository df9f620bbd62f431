// Pooling over threads: each plane, or each row, is one thread's alone.
#include "pool_kernels.h"
#include "../runtime/ranges.h"

enum { GRAIN = 32768 };  // elements worth a thread

typedef struct planes {
  const ck_kernels *kernels;
  const ck_pool *pool;
  size_t in, out;  // elements of a plane before and behind
  bool stream;
  const float *x, *y, *dy;
  float *result;
} planes;

static planes planes_of(const ck_kernels *kernels, const ck_pool *pool) {
  return (planes){.kernels = kernels, .pool = pool, .in = pool->height * pool->width,
                  .out = pool->output_height * pool->output_width};
}

static void for_planes(size_t count, ck_range_task task, const planes *p) {
  ck_for_rows(count, GRAIN / (p->in + p->out + 1) + 1, task, p);
}

static void max_planes(const void *context, size_t first, size_t end) {
  const planes *p = context;
  for (size_t i = first; i < end; i++) p->kernels->pool->max_pool(p->pool, p->x + i * p->in, p->result + i * p->out);
}

static void max_gradient_planes(const void *context, size_t first, size_t end) {
  const planes *p = context;
  for (size_t i = first; i < end; i++) {
    p->kernels->pool->max_pool_gradient(p->pool, p->stream, p->x + i * p->in, p->y + i * p->out, p->dy + i * p->out,
                                  p->result + i * p->in);
  }
  if (p->stream) p->kernels->stream_end();
}

static void average_planes(const void *context, size_t first, size_t end) {
  const planes *p = context;
  for (size_t i = first; i < end; i++) p->kernels->pool->average_pool(p->pool, p->x + i * p->in,
                                                                      p->result + i * p->out);
}

static void average_gradient_planes(const void *context, size_t first, size_t end) {
  const planes *p = context;
  for (size_t i = first; i < end; i++) {
    p->kernels->pool->average_pool_gradient(p->pool, p->stream, p->dy + i * p->out, p->result + i * p->in);
  }
  if (p->stream) p->kernels->stream_end();
}

void ck_max_pool(const ck_kernels *kernels, const ck_pool *pool, size_t count, const float *x, float *y) {
  planes p = planes_of(kernels, pool);
  p.x = x;
  p.result = y;
  for_planes(count, max_planes, &p);
}

void ck_max_pool_gradient(const ck_kernels *kernels, const ck_pool *pool, size_t count, const float *x, const float *y,
                          const float *dy, float *dx) {
  planes p = planes_of(kernels, pool);
  p.stream = ck_streams(count * p.in, pool->width, dx);
  p.x = x;
  p.y = y;
  p.dy = dy;
  p.result = dx;
  for_planes(count, max_gradient_planes, &p);
}

void ck_average_pool(const ck_kernels *kernels, const ck_pool *pool, size_t count, const float *x, float *y) {
  planes p = planes_of(kernels, pool);
  p.x = x;
  p.result = y;
  for_planes(count, average_planes, &p);
}

void ck_average_pool_gradient(const ck_kernels *kernels, const ck_pool *pool, size_t count, const float *dy,
                              float *dx) {
  planes p = planes_of(kernels, pool);
  p.stream = ck_streams(count * p.in, pool->width, dx);
  p.dy = dy;
  p.result = dx;
  for_planes(count, average_gradient_planes, &p);
}

typedef struct rows {
  const ck_kernels *kernels;
  size_t columns;
  float alpha;
  const float *factor, *x;
  float *y;
} rows;

static void mean_rows(const void *context, size_t first, size_t end) {
  const rows *r = context;
  r->kernels->pool->row_means(end - first, r->columns, r->x + first * r->columns, r->y + first);
}

static void filled_rows(const void *context, size_t first, size_t end) {
  const rows *r = context;
  r->kernels->pool->fill_rows(end - first, r->columns, r->alpha, r->factor + first, r->y + first * r->columns);
}

static void masked_rows(const void *context, size_t first, size_t end) {
  const rows *r = context;
  const size_t at = first * r->columns;
  r->kernels->pool->mask_rows(end - first, r->columns, r->factor + first, r->x + at, r->y + at);
}

void ck_row_means(const ck_kernels *kernels, size_t count, size_t columns, const float *x, float *y) {
  const rows r = {.kernels = kernels, .columns = columns, .x = x, .y = y};
  ck_for_rows(count, GRAIN / (columns + 1) + 1, mean_rows, &r);
}

void ck_fill_rows(const ck_kernels *kernels, size_t count, size_t columns, float alpha, const float *value, float *y) {
  const rows r = {.kernels = kernels, .columns = columns, .alpha = alpha, .factor = value, .y = y};
  ck_for_rows(count, GRAIN / (columns + 1) + 1, filled_rows, &r);
}

void ck_mask_rows(const ck_kernels *kernels, size_t count, size_t columns, const float *mask, const float *x,
                  float *y) {
  const rows r = {.kernels = kernels, .columns = columns, .factor = mask, .x = x, .y = y};
  ck_for_rows(count, GRAIN / (columns + 1) + 1, masked_rows, &r);
}
