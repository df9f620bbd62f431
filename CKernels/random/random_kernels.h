// Random numbers: the kernels and their tasks.
#ifndef CK_RANDOM_KERNELS_H
#define CK_RANDOM_KERNELS_H

#include "../runtime/kernels.h"

typedef void (*ck_philox_kernel)(uint64_t key, uint64_t stream, uint64_t counter, uint32_t out[4]);

// A range begins with a block of philox: at a multiple of 4. Here and below.
typedef struct ck_uniform_task {
  uint64_t key, stream, counter;
  float *out;
} ck_uniform_task;

typedef struct ck_dropout_mask_task {
  uint64_t key, stream, counter;
  float probability;
  float *out;
} ck_dropout_mask_task;

#define CK_RANDOM_KERNELS(KERNEL)   \
  KERNEL(ck_philox_kernel, philox)  \
  KERNEL(ck_range_kernel, uniform)  \
  KERNEL(ck_range_kernel, dropout_mask)

struct ck_random_kernels {
  CK_RANDOM_KERNELS(CK_KERNEL_FIELD)
};

#endif
