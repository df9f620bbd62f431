// SAMT-E's factored step sizes: computed where they are used, never stored. See ck_factored_eta for the formulas.
// The update and its gradient share one function, so both see the same step sizes to the last bit.

// beta, 1 - beta, eta_hat and slope = d eta_hat / dq
typedef struct { v_t beta, other, eta_hat, slope; } factored_t;

typedef struct factored_constants {
  v_t eta0, half_range;
  v_t initial_q, growth;  // 2 half_range / (1 + initial_q) for the exponential of tanh, 1 / initial_q for the sigmoid
  v_t below;              // (1 + initial_q) / initial_q
  bool sigmoid, right_only;
} factored_constants;

static factored_constants constants_of(const ck_factored_eta *eta) {
  const float q = eta->initial_q;
  const bool sigmoid = eta->projection == CK_SIGMOID_RANGE;
  return (factored_constants){.eta0 = v_set1(eta->eta0), .half_range = v_set1(eta->half_range),
                              .initial_q = v_set1(q), .growth = v_set1(sigmoid ? 1 / q : 2 * eta->half_range / (1 + q)),
                              .below = v_set1((1 + q) / q), .sigmoid = sigmoid, .right_only = eta->right_only};
}

// One reciprocal serves both 1 / (1 + p) and 1 / (1 + q). With u = (q - initial_q) / (1 + q),
//   half_range (t - t0) = 2 half_range u / (1 + initial_q)   and   s / s0 = 1 + u / initial_q,
// which is exactly 0 and 1 at the beginning. Below it the second sum would cancel, and a product takes its place.
static inline factored_t factored(const factored_constants *c, v_t p, v_t q) {
  // Factors may multiply to infinity, and that over itself is no number: 1 / (1 + 1e18) is as good as 0.
  const v_t one = v_set1(1.0f), most = v_set1(1e18f);
  p = v_min(most, p);
  q = v_min(most, q);
  const v_t p1 = v_add(one, p), q1 = v_add(one, q);
  factored_t f;
  v_t inverse_q;
  if (c->right_only) {
    f.beta = v_set1(0.0f);
    f.other = one;
    inverse_q = v_reciprocal(q1);
  } else {
    const v_t inverse = v_reciprocal(v_mul(p1, q1));
    f.beta = v_mul(inverse, q1);
    f.other = v_mul(p, f.beta);
    inverse_q = v_mul(inverse, p1);
  }
  const v_t u = v_mul(v_sub(q, c->initial_q), inverse_q);
  if (c->sigmoid) {
    const v_t below = v_mul(v_mul(q, inverse_q), c->below);
    f.eta_hat = v_mul(c->eta0, v_select(v_greater(c->initial_q, q), below, v_fma(u, c->growth, one)));
    f.slope = v_mul(f.eta_hat, inverse_q);
  } else {
    f.eta_hat = v_mul(c->eta0, v_exp(v_mul(c->growth, u)));
    const v_t steepness = v_mul(v_mul(q, inverse_q), v_mul(v_set1(4.0f), inverse_q));  // 1 - t^2
    f.slope = v_mul(v_mul(f.eta_hat, c->half_range), steepness);
  }
  return f;
}

