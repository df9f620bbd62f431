// Rules that find their step sizes, over threads: sums in chunks that the length alone decides, added in order.
#include "update_kernels.h"

ck_prodigy_sums ck_prodigy_moments(const ck_kernels *kernels, size_t n, const ck_prodigy_args *args, const float *g,
                                   const float *w0, const float *w, float *m, float *v, float *s) {
  const ck_prodigy_moments_task task = {args, g, w0, w, m, v, s};
  double sums[2];
  ck_sums_of_chunks(n, 2, kernels->update->prodigy_moments, &task, sums);
  return (ck_prodigy_sums){sums[0], sums[1]};
}

void ck_moment_step(const ck_kernels *kernels, size_t n, float rate, float decay_factor, float epsilon, const float *m,
                    const float *v, float *w) {
  const ck_moment_step_task task = {rate, decay_factor, epsilon, m, v, w};
  ck_for_ranges(n, CK_UPDATE_GRAIN, kernels->update->moment_step, &task);
}

ck_dadapt_sums ck_dadapt_adam(const ck_kernels *kernels, size_t n, const ck_dadapt_args *args, const float *g, float *m,
                              float *v, float *s, float *w) {
  const ck_dadapt_adam_task task = {args, g, m, v, s, w};
  double sums[2];
  ck_sums_of_chunks(n, 2, kernels->update->dadapt_adam, &task, sums);
  return (ck_dadapt_sums){sums[0], sums[1]};
}

ck_distance_sums ck_distance_sums_of(const ck_kernels *kernels, size_t n, const float *w0, const float *w,
                                     const float *g) {
  double sums[2];
  ck_sums_of_chunks(n, 2, kernels->update->distance_sums, &(ck_distance_sums_task){w0, w, g}, sums);
  return (ck_distance_sums){sums[0], sums[1]};
}

ck_mechanic_sums ck_mechanic_path(const ck_kernels *kernels, size_t n, float scale, const float *g, const float *w0,
                                  const float *w, float *path) {
  double sums[4];
  ck_sums_of_chunks(n, 4, kernels->update->mechanic_path, &(ck_mechanic_path_task){scale, g, w0, w, path}, sums);
  return (ck_mechanic_sums){sums[0], sums[1], sums[2], sums[3]};
}

void ck_mechanic_step(const ck_kernels *kernels, size_t n, float scale, const float *w0, const float *path, float *w) {
  ck_for_ranges(n, CK_UPDATE_GRAIN, kernels->update->mechanic_step, &(ck_mechanic_step_task){scale, w0, path, w});
}

void ck_cocob(const ck_kernels *kernels, size_t n, float rate, float alpha, const float *g, const float *w0,
              const ck_cocob_state *state, float *w) {
  ck_for_ranges(n, CK_UPDATE_GRAIN, kernels->update->cocob, &(ck_cocob_task){rate, alpha, g, w0, state, w});
}
