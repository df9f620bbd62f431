// Products whose sums are so long that partial sums go on in double.
#ifndef CK_GEMM_DEEP_H
#define CK_GEMM_DEEP_H

#include "gemm_kernels.h"

// Terms of a sum from which a product is deep. Shorter ones are sums of at most some hundred blocks of some hundred
// terms.
enum { CK_DEEP_K = 1 << 16 };

// As ck_gemm, for k above CK_DEEP_K: an error that does not grow with k. Computes its parts by ck_gemm.
void ck_gemm_deep(const ck_kernels *kernels, const ck_gemm_args *args);

#endif
