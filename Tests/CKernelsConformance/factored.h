// The step sizes of a factored head, in double.
#ifndef CK_FACTORED_H
#define CK_FACTORED_H

#include "check.h"

// A head that check_case's buffers hold.
typedef struct factored_head {
  ck_factored_eta eta;
  float *row_p, *row_q, *column_p, *column_q;  // what `eta` points to
} factored_head;

// Factors around their initial values, spread by exp(+-spread). The options of `eta` are for the caller to set first.
factored_head make_head(check *c, size_t rows, size_t columns, ck_factored_eta eta, float spread);

// Makes some factors 1e30 or 1e-30 (bit 0 of `ends` for p, bit 1 for q): each is finite, while their products overflow
// or vanish in float.
void saturate(factored_head *head, size_t rows, size_t columns, unsigned ends);

// What one entry comes to, and how far float arithmetic may be from it.
typedef struct factored_entry {
  double eta, eta_bound;
  double dp, dp_bound;  // derivatives of beta eta0 + (1 - beta) eta_hat with respect to p and q
  double dq, dq_bound;
} factored_entry;

factored_entry make_entry(const ck_factored_eta *eta, double p_factor, double q_factor);

// The four variants: both projections, right_only or not.
extern const ck_factored_eta factored_variants[4];
extern const char *const factored_names[4];

#endif
