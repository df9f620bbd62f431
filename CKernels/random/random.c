// Random numbers over threads: any part of a stream can be computed on its own.
#include "random_kernels.h"

enum { GRAIN = 16384 };  // elements worth a thread

void ck_philox(uint64_t key, uint64_t stream, uint64_t counter, uint32_t out[4]) {
  ck_table(CK_PORTABLE)->random->philox(key, stream, counter, out);
}

void ck_uniform(const ck_kernels *kernels, uint64_t key, uint64_t stream, uint64_t counter, size_t n, float *out) {
  ck_for_ranges(n, GRAIN, kernels->random->uniform, &(ck_uniform_task){key, stream, counter, out});
}

void ck_dropout_mask(const ck_kernels *kernels, uint64_t key, uint64_t stream, uint64_t counter, float probability,
                     size_t n, float *out) {
  const ck_dropout_mask_task task = {key, stream, counter, probability, out};
  ck_for_ranges(n, GRAIN, kernels->random->dropout_mask, &task);
}
