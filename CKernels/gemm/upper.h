// The upper triangle of a product.
#ifndef CK_GEMM_UPPER_H
#define CK_GEMM_UPPER_H

#include "gemm_kernels.h"

// Rows first ..< end of C = alpha op(A) op(B) + beta C for m = n and k up to CK_DEEP_K: from the diagonal on, and up to a
// tile left of it, no further than column `first`. The bits of an element do not depend on the rows asked for.
void ck_gemm_upper(const ck_kernels *kernels, const ck_gemm_args *args, size_t first, size_t end, ck_scratch *scratch);

#endif
