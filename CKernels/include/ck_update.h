// Parameter updates: each one pass over memory.
#ifndef CK_UPDATE_H
#define CK_UPDATE_H

#include "ck_runtime.h"

// w[i] = decay_factor w[i] - rate g[i], rounded once where decay_factor is 1 and the CPU fuses (all but the portable
// kernels). decay_factor is 1 - rate decay, for decoupled decay.
void ck_sgd(const ck_kernels *_Nonnull kernels, size_t n, float rate, float decay_factor, const float *_Nonnull g,
            float *_Nonnull w);

// Velocities and moments below the smallest normal float become 0.
//
// v[i] = momentum v[i] + g[i], then w[i] = decay_factor w[i] - rate (nesterov ? g[i] + momentum v[i] : v[i]).
void ck_momentum(const ck_kernels *_Nonnull kernels, size_t n, float rate, float decay_factor, float momentum,
                 bool nesterov, const float *_Nonnull g, float *_Nonnull v, float *_Nonnull w);

// Adam (Kingma and Ba 2015), with decoupled decay (Loshchilov and Hutter 2019) through decay_factor:
// m = beta1 m + (1 - beta1) g,  v = beta2 v + (1 - beta2) g^2,
// w = decay_factor w - rate (m / correction1) / (sqrt(v / correction2) + epsilon), correction_i = 1 - beta_i^t.
typedef struct ck_adam_args {
  float rate, decay_factor, beta1, beta2, epsilon, correction1, correction2;
} ck_adam_args;
void ck_adam(const ck_kernels *_Nonnull kernels, size_t n, const ck_adam_args *_Nonnull args, const float *_Nonnull g,
             float *_Nonnull m, float *_Nonnull v, float *_Nonnull w);

// The same in double and without decay, for networks so small that precision costs nothing: m += (1 - beta1) (g - m),
// v += (1 - beta2) (g^2 - v), w -= rate m / (sqrt(v correction) + epsilon), with rate / (1 - beta1^t) for rate and
// 1 / (1 - beta2^t) for correction. Each operation is rounded by itself: the same bits on every instruction set.
typedef struct ck_adam_double_args {
  double rate, beta1, beta2, epsilon, correction;
} ck_adam_double_args;
void ck_adam_double(const ck_kernels *_Nonnull kernels, size_t n, const ck_adam_double_args *_Nonnull args,
                    const double *_Nonnull g, double *_Nonnull m, double *_Nonnull v, double *_Nonnull w);

// Adam with a look ahead (Dozat 2016), with decoupled decay: moments as Adam's, then
// w = decay_factor w - (mean_rate m + gradient_rate g) / (sqrt(v / correction2) + epsilon),
// where mean_rate = rate beta1 / (1 - beta1^(t + 1)) and gradient_rate = rate (1 - beta1) / (1 - beta1^t).
typedef struct ck_nadamw_args {
  float mean_rate, gradient_rate, decay_factor, beta1, beta2, epsilon, correction2;
} ck_nadamw_args;
void ck_nadamw(const ck_kernels *_Nonnull kernels, size_t n, const ck_nadamw_args *_Nonnull args,
               const float *_Nonnull g, float *_Nonnull m, float *_Nonnull v, float *_Nonnull w);

// SOAA (arXiv 2410.02293) in two passes, since its Fisher estimate needs sums over the whole tensor.
//
// ck_soaa_moments: m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, as Adam's; returns the sums of the new
// m^2, as ck_dot, and of the new v: float within 4096 elements, double between.
//
// ck_soaa_step: with m^ = m / correction1, v^ = v / correction2 and F = fisher v^,
// move = rate m^ radius / (max(radius F, sqrt v^) + epsilon), w = decay_factor w - move. Returns what the quadratic
// model says that the loss falls by: -(g . s + s . (F s) / 2) for the whole step s = (decay_factor - 1) w - move.
typedef struct ck_soaa_args {
  float rate, decay_factor, beta1, beta2, epsilon, correction1, correction2, fisher, radius;
} ck_soaa_args;
typedef struct ck_soaa_sums {
  double first_squared, second;
} ck_soaa_sums;
ck_soaa_sums ck_soaa_moments(const ck_kernels *_Nonnull kernels, size_t n, const ck_soaa_args *_Nonnull args,
                             const float *_Nonnull g, float *_Nonnull m, float *_Nonnull v);
double ck_soaa_step(const ck_kernels *_Nonnull kernels, size_t n, const ck_soaa_args *_Nonnull args,
                    const float *_Nonnull g, const float *_Nonnull m, const float *_Nonnull v, float *_Nonnull w);

// AdaFisher (arXiv 2405.16397): m = beta m + (1 - beta) g, w = decay_factor w - rate m / (s[i] h[j] + damping) for
// (rows, columns), s (rows) and h (columns) not negative, damping above 0.
typedef struct ck_fisher_args {
  float rate, decay_factor, beta, damping;
} ck_fisher_args;
void ck_fisher(const ck_kernels *_Nonnull kernels, size_t rows, size_t columns, const ck_fisher_args *_Nonnull args,
               const float *_Nonnull s, const float *_Nonnull h, const float *_Nonnull g, float *_Nonnull m,
               float *_Nonnull w);

