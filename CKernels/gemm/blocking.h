// How large the blocks of a product are.
#ifndef CK_GEMM_BLOCKING_H
#define CK_GEMM_BLOCKING_H

#include "CKernels.h"

// At most; scratch memory holds as much.
enum { CK_GEMM_MC = 2040, CK_GEMM_NC = 768 };
// The terms of C's elements that are summed before they are added to C. The order of all sums follows from it, so it is
// the same on every machine: a panel of A and a tile of B of that depth fit L1 from 32 KiB (AVX2) or 48 KiB (AVX-512) on.
enum { CK_GEMM_KC = 256 };

typedef struct ck_gemm_blocking {
  size_t mc, nc;  // rows of A and columns of B that are packed together, of depth CK_GEMM_KC
} ck_gemm_blocking;

// The blocks for these caches, in whole tiles of mr x nr.
ck_gemm_blocking ck_choose_gemm_blocking(ck_caches caches, size_t mr, size_t nr);

#endif
