// Parameter updates whose step sizes come from sums over all parameters, or from what each parameter has seen. Sums are
// float within 4096 elements, double between; those of g^2, of w^2 and of g (w0 - w) are as ck_dot's where floats
// overflow. States below the smallest normal float become 0.
#ifndef CK_LEARNING_RATE_FREE_H
#define CK_LEARNING_RATE_FREE_H

#include "ck_runtime.h"

// Prodigy (Mishchenko and Defazio 2024) in two passes, since its estimate d needs sums over the whole model.
//
// ck_prodigy_moments: m = beta1 m + (1 - beta1) d g,  v = beta2 v + (1 - beta2) (d g)^2,  s = beta3 s + weight g;
// returns the sums of g (w0 - w) and of the new |s|.
typedef struct ck_prodigy_args {
  float beta1, beta2, beta3, d, weight;
} ck_prodigy_args;
typedef struct ck_prodigy_sums {
  double progress, magnitude;
} ck_prodigy_sums;
ck_prodigy_sums ck_prodigy_moments(const ck_kernels *_Nonnull kernels, size_t n, const ck_prodigy_args *_Nonnull args,
                                   const float *_Nonnull g, const float *_Nonnull w0, const float *_Nonnull w,
                                   float *_Nonnull m, float *_Nonnull v, float *_Nonnull s);

// w = decay_factor w - rate m / (sqrt v + epsilon): a step along moments that are already there.
void ck_moment_step(const ck_kernels *_Nonnull kernels, size_t n, float rate, float decay_factor, float epsilon,
                    const float *_Nonnull m, const float *_Nonnull v, float *_Nonnull w);

// D-Adaptation of Adam (Defazio and Mishchenko 2023), in one pass: with c = rate g / (sqrt v + epsilon) from the old v,
// m = beta1 m + (1 - beta1) rate g,  v = beta2 v + (1 - beta2) g^2,  s' = beta3 s + (1 - beta3) rate g,
// w = decay_factor w - m / (sqrt v + epsilon) from the new ones. Returns the sums of c s and of |s'|.
typedef struct ck_dadapt_args {
  float beta1, beta2, beta3, rate, decay_factor, epsilon;
} ck_dadapt_args;
typedef struct ck_dadapt_sums {
  double progress, magnitude;
} ck_dadapt_sums;
ck_dadapt_sums ck_dadapt_adam(const ck_kernels *_Nonnull kernels, size_t n, const ck_dadapt_args *_Nonnull args,
                              const float *_Nonnull g, float *_Nonnull m, float *_Nonnull v, float *_Nonnull s,
                              float *_Nonnull w);

// The sums of (w - w0)^2 and of g^2, for DoG (Ivgi, Hinder and Carmon 2023).
typedef struct ck_distance_sums {
  double distance_squared, gradient_squared;
} ck_distance_sums;
ck_distance_sums ck_distance_sums_of(const ck_kernels *_Nonnull kernels, size_t n, const float *_Nonnull w0,
                                     const float *_Nonnull w, const float *_Nonnull g);

// Mechanic (Cutkosky, Defazio and Mehta 2023) behind the step of another rule, in two passes.
//
// ck_mechanic_path: w is where the other rule went from w0 + scale path. Returns the sums of path g, path w, g^2 and
// w^2; then path += w - (w0 + scale path).
//
// ck_mechanic_step: w = w0 + scale path, the very bits that ck_mechanic_path takes for its beginning.
typedef struct ck_mechanic_sums {
  double path_gradient, path_weight, gradient_squared, weight_squared;
} ck_mechanic_sums;
ck_mechanic_sums ck_mechanic_path(const ck_kernels *_Nonnull kernels, size_t n, float scale, const float *_Nonnull g,
                                  const float *_Nonnull w0, const float *_Nonnull w, float *_Nonnull path);
void ck_mechanic_step(const ck_kernels *_Nonnull kernels, size_t n, float scale, const float *_Nonnull w0,
                      const float *_Nonnull path, float *_Nonnull w);

// COCOB (Orabona and Tommasi 2017), in one pass. What it keeps of each weight: the largest |g| so far, not 0 at first;
// the sums of -g and of |g|; and the reward, what its bets have won.
//
//   largest = max(largest, |g|),  sum = sum - g,  magnitude = magnitude + |g|,  reward = max(0, reward - g (w - w0))
//   w = w + rate (w0 + sum / largest (largest + reward) / max(magnitude + largest, alpha largest) - w)
typedef struct ck_cocob_state {
  float *_Nonnull largest;
  float *_Nonnull sum;
  float *_Nonnull magnitude;
  float *_Nonnull reward;
} ck_cocob_state;
void ck_cocob(const ck_kernels *_Nonnull kernels, size_t n, float rate, float alpha, const float *_Nonnull g,
              const float *_Nonnull w0, const ck_cocob_state *_Nonnull state, float *_Nonnull w);

#endif