// RAMDA (arXiv 2403.14398): v += size g, u += size g^2, with D = cbrt(u) + epsilon p = p0 - v / D, and
// w = kept w + fresh p.
//
// ck_ramda_rows: every row of (rows, columns) is a group, and its p minimizes v . p + (p - p0) . D (p - p0) / 2 +
// penalty |p|. The workspace has 2 rows columns floats.
typedef struct ck_ramda_args {
  float size, epsilon, kept, fresh;
  double penalty;
} ck_ramda_args;
void ck_ramda(const ck_kernels *_Nonnull kernels, size_t n, const ck_ramda_args *_Nonnull args,
              const float *_Nonnull g, const float *_Nonnull p0, float *_Nonnull v, float *_Nonnull u,
              float *_Nonnull w);
void ck_ramda_rows(const ck_kernels *_Nonnull kernels, size_t rows, size_t columns, const ck_ramda_args *_Nonnull args,
                   const float *_Nonnull g, const float *_Nonnull p0, float *_Nonnull v, float *_Nonnull u,
                   float *_Nonnull workspace, float *_Nonnull w);

// average[i] += weight (w[i] - average[i])
void ck_average(const ck_kernels *_Nonnull kernels, size_t n, float weight, const float *_Nonnull w,
                float *_Nonnull average);

// SAMT's steps leave the old weights where they are, so that a rejected step costs nothing to undo:
// next[i, j] = decay_factor w[i, j] - eta g[i, j], all (rows, columns), contiguous. next must not be w.
// ck_samt_scalar computes the very bits of ck_sgd with rate = eta.
void ck_samt_scalar(const ck_kernels *_Nonnull kernels, size_t n, float eta, float decay_factor,
                    const float *_Nonnull g, const float *_Nonnull w, float *_Nonnull next);

// eta[i], one step size per row.
void ck_samt_rows(const ck_kernels *_Nonnull kernels, size_t rows, size_t columns, const float *_Nonnull eta,
                  float decay_factor, const float *_Nonnull g, const float *_Nonnull w, float *_Nonnull next);

// eta[j], one step size per column.
void ck_samt_columns(const ck_kernels *_Nonnull kernels, size_t rows, size_t columns, const float *_Nonnull eta,
                     float decay_factor, const float *_Nonnull g, const float *_Nonnull w, float *_Nonnull next);

// eta[i, j], one step size per element.
void ck_samt_elements(const ck_kernels *_Nonnull kernels, size_t n, const float *_Nonnull eta, float decay_factor,
                      const float *_Nonnull g, const float *_Nonnull w, float *_Nonnull next);

// The element-wise step sizes of a factored head. With the head's outputs p and q added from a row and a column
// part, their exponentials multiply, so they enter as positive finite factors:
//   P[i, j] = row_p[i] column_p[j] = exp(-p)      beta = 1 / (1 + P), or 0 where right_only is set
//   Q[i, j] = row_q[i] column_q[j]                = exp(2 q) for the exponential of tanh, exp(q) for the sigmoid
//   CK_EXP_TANH:  eta_hat = eta0 exp(half_range (t - t0)),  t = tanh q = (Q - 1) / (Q + 1)
//   CK_SIGMOID_RANGE:  eta_hat = eta0 (s / s0),             s = sigmoid q = Q / (1 + Q)
//   eta = scale (beta eta0 + (1 - beta) eta_hat)
// t0 and s0 are t and s at Q = initial_q, where eta is exactly scale eta0.
typedef enum ck_projection { CK_EXP_TANH, CK_SIGMOID_RANGE } ck_projection;
typedef struct ck_factored_eta {
  const float *_Nonnull row_p;     // (rows)
  const float *_Nonnull row_q;     // (rows)
  const float *_Nonnull column_p;  // (columns)
  const float *_Nonnull column_q;  // (columns)
  ck_projection projection;
  float eta0, half_range, initial_q, scale;
  bool right_only;
} ck_factored_eta;

// next[i, j] = decay_factor w[i, j] - eta[i, j] g[i, j]; returns the sum of eta[i, j] over all entries, for the mean
// step size.
double ck_samt_factored(const ck_kernels *_Nonnull kernels, size_t rows, size_t columns,
                        const ck_factored_eta *_Nonnull eta, float decay_factor, const float *_Nonnull g,
                        const float *_Nonnull w, float *_Nonnull next);

// With M[i, j] = -scale g[i, j] g2[i, j], the loss's gradient with respect to beta eta0 + (1 - beta) eta_hat:
// adds to dp_row[i], dp_column[j] the sums over row i and column j of M (eta0 - eta_hat) beta (1 - beta), and to
// dq_row[i], dq_column[j] those of M (1 - beta) d eta_hat / dq. All four are (rows) or (columns), double.
void ck_samt_factored_gradient(const ck_kernels *_Nonnull kernels, size_t rows, size_t columns,
                               const ck_factored_eta *_Nonnull eta, const float *_Nonnull g,
                               const float *_Nonnull g2, double *_Nonnull dp_row, double *_Nonnull dp_column,
                               double *_Nonnull dq_row, double *_Nonnull dq_column);

#endif
