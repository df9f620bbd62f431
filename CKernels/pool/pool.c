// Pooling over threads: each plane, or each row, is one thread's alone.
#include "pool_kernels.h"

enum { GRAIN = 32768 };  // elements worth a thread

static void for_planes(const ck_pool *pool, size_t planes, ck_range_kernel kernel, const void *task) {
  const size_t elements = pool->height * pool->width + pool->output_height * pool->output_width;
  ck_for_rows(planes, GRAIN / (elements + 1) + 1, kernel, task);
}

static bool streams(const ck_pool *pool, size_t planes, const float *dx) {
  return ck_streams(planes * pool->height * pool->width, pool->width, dx);
}

void ck_max_pool(const ck_kernels *kernels, const ck_pool *pool, size_t planes, const float *x, float *y) {
  for_planes(pool, planes, kernels->pool->max_pool, &(ck_pool_task){pool, x, y});
}

void ck_max_pool_gradient(const ck_kernels *kernels, const ck_pool *pool, size_t planes, const float *x,
                          const float *y, const float *dy, float *dx) {
  const ck_max_pool_gradient_task task = {pool, streams(pool, planes, dx), x, y, dy, dx};
  for_planes(pool, planes, kernels->pool->max_pool_gradient, &task);
}

void ck_average_pool(const ck_kernels *kernels, const ck_pool *pool, size_t planes, const float *x, float *y) {
  for_planes(pool, planes, kernels->pool->average_pool, &(ck_pool_task){pool, x, y});
}

void ck_average_pool_gradient(const ck_kernels *kernels, const ck_pool *pool, size_t planes, const float *dy,
                              float *dx) {
  const ck_average_pool_gradient_task task = {pool, streams(pool, planes, dx), dy, dx};
  for_planes(pool, planes, kernels->pool->average_pool_gradient, &task);
}

static void for_rows(size_t rows, size_t columns, ck_range_kernel kernel, const void *task) {
  ck_for_rows(rows, GRAIN / (columns + 1) + 1, kernel, task);
}

void ck_row_means(const ck_kernels *kernels, size_t rows, size_t columns, const float *x, float *y) {
  for_rows(rows, columns, kernels->pool->row_means, &(ck_row_means_task){columns, x, y});
}

void ck_fill_rows(const ck_kernels *kernels, size_t rows, size_t columns, float alpha, const float *value, float *y) {
  for_rows(rows, columns, kernels->pool->fill_rows, &(ck_fill_rows_task){columns, alpha, value, y});
}

void ck_mask_rows(const ck_kernels *kernels, size_t rows, size_t columns, const float *mask, const float *x,
                  float *y) {
  for_rows(rows, columns, kernels->pool->mask_rows, &(ck_mask_rows_task){columns, mask, x, y});
}
