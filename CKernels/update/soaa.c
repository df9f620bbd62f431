// SOAA over threads: chunks that the tensor's size alone decides, whose sums are added in order.
#include "update_kernels.h"

typedef struct moment_chunks {
  size_t n, length;
  ck_soaa_moments_kernel kernel;
  ck_soaa_moments_task task;
  ck_soaa_sums sums[CK_CHUNKS];
} moment_chunks;

static void moment_chunk(void *context, size_t index, ck_scratch *scratch) {
  (void)scratch;
  moment_chunks *c = context;
  const size_t first = index * c->length;
  c->sums[index] = c->kernel(&c->task, first, smaller(first + c->length, c->n));
}

ck_soaa_sums ck_soaa_moments(const ck_kernels *kernels, size_t n, const ck_soaa_args *args, const float *g, float *m,
                             float *v) {
  moment_chunks c = {.n = n, .length = ck_chunk_length(n), .kernel = kernels->update->soaa_moments,
                     .task = {args, g, m, v}};
  const size_t count = ceil_div(n, c.length);
  ck_parallel_for(count, moment_chunk, &c);
  ck_soaa_sums whole = {0, 0};
  for (size_t i = 0; i < count; i++) {
    whole.first_squared += c.sums[i].first_squared;
    whole.second += c.sums[i].second;
  }
  return whole;
}

double ck_soaa_step(const ck_kernels *kernels, size_t n, const ck_soaa_args *args, const float *g, const float *m,
                    const float *v, float *w) {
  const ck_soaa_step_task task = {args, g, m, v, w};
  return ck_sum_chunks(n, ck_chunk_length(n), kernels->update->soaa_step, &task);
}