// One row of the update; returns the sum of its step sizes.
static double descend_factored_row(const ck_descend_factored_task *t, size_t row) {
  const ck_factored_eta *const eta = t->eta;
  const factored_constants c = constants_of(eta);
  const float *const g = t->g + row * t->columns, *const w = t->w + row * t->columns;
  float *const next = t->next + row * t->columns;
  const v_t row_p = v_set1(eta->row_p[row]), row_q = v_set1(eta->row_q[row]);
  const v_t decay_factor = v_set1(t->decay_factor), scale_by = v_set1(eta->scale);
  v_t sum = v_set1(0.0f);
#define DESCEND(LOAD, STORE, CHOSEN)                                                                               \
  const factored_t f = factored(&c, v_mul(row_p, LOAD(eta->column_p + i)), v_mul(row_q, LOAD(eta->column_q + i))); \
  const v_t step = v_mul(scale_by, v_fma(f.beta, v_sub(c.eta0, f.eta_hat), f.eta_hat));                            \
  sum = v_add(sum, CHOSEN(step));                                                                                  \
  STORE(next + i, v_fnma(step, LOAD(g + i), v_mul(decay_factor, LOAD(w + i))))
#define ALL_LANES(x) (x)
#define TAIL_LANES(x) v_select(v_first(tail), x, v_set1(0.0f))
  if (t->stream) {  // whole lines have no tail
    for (size_t i = 0; i < t->columns; i += V_LANES) { DESCEND(v_load, v_stream, ALL_LANES); }
  } else {
    V_FOR(t->columns, DESCEND(v_load, v_store, ALL_LANES), DESCEND(LOAD_TAIL, STORE_TAIL, TAIL_LANES));
  }
#undef DESCEND
  return v_sum(sum);
}

static double descend_factored(const void *task, size_t first, size_t end) {
  const ck_descend_factored_task *const t = task;
  double sum = 0;
  for (size_t row = first; row < end; row++) sum += descend_factored_row(t, row);
  if (t->stream) v_stream_end();
  return sum;
}

typedef struct { v_t p, q; } factored_sums;

// Columns j ..< j + lanes of a few rows: to each row's sums, and to the columns'.
static inline void add_factored(const factored_constants *c, const ck_factored_gradient_task *t, size_t j,
                                size_t lanes, factored_sums *row_sums) {
  const ck_factored_eta *const eta = t->eta;
  const bool whole = lanes == V_LANES;
  const v_t column_p = whole ? v_load(eta->column_p + j) : v_load_n(eta->column_p + j, lanes);
  const v_t column_q = whole ? v_load(eta->column_q + j) : v_load_n(eta->column_q + j, lanes);
  const v_t scale_by = v_set1(-eta->scale);
  v_t p_sum = v_set1(0.0f), q_sum = v_set1(0.0f);
  for (size_t r = 0; r < t->rows; r++) {
    const size_t row = t->row + r, at = row * t->columns + j;
    const v_t a = whole ? v_load(t->g + at) : v_load_n(t->g + at, lanes);
    const v_t b = whole ? v_load(t->g2 + at) : v_load_n(t->g2 + at, lanes);
    const factored_t f =
        factored(c, v_mul(v_set1(eta->row_p[row]), column_p), v_mul(v_set1(eta->row_q[row]), column_q));
    // The loads of a tail are zero past its end, so m silences those lanes.
    const v_t m = v_mul(v_mul(scale_by, v_mul(a, b)), f.other);
    const v_t to_p = v_mul(v_mul(m, v_sub(c->eta0, f.eta_hat)), f.beta), to_q = v_mul(m, f.slope);
    p_sum = v_add(p_sum, to_p);
    q_sum = v_add(q_sum, to_q);
    row_sums[r].p = v_add(row_sums[r].p, to_p);
    row_sums[r].q = v_add(row_sums[r].q, to_q);
  }
  if (whole) {
    vd_add(t->dp_column + j, p_sum);
    vd_add(t->dq_column + j, q_sum);
  } else {
    vd_add_n(t->dp_column + j, p_sum, lanes);
    vd_add_n(t->dq_column + j, q_sum, lanes);
  }
}

static void factored_gradient(const void *task, size_t first, size_t end) {
  const ck_factored_gradient_task *const t = task;
  const factored_constants c = constants_of(t->eta);
  factored_sums sums[CK_FACTORED_ROWS];
  for (size_t r = 0; r < t->rows; r++) sums[r].p = sums[r].q = v_set1(0.0f);
  size_t j = first;
  for (; j + V_LANES <= end; j += V_LANES) add_factored(&c, t, j, V_LANES, sums);
  if (j < end) add_factored(&c, t, j, end - j, sums);
  for (size_t r = 0; r < t->rows; r++) {
    t->dp_row[r] = v_sum(sums[r].p);
    t->dq_row[r] = v_sum(sums[r].q);
  }
}
