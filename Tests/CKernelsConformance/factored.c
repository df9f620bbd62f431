#include "factored.h"

// half_range is half the logarithm of 10 / 1e-5; with an initial_q of 5, t0 is 2/3.
static const float none[1] = {1};
#define VARIANT(PROJECTION, INITIAL, RIGHT_ONLY)                                                              \
  {                                                                                                           \
    .row_p = none, .row_q = none, .column_p = none, .column_q = none, .projection = PROJECTION, .eta0 = 0.1f, \
    .half_range = 6.9077554f, .initial_q = INITIAL, .scale = 0.7f, .right_only = RIGHT_ONLY                   \
  }
const ck_factored_eta factored_variants[4] = {VARIANT(CK_EXP_TANH, 5, false), VARIANT(CK_EXP_TANH, 5, true),
                                              VARIANT(CK_SIGMOID_RANGE, 0.11f, false),
                                              VARIANT(CK_SIGMOID_RANGE, 0.11f, true)};
const char *const factored_names[4] = {"exp of tanh", "exp of tanh, right only", "sigmoid", "sigmoid, right only"};

static float *spread_factors(check *c, size_t n, float center, float spread) {
  float *x = check_floats(c, n, check_index(c, 17));
  for (size_t i = 0; i < n; i++) x[i] = center * expf(check_uniform(c, -spread, spread));
  return x;
}

factored_head make_head(check *c, size_t rows, size_t columns, ck_factored_eta eta, float spread) {
  factored_head head = {.eta = eta};
  head.eta.row_p = head.row_p = spread_factors(c, rows, 1, spread);
  head.eta.column_p = head.column_p = spread_factors(c, columns, 1, spread);
  head.eta.row_q = head.row_q = spread_factors(c, rows, 1, spread);
  head.eta.column_q = head.column_q = spread_factors(c, columns, eta.initial_q, spread);
  return head;
}

void saturate(factored_head *head, size_t rows, size_t columns, unsigned ends) {
  float p = ends & 1 ? 1e-30f : 1e30f, q = ends & 2 ? 1e-30f : 1e30f;
  for (size_t i = 0; i < rows; i++) {
    if (i % 3 != 0) head->row_p[i] = p;
    if (i % 3 != 2) head->row_q[i] = q;
  }
  for (size_t j = 0; j < columns; j += 3) {
    head->column_p[j] = p;
    head->column_q[j] = q;
  }
}

factored_entry make_entry(const ck_factored_eta *e, double p_factor, double q_factor) {
  const double eps = (double)FLT_EPSILON, eta0 = (double)e->eta0, range = (double)e->half_range;
  const double start = (double)e->initial_q, scale = (double)e->scale;
  double beta = e->right_only ? 0 : 1 / (1 + p_factor);
  double rest = e->right_only ? 1 : p_factor / (1 + p_factor);  // 1 - beta, without its cancellation
  double eta_hat, growth, growth_error, relative;               // growth is d log(eta_hat) / dq
  if (e->projection == CK_EXP_TANH) {
    double t = (q_factor - 1) / (q_factor + 1), t0 = (start - 1) / (start + 1);
    eta_hat = eta0 * exp(range * (t - t0));
    growth = range * 4 * q_factor / ((1 + q_factor) * (1 + q_factor));
    // t and t0 are off by 1.75 epsilons each (product, sums, quotient), their difference by one more; 1 - t^2 by twice
    // an error of t. exp adds 2 ulp and the rounding of its argument.
    relative = eps * (6 * range + fabs(range * (t - t0)) + 4);
    growth_error = eps * (range * 5 + 2 * growth);
  } else {
    double s = q_factor / (1 + q_factor), s0 = start / (1 + start);
    eta_hat = eta0 * s / s0;
    growth = 1 / (1 + q_factor);
    // Three roundings in s and in s0 each, a quotient and a product.
    relative = eps * 6;
    growth_error = eps * (1 + 2 * growth);
  }
  double eta_hat_error = relative * eta_hat, difference = eta0 - eta_hat;
  factored_entry entry = {.eta = scale * (beta * eta0 + rest * eta_hat)};
  // beta is off by 2 epsilons of itself, 1 - beta by as much and its own rounding; the sum may cancel.
  double weight_error = eps * (2 * beta + rest);
  double blend_error = rest * eta_hat_error + weight_error * fabs(difference) + 2 * eps * (eta0 + eta_hat);
  entry.eta_bound = scale * blend_error + 2 * eps * entry.eta;
  double weight = beta * rest;
  entry.dp = difference * weight;
  entry.dp_bound = weight * (eta_hat_error + eps * eta0) + fabs(difference) * (beta * weight_error + 6 * eps * weight);
  entry.dq = rest * eta_hat * growth;
  entry.dq_bound =
      rest * eta_hat * growth_error + growth * (rest * eta_hat_error + eta_hat * weight_error) + 6 * eps * entry.dq;
  return entry;
}
