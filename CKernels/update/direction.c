// Directions over threads: sums in parts that the length alone decides, added in order.
#include "update_kernels.h"
#include "../runtime/ranges.h"

enum { GRAIN = 24576 };  // elements worth a thread

typedef struct direction {
  const ck_kernels *kernels;
  const ck_nadam_args *nadam;
  float beta, blend;
  const float *g, *m, *v;
  float *next_m, *next_v, *out;
} direction;

static double nadam_range(const void *context, size_t first, size_t end) {
  const direction *d = context;
  return d->kernels->update->nadam_direction(end - first, d->nadam, d->g + first, d->m + first, d->v + first,
                                     d->next_m + first, d->next_v + first, d->out + first);
}

double ck_nadam_direction(const ck_kernels *kernels, size_t n, const ck_nadam_args *args, const float *g,
                          const float *m, const float *v, float *next_m, float *next_v, float *d) {
  const direction context = {.kernels = kernels, .nadam = args, .g = g, .m = m, .v = v, .next_m = next_m,
                             .next_v = next_v, .out = d};
  return ck_sum_chunks(n, ck_chunk_length(n), nadam_range, &context);
}

static void blend_range(const void *context, size_t first, size_t end) {
  const direction *d = context;
  d->kernels->update->blended_momentum(end - first, d->beta, d->blend, d->g + first, d->m + first, d->next_m + first,
                               d->out + first);
}

void ck_blended_momentum(const ck_kernels *kernels, size_t n, float beta, float blend, const float *g, const float *m,
                         float *next_m, float *x) {
  const direction context = {.kernels = kernels, .beta = beta, .blend = blend, .g = g, .m = m, .next_m = next_m,
                             .out = x};
  ck_for_ranges(n, GRAIN, blend_range, &context);
}

typedef struct path {
  const ck_kernels *kernels;
  size_t n, length;
  const float *w0, *w, *g0, *g;
  ck_path_sums sums[CK_CHUNKS];
} path;

static void path_chunk(void *context, size_t index, ck_scratch *scratch) {
  (void)scratch;
  path *p = context;
  const size_t at = index * p->length;
  p->sums[index] =
      p->kernels->update->path_sums(smaller(p->length, p->n - at), p->w0 + at, p->w + at, p->g0 + at, p->g + at);
}

ck_path_sums ck_path_sums_of(const ck_kernels *kernels, size_t n, const float *w0, const float *w, const float *g0,
                             const float *g) {
  path p = {.kernels = kernels, .n = n, .length = ck_chunk_length(n), .w0 = w0, .w = w, .g0 = g0, .g = g};
  const size_t parts = ceil_div(n, p.length);
  ck_parallel_for(parts, path_chunk, &p);
  ck_path_sums whole = {0, 0, 0, 0};
  for (size_t i = 0; i < parts; i++) {
    whole.start_slope += p.sums[i].start_slope;
    whole.end_slope += p.sums[i].end_slope;
    whole.start_squared += p.sums[i].start_squared;
    whole.end_squared += p.sums[i].end_squared;
  }
  return whole;
}
