// Matrix product.
#ifndef CK_GEMM_H
#define CK_GEMM_H

#include "ck_runtime.h"

// C = alpha op(A) op(B) + beta C, then + bias: all row-major.
typedef struct ck_gemm_args {
  size_t m, n, k;        // op(A) is (m, k), op(B) is (k, n), C is (m, n); any may be 0
  bool transpose_a;      // A is stored (m, k), or (k, m) where true
  bool transpose_b;      // B is stored (k, n), or (n, k) where true
  float alpha, beta;     // with beta 0, C is written and never read; with alpha 0, A and B are not read
  const float *_Nullable a;
  size_t lda;            // floats from one stored row of A to the next, at least the row's length
  const float *_Nullable b;
  size_t ldb;
  float *_Nullable c;    // must not overlap A, B or bias
  size_t ldc;
  const float *_Nullable bias;  // (n), added to every row of C; or NULL
} ck_gemm_args;

// The result does not depend on the thread count: work is split over C, never over k.
void ck_gemm(const ck_kernels *_Nonnull kernels, const ck_gemm_args *_Nonnull args);

// The same where the result is known to be symmetric, and with beta what C holds as well: m = n, ldc = n, alpha other
// than 0, no bias. With an addend, (n, n) and symmetric, C = alpha op(A) op(B) + beta addend. Computes little more than
// the upper triangle and copies it into the lower one.
void ck_gemm_symmetric(const ck_kernels *_Nonnull kernels, const ck_gemm_args *_Nonnull args,
                       const float *_Nullable addend);

#endif
