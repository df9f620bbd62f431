// Random numbers: the kernels.
#ifndef CK_RANDOM_KERNELS_H
#define CK_RANDOM_KERNELS_H

#include "../runtime/kernels.h"

// One instruction set's serial kernels.
struct ck_random_kernels {
  void (*philox)(uint64_t key, uint64_t stream, uint64_t counter, uint32_t out[4]);
  void (*uniform)(uint64_t key, uint64_t stream, uint64_t counter, size_t n, float *out);
  void (*dropout_mask)(uint64_t key, uint64_t stream, uint64_t counter, float probability, size_t n, float *out);
};

#endif
