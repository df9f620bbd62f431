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

ck_path_sums ck_path_sums_of(const ck_kernels *kernels, size_t n, const float *w0, const float *w, const float *g0,
                             const float *g) {
  const ck_path_sums_task task = {w0, w, g0, g};
  double sums[4];
  ck_sums_of_chunks(n, 4, kernels->update->path_sums, &task, sums);
  return (ck_path_sums){sums[0], sums[1], sums[2], sums[3]};
}
