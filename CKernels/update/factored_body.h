// SAMT-E's factored step sizes: computed where they are used, never stored. See ck_factored_eta for the formulas.
// The update and its gradient share one function, so both see the same step sizes to the last bit.

// Vectors at once, stage by stage: the chain from a division through an exponential to a step is some hundred cycles
// long, and those of vectors behind each other overlap less than their stages do.
enum { FACTORED_VECTORS = 4 };

// beta, 1 - beta, eta_hat and slope = d eta_hat / dq
typedef struct { v_t beta, other, eta_hat, slope; } factored_t;

typedef struct factored_constants {
  v_t eta0, half_range;
  v_t initial_q, growth;  // 2 half_range / (1 + initial_q) for the exponential of tanh, 1 / initial_q for the sigmoid
  v_t below;              // (1 + initial_q) / initial_q
  bool sigmoid, right_only;
} factored_constants;

// Inlined for each form of a head, so that no loop asks for it.
static ALWAYS_INLINE factored_constants constants_of(const ck_factored_eta *eta, bool sigmoid, bool right_only) {
  const float q = eta->initial_q;
  return (factored_constants){.eta0 = v_set1(eta->eta0), .half_range = v_set1(eta->half_range),
                              .initial_q = v_set1(q), .growth = v_set1(sigmoid ? 1 / q : 2 * eta->half_range / (1 + q)),
                              .below = v_set1((1 + q) / q), .sigmoid = sigmoid, .right_only = right_only};
}

// CALL(sigmoid, right_only), both of them known to the compiler.
#define FOR_FORM_OF(eta, CALL)                       \
  do {                                               \
    if ((eta)->projection == CK_SIGMOID_RANGE) {     \
      if ((eta)->right_only) CALL(true, true);       \
      else CALL(true, false);                        \
    } else {                                         \
      if ((eta)->right_only) CALL(false, true);      \
      else CALL(false, false);                       \
    }                                                \
  } while (0)

// One reciprocal serves both 1 / (1 + p) and 1 / (1 + q). With u = (q - initial_q) / (1 + q),
//   half_range (t - t0) = 2 half_range u / (1 + initial_q)   and   s / s0 = 1 + u / initial_q,
// which is exactly 0 and 1 at the beginning. Below it the second sum would cancel, and a product takes its place.
static ALWAYS_INLINE void factored(const factored_constants *c, int vectors, v_t *p, v_t *q, factored_t *f) {
  // Factors may multiply to infinity, and that over itself is no number: 1 / (1 + 1e18) is as good as 0.
  const v_t one = v_set1(1.0f), most = v_set1(1e18f);
  v_t inverse_q[FACTORED_VECTORS], u[FACTORED_VECTORS];
  UNROLL for (int v = 0; v < vectors; v++) {
    p[v] = v_min(most, p[v]);
    q[v] = v_min(most, q[v]);
    const v_t p1 = v_add(one, p[v]), q1 = v_add(one, q[v]);
    if (c->right_only) {
      f[v].beta = v_set1(0.0f);
      f[v].other = one;
      inverse_q[v] = v_reciprocal(q1);
    } else {
      const v_t inverse = v_reciprocal(v_mul(p1, q1));
      f[v].beta = v_mul(inverse, q1);
      f[v].other = v_mul(p[v], f[v].beta);
      inverse_q[v] = v_mul(inverse, p1);
    }
    u[v] = v_mul(v_sub(q[v], c->initial_q), inverse_q[v]);
  }
  if (c->sigmoid) {
    UNROLL for (int v = 0; v < vectors; v++) {
      const v_t below = v_mul(v_mul(q[v], inverse_q[v]), c->below);
      f[v].eta_hat = v_mul(c->eta0, v_select(v_greater(c->initial_q, q[v]), below, v_fma(u[v], c->growth, one)));
      f[v].slope = v_mul(f[v].eta_hat, inverse_q[v]);
    }
    return;
  }
  // Ratios beyond e^87 either way are as good as infinity and 0.
  UNROLL for (int v = 0; v < vectors; v++) {
    const v_t power = v_min(v_set1(88.0f), v_max(v_set1(-87.0f), v_mul(c->growth, u[v])));
    f[v].eta_hat = v_mul(c->eta0, v_exp_normal(power));
    const v_t steepness = v_mul(v_mul(q[v], inverse_q[v]), v_mul(v_set1(4.0f), inverse_q[v]));  // 1 - t^2
    f[v].slope = v_mul(v_mul(f[v].eta_hat, c->half_range), steepness);
  }
}

