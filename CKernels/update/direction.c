// Directions over threads: sums in chunks that the length alone decides, added in order.
#include "update_kernels.h"

double ck_nadam_direction(const ck_kernels *kernels, size_t n, const ck_nadam_args *args, const float *g,
                          const float *m, const float *v, float *next_m, float *next_v, float *d) {
  const ck_nadam_direction_task task = {args, g, m, v, next_m, next_v, d};
  return ck_sum_chunks(n, ck_chunk_length(n), kernels->update->nadam_direction, &task);
}

void ck_blended_momentum(const ck_kernels *kernels, size_t n, float beta, float blend, const float *g, const float *m,
                         float *next_m, float *x) {
  const ck_blended_momentum_task task = {beta, blend, g, m, next_m, x};
  ck_for_ranges(n, CK_UPDATE_GRAIN, kernels->update->blended_momentum, &task);
}

typedef struct path_chunks {
  size_t n, length;
  ck_path_sums_kernel kernel;
  ck_path_sums_task task;
  ck_path_sums sums[CK_CHUNKS];
} path_chunks;

static void path_chunk(void *context, size_t index, ck_scratch *scratch) {
  (void)scratch;
  path_chunks *c = context;
  const size_t first = index * c->length;
  c->sums[index] = c->kernel(&c->task, first, smaller(first + c->length, c->n));
}

ck_path_sums ck_path_sums_of(const ck_kernels *kernels, size_t n, const float *w0, const float *w, const float *g0,
                             const float *g) {
  path_chunks c = {.n = n, .length = ck_chunk_length(n), .kernel = kernels->update->path_sums, .task = {w0, w, g0, g}};
  const size_t count = ceil_div(n, c.length);
  ck_parallel_for(count, path_chunk, &c);
  ck_path_sums whole = {0, 0, 0, 0};
  for (size_t i = 0; i < count; i++) {
    whole.start_slope += c.sums[i].start_slope;
    whole.end_slope += c.sums[i].end_slope;
    whole.start_squared += c.sums[i].start_squared;
    whole.end_squared += c.sums[i].end_squared;
  }
  return whole;
}
