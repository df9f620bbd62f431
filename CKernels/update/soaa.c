// SOAA over threads: parts that the tensor's size alone decides, whose sums are added in order.
#include "../common/kernels.h"
#include "../runtime/ranges.h"

typedef struct tensor {
  const ck_kernels *kernels;
  const ck_soaa_args *args;
  size_t n, length;
  const float *g;
  float *m, *v, *w;
  ck_soaa_sums sums[CK_PARTS];
  double reductions[CK_PARTS];
} tensor;

static void moments_part(void *context, size_t index, ck_workspace *workspace) {
  (void)workspace;
  tensor *t = context;
  const size_t at = index * t->length;
  t->sums[index] = t->kernels->soaa_moments(smaller(t->length, t->n - at), t->args, t->g + at, t->m + at, t->v + at);
}

static void step_part(void *context, size_t index, ck_workspace *workspace) {
  (void)workspace;
  tensor *t = context;
  const size_t at = index * t->length;
  t->reductions[index] =
      t->kernels->soaa_step(smaller(t->length, t->n - at), t->args, t->g + at, t->m + at, t->v + at, t->w + at);
}

ck_soaa_sums ck_soaa_moments(const ck_kernels *kernels, size_t n, const ck_soaa_args *args, const float *g, float *m,
                             float *v) {
  tensor t = {.kernels = kernels, .args = args, .n = n, .length = ck_part_length(n), .g = g, .m = m, .v = v};
  const size_t parts = ceil_div(n, t.length);
  ck_parallel_for(parts, moments_part, &t);
  ck_soaa_sums whole = {0, 0};
  for (size_t i = 0; i < parts; i++) {
    whole.first_squared += t.sums[i].first_squared;
    whole.second += t.sums[i].second;
  }
  return whole;
}

double ck_soaa_step(const ck_kernels *kernels, size_t n, const ck_soaa_args *args, const float *g, const float *m,
                    const float *v, float *w) {
  // Only read here.
  tensor t = {.kernels = kernels, .args = args, .n = n, .length = ck_part_length(n), .g = g, .m = (float *)m,
              .v = (float *)v, .w = w};
  const size_t parts = ceil_div(n, t.length);
  ck_parallel_for(parts, step_part, &t);
  double reduction = 0;
  for (size_t i = 0; i < parts; i++) reduction += t.reductions[i];
  return reduction;
}
