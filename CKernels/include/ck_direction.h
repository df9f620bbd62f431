// Update directions apart from the step along them, for methods that choose the step by the direction's size.
#ifndef CK_DIRECTION_H
#define CK_DIRECTION_H

#include "ck_runtime.h"

// A simple NAdam (Dozat 2016, without its momentum schedule) as a direction:
//   next_m[i] = beta1 m[i] + (1 - beta1) g[i],  next_v[i] = beta2 v[i] + (1 - beta2) g[i]^2
//   d[i] = (beta1 next_m[i] / correction1 + (1 - beta1) g[i]) / (sqrt(next_v[i] / correction2) + epsilon)
// with correction_i = 1 - beta_i^t and an epsilon of at least sqrt(FLT_MIN / correction2). Moments below the smallest
// normal float become 0. next_m may be m, next_v may be v.
// Returns the sum of d[i]^2, as ck_dot.
typedef struct ck_nadam_args {
  float beta1, beta2, epsilon, correction1, correction2;
} ck_nadam_args;
double ck_nadam_direction(const ck_kernels *_Nonnull kernels, size_t n, const ck_nadam_args *_Nonnull args,
                          const float *_Nonnull g, const float *_Nonnull m, const float *_Nonnull v,
                          float *_Nonnull next_m, float *_Nonnull next_v, float *_Nonnull d);

// next_m[i] = beta m[i] + (1 - beta) g[i], then x[i] = blend next_m[i] + (1 - blend) g[i]: a momentum that looks ahead,
// as a mean, so that it keeps the gradient's size. next_m may be m; below the smallest normal float it becomes 0.
void ck_blended_momentum(const ck_kernels *_Nonnull kernels, size_t n, float beta, float blend,
                         const float *_Nonnull g, const float *_Nonnull m, float *_Nonnull next_m, float *_Nonnull x);

// A path from w0 to w, and the gradients g0 and g at its ends. The sums are as ck_dot's.
typedef struct ck_path_sums {
  double start_slope;    // sum of (w0 - w) g0
  double end_slope;      // sum of (w0 - w) g
  double start_squared;  // sum of g0^2
  double end_squared;    // sum of g^2
} ck_path_sums;
ck_path_sums ck_path_sums_of(const ck_kernels *_Nonnull kernels, size_t n, const float *_Nonnull w0,
                             const float *_Nonnull w, const float *_Nonnull g0, const float *_Nonnull g);

// The matrix X (rows, columns), contiguous, with its singular values pushed towards 1, then times `scale`:
//   X = X / |X|_F;  `iterations` times: X = a X + b (X X^T) X + c (X X^T)^2 X;  y = scale X
// X X^T runs over the longer axis; y must not overlap x. Of an X whose norm is below 1e-15, y is 0; of one with NaN in
// it, NaN. There should be no more than six iterations.
//
// What an iteration does to X it does to A = X X^T alone: with B = a I + b A + c A^2, X becomes B X and A becomes
// B A B. All these matrices are polynomials of the first A, so they are symmetric and commute, and half of each of
// their products is enough. X is read twice: for the first A, and for the product of all B with X.
typedef struct ck_newton_schulz {
  float a, b, c;
  size_t iterations;     // at least 1
} ck_newton_schulz;
// Floats of scratch memory that ck_orthogonalize asks for.
size_t ck_orthogonalize_workspace(size_t rows, size_t columns);
void ck_orthogonalize(const ck_kernels *_Nonnull kernels, size_t rows, size_t columns,
                      const ck_newton_schulz *_Nonnull polynomial, float scale, const float *_Nonnull x,
                      float *_Nonnull workspace, float *_Nonnull y);

#endif
