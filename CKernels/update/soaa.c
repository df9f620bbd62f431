// SOAA over threads: parts that the tensor's size alone decides, whose sums are added in order.
#include "update_kernels.h"
#include "../runtime/ranges.h"

typedef struct moments_pass {
  const ck_kernels *kernels;
  const ck_soaa_args *args;
  size_t n, length;
  const float *g;
  float *m, *v;
  ck_soaa_sums sums[CK_CHUNKS];
} moments_pass;

static void moments_part(void *context, size_t index, ck_scratch *scratch) {
  (void)scratch;
  moments_pass *p = context;
  const size_t at = index * p->length;
  p->sums[index] = p->kernels->update->soaa_moments(smaller(p->length, p->n - at), p->args, p->g + at, p->m + at,
                                                    p->v + at);
}

ck_soaa_sums ck_soaa_moments(const ck_kernels *kernels, size_t n, const ck_soaa_args *args, const float *g, float *m,
                             float *v) {
  moments_pass p = {.kernels = kernels, .args = args, .n = n, .length = ck_chunk_length(n), .g = g, .m = m, .v = v};
  const size_t parts = ceil_div(n, p.length);
  ck_parallel_for(parts, moments_part, &p);
  ck_soaa_sums whole = {0, 0};
  for (size_t i = 0; i < parts; i++) {
    whole.first_squared += p.sums[i].first_squared;
    whole.second += p.sums[i].second;
  }
  return whole;
}

typedef struct step_pass {
  const ck_kernels *kernels;
  const ck_soaa_args *args;
  const float *g, *m, *v;
  float *w;
} step_pass;

static double step_range(const void *context, size_t first, size_t end) {
  const step_pass *p = context;
  return p->kernels->update->soaa_step(end - first, p->args, p->g + first, p->m + first, p->v + first, p->w + first);
}

double ck_soaa_step(const ck_kernels *kernels, size_t n, const ck_soaa_args *args, const float *g, const float *m,
                    const float *v, float *w) {
  const step_pass p = {.kernels = kernels, .args = args, .g = g, .m = m, .v = v, .w = w};
  return ck_sum_chunks(n, ck_chunk_length(n), step_range, &p);
}