// A row of g, w and next, with its factors.
typedef struct factored_row {
  v_t p, q;
  const float *g, *w;
  float *next;
} factored_row;

// The row's elements from i on: `vectors` whole ones, or the first `lanes` of one. Returns `sum` with their step sizes.
static ALWAYS_INLINE v_t descend_vectors(const ck_descend_factored_task *t, const factored_constants *c,
                                         const factored_row *row, int vectors, size_t lanes, size_t i, v_t sum) {
  const v_t decay_factor = v_set1(t->decay_factor), scale_by = v_set1(t->eta->scale);
  v_t p[FACTORED_VECTORS], q[FACTORED_VECTORS];
  factored_t f[FACTORED_VECTORS];
  UNROLL for (int v = 0; v < vectors; v++) {
    p[v] = v_mul(row->p, v_load_up_to(t->eta->column_p + i + v * V_LANES, lanes));
    q[v] = v_mul(row->q, v_load_up_to(t->eta->column_q + i + v * V_LANES, lanes));
  }
  factored(c, vectors, p, q, f);
  UNROLL for (int v = 0; v < vectors; v++) {
    const size_t at = i + v * V_LANES;
    const v_t step = v_mul(scale_by, v_fma(f[v].beta, v_sub(c->eta0, f[v].eta_hat), f[v].eta_hat));
    sum = v_add(sum, lanes == V_LANES ? step : v_select(v_first(lanes), step, v_set1(0.0f)));
    const v_t kept = v_mul(decay_factor, v_load_up_to(row->w + at, lanes));
    const v_t next = v_fnma(step, v_load_up_to(row->g + at, lanes), kept);
    if (t->stream) v_stream(row->next + at, next);
    else v_store_up_to(row->next + at, next, lanes);
  }
  return sum;
}

// Rows of the update; returns the sum of their step sizes.
static ALWAYS_INLINE double descend_factored_rows(const ck_descend_factored_task *t, bool sigmoid, bool right_only,
                                                  size_t first, size_t end) {
  const factored_constants c = constants_of(t->eta, sigmoid, right_only);
  double total = 0;
  for (size_t i = first; i < end; i++) {
    const size_t at = i * t->columns, together = FACTORED_VECTORS * V_LANES;
    const factored_row row = {v_set1(t->eta->row_p[i]), v_set1(t->eta->row_q[i]), t->g + at, t->w + at, t->next + at};
    v_t sum = v_set1(0.0f);
    size_t j = 0;
    for (; j + together <= t->columns; j += together) {
      sum = descend_vectors(t, &c, &row, FACTORED_VECTORS, V_LANES, j, sum);
    }
    for (; j + V_LANES <= t->columns; j += V_LANES) sum = descend_vectors(t, &c, &row, 1, V_LANES, j, sum);
    if (j < t->columns) sum = descend_vectors(t, &c, &row, 1, t->columns - j, j, sum);
    total += v_sum(sum);
  }
  return total;
}

static double descend_factored(const void *task, size_t first, size_t end) {
  const ck_descend_factored_task *const t = task;
  double sum = 0;
#define DESCEND(sigmoid, right_only) sum = descend_factored_rows(t, sigmoid, right_only, first, end)
  FOR_FORM_OF(t->eta, DESCEND);
#undef DESCEND
  if (t->stream) v_stream_end();
  return sum;
}

typedef struct { v_t p, q; } factored_sums;

