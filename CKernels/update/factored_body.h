// SAMT-E's factored step sizes: computed where they are used, never stored. See ck_factored_eta for the formulas.
// The update and its gradient share one function, so both see the same step sizes to the last bit.

typedef struct { v_t beta, eta_hat, slope; } factored_t;  // slope = d eta_hat / dq

typedef struct factored_constants {
  v_t eta0, half_range, start;  // start = tanh q or sigmoid q at the beginning
  bool sigmoid, right_only;
} factored_constants;

static inline v_t bounded_q(v_t q, bool sigmoid) {
  const v_t one = v_set1(1.0f);
  q = v_min(q, v_set1(1e30f));  // factors may multiply to infinity, and that over itself is no number
  const v_t numerator = sigmoid ? q : v_sub(q, one);
  return v_div(numerator, v_add(q, one));
}

static factored_constants constants_of(const ck_factored_eta *eta) {
  const bool sigmoid = eta->projection == CK_SIGMOID_RANGE;
  return (factored_constants){.eta0 = v_set1(eta->eta0), .half_range = v_set1(eta->half_range), .sigmoid = sigmoid,
                              .start = bounded_q(v_set1(eta->initial_q), sigmoid), .right_only = eta->right_only};
}

static inline factored_t factored(const factored_constants *c, v_t p, v_t q) {
  const v_t one = v_set1(1.0f), bounded = bounded_q(q, c->sigmoid);
  factored_t f;
  f.beta = c->right_only ? v_set1(0.0f) : v_div(one, v_add(one, p));
  if (c->sigmoid) {
    f.eta_hat = v_mul(c->eta0, v_div(bounded, c->start));
    f.slope = v_mul(f.eta_hat, v_sub(one, bounded));
  } else {
    f.eta_hat = v_mul(c->eta0, v_exp(v_mul(c->half_range, v_sub(bounded, c->start))));
    f.slope = v_mul(v_mul(f.eta_hat, c->half_range), v_fnma(bounded, bounded, one));
  }
  return f;
}

// One row of the update; returns the sum of its step sizes.
static double descend_factored(size_t row, size_t columns, const ck_factored_eta *eta, float keep_value,
                               const float *g, const float *w, float *next) {
  const factored_constants c = constants_of(eta);
  const v_t row_p = v_set1(eta->row_p[row]), row_q = v_set1(eta->row_q[row]);
  const v_t keep = v_set1(keep_value), scale_by = v_set1(eta->scale);
  v_t sum = v_set1(0.0f);
#define DESCEND(LOAD, STORE, CHOSEN)                                                                              \
  const factored_t f = factored(&c, v_mul(row_p, LOAD(eta->column_p + i)), v_mul(row_q, LOAD(eta->column_q + i))); \
  const v_t mixed = v_fma(f.beta, v_sub(c.eta0, f.eta_hat), f.eta_hat);                                           \
  const v_t step = v_mul(scale_by, mixed);                                                                        \
  sum = v_add(sum, CHOSEN(step));                                                                                 \
  STORE(next + i, v_fnma(step, LOAD(g + i), v_mul(keep, LOAD(w + i))))
#define ALL_LANES(x) (x)
#define TAIL_LANES(x) v_select(v_first(tail), x, v_set1(0.0f))
  V_FOR(columns, DESCEND(v_load, v_store, ALL_LANES), DESCEND(LOAD_TAIL, STORE_TAIL, TAIL_LANES));
#undef DESCEND
  return v_sum(sum);
}

// Columns first ..< first + columns of one row: adds its row sums to *dp_row and *dq_row, and each entry to its column's.
static void factored_gradient(size_t row, size_t first, size_t columns, const ck_factored_eta *eta, const float *g,
                              const float *g2, double *dp_row, double *dp_column, double *dq_row, double *dq_column) {
  const factored_constants c = constants_of(eta);
  const v_t row_p = v_set1(eta->row_p[row]), row_q = v_set1(eta->row_q[row]);
  const v_t scale_by = v_set1(-eta->scale), one = v_set1(1.0f);
  const float *column_p = eta->column_p + first, *column_q = eta->column_q + first;
  v_t p_sum = v_set1(0.0f), q_sum = v_set1(0.0f);
  float dp[V_LANES], dq[V_LANES];
#define GRADIENT(LOAD, LANES)                                                                                      \
  const factored_t f = factored(&c, v_mul(row_p, LOAD(column_p + i)), v_mul(row_q, LOAD(column_q + i)));            \
  const v_t m = v_mul(scale_by, v_mul(LOAD(g + i), LOAD(g2 + i))), other = v_sub(one, f.beta);                      \
  const v_t to_p = v_mul(v_mul(m, v_sub(c.eta0, f.eta_hat)), v_mul(f.beta, other));                                 \
  const v_t to_q = v_mul(v_mul(m, other), f.slope);                                                                 \
  p_sum = v_add(p_sum, to_p);                                                                                       \
  q_sum = v_add(q_sum, to_q);                                                                                       \
  v_store(dp, to_p);                                                                                                \
  v_store(dq, to_q);                                                                                                \
  for (size_t l = 0; l < (LANES); l++) { dp_column[i + l] += dp[l]; dq_column[i + l] += dq[l]; }
  // The loads of a tail are zero past its end, so g and g2 silence those lanes.
  V_FOR(columns, GRADIENT(v_load, (size_t)V_LANES), GRADIENT(LOAD_TAIL, tail));
#undef GRADIENT
  *dp_row += v_sum(p_sum);
  *dq_row += v_sum(q_sum);
}
