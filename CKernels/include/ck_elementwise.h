// Element-wise kernels: activations, arithmetic, dropout.
#ifndef CK_ELEMENTWISE_H
#define CK_ELEMENTWISE_H

#include "ck_runtime.h"

typedef enum ck_activation {
  CK_RELU,        // max(x, 0); derivative 0 at 0
  CK_LEAKY_RELU,  // x > 0 ? x : slope x
  CK_GELU,        // x Phi(x), Phi the normal distribution function (the exact form, not its tanh approximation)
  CK_TANH,
  CK_SIGMOID,     // 1 / (1 + exp(-x))
} ck_activation;

// y[i] = f(x[i]), i < n. `slope` is read by CK_LEAKY_RELU only. y may be x.
void ck_activation_forward(const ck_kernels *_Nonnull kernels, ck_activation activation, float slope, size_t n,
                           const float *_Nonnull x, float *_Nonnull y);

// dx[i] = dy[i] f'(x[i]), given both x and y = f(x). dx may be dy.
void ck_activation_backward(const ck_kernels *_Nonnull kernels, ck_activation activation, float slope, size_t n,
                            const float *_Nonnull x, const float *_Nonnull y, const float *_Nonnull dy,
                            float *_Nonnull dx);

// y[i, j] = max(x[i, j] + b[j], 0); x and y are (rows, columns), contiguous, b is (columns). y may be x.
// NaN stays NaN.
void ck_bias_relu(const ck_kernels *_Nonnull kernels, size_t rows, size_t columns, const float *_Nonnull x,
                  const float *_Nonnull b, float *_Nonnull y);

// y[i] += alpha x[i]
void ck_axpy(const ck_kernels *_Nonnull kernels, size_t n, float alpha, const float *_Nonnull x, float *_Nonnull y);

// z[i] = x[i] + y[i], or the larger of this and 0 with `relu`; z may be x or y. A NaN stays one.
void ck_add(const ck_kernels *_Nonnull kernels, size_t n, const float *_Nonnull x, const float *_Nonnull y, bool relu,
            float *_Nonnull z);

// x[i] *= alpha
void ck_scale(const ck_kernels *_Nonnull kernels, size_t n, float alpha, float *_Nonnull x);

// z[i] = x[i] y[i]; z may be x or y.
void ck_multiply(const ck_kernels *_Nonnull kernels, size_t n, const float *_Nonnull x, const float *_Nonnull y,
                 float *_Nonnull z);

// z[i] = x[i] mask[i] where the mask is above 0, else 0: even where x is infinite or NaN. z may be x or the mask.
void ck_mask(const ck_kernels *_Nonnull kernels, size_t n, const float *_Nonnull x, const float *_Nonnull mask,
             float *_Nonnull z);

// x[i] = min(max(x[i], low), high); NaN stays NaN.
void ck_clamp(const ck_kernels *_Nonnull kernels, size_t n, float low, float high, float *_Nonnull x);

#endif