// Columns j ..< j + lanes of `rows` rows from `row` on: to each row's sums, and to those over the rows.
static ALWAYS_INLINE void add_factored_rows(const ck_factored_gradient_task *t, const factored_constants *c, int rows,
                                            size_t row, size_t j, size_t lanes, factored_sums *row_sums,
                                            factored_sums *column_sums) {
  const ck_factored_eta *const eta = t->eta;
  const v_t column_p = v_load_up_to(eta->column_p + j, lanes), column_q = v_load_up_to(eta->column_q + j, lanes);
  const v_t scale_by = v_set1(-eta->scale);
  v_t p[FACTORED_VECTORS], q[FACTORED_VECTORS];
  factored_t f[FACTORED_VECTORS];
  UNROLL for (int r = 0; r < rows; r++) {
    p[r] = v_mul(v_set1(eta->row_p[row + r]), column_p);
    q[r] = v_mul(v_set1(eta->row_q[row + r]), column_q);
  }
  factored(c, rows, p, q, f);
  UNROLL for (int r = 0; r < rows; r++) {
    const size_t at = (row + r) * t->columns + j;
    // The loads of a tail are zero past its end, so m silences those lanes.
    const v_t product = v_mul(v_load_up_to(t->g + at, lanes), v_load_up_to(t->g2 + at, lanes));
    const v_t m = v_mul(v_mul(scale_by, product), f[r].other);
    const v_t to_p = v_mul(v_mul(m, v_sub(c->eta0, f[r].eta_hat)), f[r].beta), to_q = v_mul(m, f[r].slope);
    column_sums->p = v_add(column_sums->p, to_p);
    column_sums->q = v_add(column_sums->q, to_q);
    row_sums[r].p = v_add(row_sums[r].p, to_p);
    row_sums[r].q = v_add(row_sums[r].q, to_q);
  }
}

// Columns j ..< j + lanes of all rows: to each row's sums, and to the columns'.
static ALWAYS_INLINE void add_factored(const ck_factored_gradient_task *t, const factored_constants *c, size_t j,
                                       size_t lanes, factored_sums *row_sums) {
  factored_sums sums = {v_set1(0.0f), v_set1(0.0f)};
  size_t r = 0;
  for (; r + FACTORED_VECTORS <= t->rows; r += FACTORED_VECTORS) {
    add_factored_rows(t, c, FACTORED_VECTORS, t->row + r, j, lanes, row_sums + r, &sums);
  }
  for (; r < t->rows; r++) add_factored_rows(t, c, 1, t->row + r, j, lanes, row_sums + r, &sums);
  if (lanes == V_LANES) {
    vd_add(t->dp_column + j, sums.p);
    vd_add(t->dq_column + j, sums.q);
  } else {
    vd_add_n(t->dp_column + j, sums.p, lanes);
    vd_add_n(t->dq_column + j, sums.q, lanes);
  }
}

static ALWAYS_INLINE void add_factored_columns(const ck_factored_gradient_task *t, bool sigmoid, bool right_only,
                                               size_t first, size_t end, factored_sums *row_sums) {
  const factored_constants c = constants_of(t->eta, sigmoid, right_only);
  size_t j = first;
  for (; j + V_LANES <= end; j += V_LANES) add_factored(t, &c, j, V_LANES, row_sums);
  if (j < end) add_factored(t, &c, j, end - j, row_sums);
}

static void factored_gradient(const void *task, size_t first, size_t end) {
  const ck_factored_gradient_task *const t = task;
  factored_sums sums[CK_FACTORED_ROWS];
  for (size_t r = 0; r < t->rows; r++) sums[r].p = sums[r].q = v_set1(0.0f);
#define ADD(sigmoid, right_only) add_factored_columns(t, sigmoid, right_only, first, end, sums)
  FOR_FORM_OF(t->eta, ADD);
#undef ADD
  for (size_t r = 0; r < t->rows; r++) {
    t->dp_row[r] = v_sum(sums[r].p);
    t->dq_row[r] = v_sum(sums[r].q);
  }
}
#undef FOR_FORM_OF
