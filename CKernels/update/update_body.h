// Parameter updates, each one pass over memory.

// next[i] = decay_factor w[i] - rate g[i], i < n; next may be w. With decay_factor 1 the product is exact, so plain
// descent loses nothing.
static ALWAYS_INLINE void descend_by(float rate_value, float decay_factor_value, size_t n, bool stream, const float *g,
                                     const float *w, float *next) {
  const v_t rate = v_set1(rate_value), decay_factor = v_set1(decay_factor_value);
#define DESCEND(LOAD, STORE) STORE(next + i, v_fnma(rate, LOAD(g + i), v_mul(decay_factor, LOAD(w + i))))
  // In place, whatever the size: what is being read stays where it is.
  if (next == w) V_FOR(n, DESCEND(v_load_ahead, v_store), DESCEND(LOAD_TAIL, STORE_TAIL));
  else V_MAP(n, stream, DESCEND);
#undef DESCEND
}

// The same with a rate for each element.
static ALWAYS_INLINE void descend_by_each(const float *eta, float decay_factor_value, size_t n, bool stream,
                                          const float *g, const float *w, float *next) {
  const v_t decay_factor = v_set1(decay_factor_value);
#define DESCEND(LOAD, STORE) STORE(next + i, v_fnma(LOAD(eta + i), LOAD(g + i), v_mul(decay_factor, LOAD(w + i))))
  V_MAP(n, stream, DESCEND);
#undef DESCEND
}

static void descend(const void *task, size_t first, size_t end) {
  const ck_descend_task *const t = task;
  descend_by(t->rate, t->decay_factor, end - first, t->stream, t->g + first, t->w + first, t->next + first);
  if (t->stream) v_stream_end();
}

static void descend_elements(const void *task, size_t first, size_t end) {
  const ck_descend_elements_task *const t = task;
  descend_by_each(t->eta + first, t->decay_factor, end - first, t->stream, t->g + first, t->w + first,
                  t->next + first);
  if (t->stream) v_stream_end();
}

static void descend_rows(const void *task, size_t first, size_t end) {
  const ck_descend_matrix_task *const t = task;
  for (size_t row = first; row < end; row++) {
    const size_t at = row * t->columns;
    descend_by(t->eta[row], t->decay_factor, t->columns, t->stream, t->g + at, t->w + at, t->next + at);
  }
  if (t->stream) v_stream_end();
}

static void descend_columns(const void *task, size_t first, size_t end) {
  const ck_descend_matrix_task *const t = task;
  for (size_t row = first; row < end; row++) {
    const size_t at = row * t->columns;
    descend_by_each(t->eta, t->decay_factor, t->columns, t->stream, t->g + at, t->w + at, t->next + at);
  }
  if (t->stream) v_stream_end();
}

// Decaying state ends at zero, not among the denormals, where arithmetic takes a hundred times as long and rounding
// decay_factors 0.9 of the smallest ones from ever shrinking. NaN stays NaN.
static inline v_t flush(v_t x) {
  return v_select(v_greater(v_set1(FLT_MIN), v_abs(x)), v_set1(0.0f), x);
}

// The same of what is never negative.
static inline v_t flush_square(v_t x) { return v_select(v_greater(v_set1(FLT_MIN), x), v_set1(0.0f), x); }

static void momentum(const void *task, size_t first, size_t end) {
  const ck_momentum_task *const t = task;
  const float *const g = t->g;
  float *const v = t->v, *const w = t->w;
  const v_t rate = v_set1(t->rate), decay_factor = v_set1(t->decay_factor), kept = v_set1(t->momentum);
  const bool nesterov = t->nesterov;
#define MOMENTUM(LOAD, STORE)                                                \
  const v_t gradient = LOAD(g + i);                                          \
  const v_t velocity = flush(v_fma(kept, LOAD(v + i), gradient));            \
  const v_t direction = nesterov ? v_fma(kept, velocity, gradient) : velocity; \
  STORE(v + i, velocity);                                                    \
  STORE(w + i, v_fnma(rate, direction, v_mul(decay_factor, LOAD(w + i))))
  V_FOR_RANGE(first, end, MOMENTUM(v_load_ahead, v_store), MOMENTUM(LOAD_TAIL, STORE_TAIL));
#undef MOMENTUM
}

// What moments of the gradient become, in Adam and in SOAA.
static inline v_t first_moment(v_t beta, v_t fresh, v_t m, v_t g) { return flush(v_fma(beta, m, v_mul(fresh, g))); }
// The small factor first: g^2 overflows before its share of the moment does.
static inline v_t second_moment(v_t beta, v_t fresh, v_t v, v_t g) {
  return flush_square(v_fma(beta, v, v_mul(v_mul(fresh, g), g)));
}

// The divisor sqrt(v / correction) + epsilon, as root = 1 / sqrt(correction) times sqrt(v), which does not overflow,
// plus an epsilon of at least the root of the smallest second moment that is kept: 1 / divisor is then a normal number.
typedef struct deviation_terms {
  v_t root, epsilon;
} deviation_terms;

static deviation_terms deviation_terms_of(float correction, float epsilon) {
  const float root = 1.0f / sqrtf(correction), least = sqrtf(FLT_MIN) * root;
  return (deviation_terms){v_set1(root), v_set1(epsilon > least ? epsilon : least)};
}

// 1 / x for x >= 0: 0 for infinity, like a division, and without occupying the unit that the square root needs.
static inline v_t inverse_of(v_t x) {
  return v_select(v_greater(x, v_set1(FLT_MAX)), v_set1(0.0f), v_reciprocal(x));
}

static void adam(const void *task, size_t first, size_t end) {
  const ck_adam_task *const t = task;
  const ck_adam_args *const args = t->args;
  const float *const g = t->g;
  float *const m = t->m, *const v = t->v, *const w = t->w;
  const v_t rate = v_set1(args->rate / args->correction1), decay_factor = v_set1(args->decay_factor);
  const v_t beta1 = v_set1(args->beta1), beta2 = v_set1(args->beta2);
  const deviation_terms terms = deviation_terms_of(args->correction2, args->epsilon);
  const v_t fresh1 = v_set1(1.0f - args->beta1), fresh2 = v_set1(1.0f - args->beta2);
#define ADAM(LOAD, STORE)                                                    \
  const v_t gradient = LOAD(g + i);                                          \
  const v_t mean = first_moment(beta1, fresh1, LOAD(m + i), gradient);       \
  const v_t square = second_moment(beta2, fresh2, LOAD(v + i), gradient);    \
  const v_t deviation = v_fma(v_sqrt(square), terms.root, terms.epsilon);    \
  STORE(m + i, mean);                                                        \
  STORE(v + i, square);                                                      \
  STORE(w + i, v_fnma(rate, v_mul(mean, inverse_of(deviation)), v_mul(decay_factor, LOAD(w + i))))
  V_FOR_RANGE(first, end, ADAM(v_load_ahead, v_store), ADAM(LOAD_TAIL, STORE_TAIL));
#undef ADAM
}

static void average(const void *task, size_t first, size_t end) {
  const ck_average_task *const t = task;
  const float *const w = t->w;
  float *const a = t->average;
  const v_t weight = v_set1(t->weight);
#define AVERAGE(LOAD, STORE)       \
  const v_t old = LOAD(a + i);     \
  STORE(a + i, v_fma(weight, v_sub(LOAD(w + i), old), old))
  V_FOR_RANGE(first, end, AVERAGE(v_load, v_store), AVERAGE(LOAD_TAIL, STORE_TAIL));
#undef AVERAGE
}
