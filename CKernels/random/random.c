// Random numbers over threads: any part of a stream can be computed on its own.
#include "random_kernels.h"
#include "../runtime/ranges.h"

enum { GRAIN = 16384 };

typedef struct fill {
  const ck_kernels *kernels;
  uint64_t key, stream, counter;
  float probability;
  float *out;
} fill;

// Ranges begin at multiples of 16, so each begins a block.
static void uniform_range(const void *context, size_t first, size_t end) {
  const fill *f = context;
  f->kernels->random->uniform(f->key, f->stream, f->counter + first / 4, end - first, f->out + first);
}

static void mask_range(const void *context, size_t first, size_t end) {
  const fill *f = context;
  f->kernels->random->dropout_mask(f->key, f->stream, f->counter + first / 4, f->probability, end - first,
                                   f->out + first);
}

void ck_philox(uint64_t key, uint64_t stream, uint64_t counter, uint32_t out[4]) {
  ck_table(CK_PORTABLE)->random->philox(key, stream, counter, out);
}

void ck_uniform(const ck_kernels *kernels, uint64_t key, uint64_t stream, uint64_t counter, size_t n, float *out) {
  const fill f = {kernels, key, stream, counter, 0, out};
  ck_for_ranges(n, GRAIN, uniform_range, &f);
}

void ck_dropout_mask(const ck_kernels *kernels, uint64_t key, uint64_t stream, uint64_t counter, float probability,
                     size_t n, float *out) {
  const fill f = {kernels, key, stream, counter, probability, out};
  ck_for_ranges(n, GRAIN, mask_range, &f);
}
