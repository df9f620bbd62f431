// The kernel table: one instruction set's serial kernels, by family. Each isa/*.c makes one; drivers call through it.
#ifndef CK_RUNTIME_KERNELS_H
#define CK_RUNTIME_KERNELS_H

#include "CKernels.h"
#include "ranges.h"
#include "sizes.h"

// Each is defined in its family's own header.
typedef struct ck_gemm_kernels ck_gemm_kernels;
typedef struct ck_conv_kernels ck_conv_kernels;
typedef struct ck_elementwise_kernels ck_elementwise_kernels;
typedef struct ck_reduce_kernels ck_reduce_kernels;
typedef struct ck_norm_kernels ck_norm_kernels;
typedef struct ck_pool_kernels ck_pool_kernels;
typedef struct ck_loss_kernels ck_loss_kernels;
typedef struct ck_update_kernels ck_update_kernels;
typedef struct ck_random_kernels ck_random_kernels;
typedef struct ck_probe_kernels ck_probe_kernels;

// A family whose kernels have types with names lists them once, as LIST(KERNEL) with KERNEL(type, name) for each: the
// fields of its struct and what a table holds in them follow.
#define CK_KERNEL_FIELD(type, name) type name;
#define CK_KERNEL_ENTRY(type, name) .name = name,

struct ck_kernels {
  ck_isa isa;
  size_t lanes;              // floats in a vector
  const ck_gemm_kernels *gemm;
  const ck_conv_kernels *conv;
  const ck_elementwise_kernels *elementwise;
  const ck_reduce_kernels *reduce;
  const ck_norm_kernels *norm;
  const ck_pool_kernels *pool;
  const ck_loss_kernels *loss;
  const ck_update_kernels *update;
  const ck_random_kernels *random;
  const ck_probe_kernels *probe;
  // Where a kernel is told to `stream`, its output is too large for caches, aligned to 64 bytes and no input, so it may
  // bypass them. Whoever says so calls stream_end afterwards, on the same thread.
  void (*stream_end)(void);
};

#endif
