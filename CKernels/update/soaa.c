// SOAA over threads: chunks that the tensor's size alone decides, whose sums are added in order.
#include "update_kernels.h"

ck_soaa_sums ck_soaa_moments(const ck_kernels *kernels, size_t n, const ck_soaa_args *args, const float *g, float *m,
                             float *v) {
  const ck_soaa_moments_task task = {args, g, m, v};
  double sums[2];
  ck_sums_of_chunks(n, 2, kernels->update->soaa_moments, &task, sums);
  return (ck_soaa_sums){sums[0], sums[1]};
}

double ck_soaa_step(const ck_kernels *kernels, size_t n, const ck_soaa_args *args, const float *g, const float *m,
                    const float *v, float *w) {
  const ck_soaa_step_task task = {args, g, m, v, w};
  return ck_sum_chunks(n, ck_chunk_length(n), kernels->update->soaa_step, &task);
}
