// Directions and the sums that a step along them needs: float in vectors within a block, double between.

enum { DIRECTION_BLOCK = 4096 };

static double nadam_direction(size_t n, const ck_nadam_args *args, const float *g, const float *m, const float *v,
                              float *next_m, float *next_v, float *d) {
  const v_t beta1 = v_set1(args->beta1), beta2 = v_set1(args->beta2), epsilon = v_set1(args->epsilon);
  const v_t fresh1 = v_set1(1.0f - args->beta1), fresh2 = v_set1(1.0f - args->beta2);
  const v_t ahead = v_set1(args->beta1 / args->correction1), correction2 = v_set1(1.0f / args->correction2);
  double squares = 0;
#define NADAM(LOAD, STORE)                                                   \
  const v_t gradient = LOAD(g + i);                                          \
  const v_t first = first_moment(beta1, fresh1, LOAD(m + i), gradient);      \
  const v_t second = second_moment(beta2, fresh2, LOAD(v + i), gradient);    \
  const v_t deviation = v_add(v_sqrt(v_mul(second, correction2)), epsilon);  \
  const v_t lookahead = v_fma(ahead, first, v_mul(fresh1, gradient));        \
  const v_t direction = v_mul(lookahead, inverse_of(deviation));             \
  STORE(next_m + i, first);                                                  \
  STORE(next_v + i, second);                                                 \
  STORE(d + i, direction);                                                   \
  sum = v_fma(direction, direction, sum)
  for (size_t block = 0; block < n; block += DIRECTION_BLOCK) {
    v_t sum = v_set1(0.0f);
    V_FOR(smaller(n - block, DIRECTION_BLOCK), NADAM(v_load_ahead, v_store), NADAM(LOAD_TAIL, STORE_TAIL));
    squares += v_sum(sum);
    g += DIRECTION_BLOCK, m += DIRECTION_BLOCK, v += DIRECTION_BLOCK;
    next_m += DIRECTION_BLOCK, next_v += DIRECTION_BLOCK, d += DIRECTION_BLOCK;
  }
#undef NADAM
  return squares;
}

static void blended_momentum(size_t n, float beta_value, float blend_value, const float *g, const float *m,
                             float *next_m, float *x) {
  const v_t beta = v_set1(beta_value), fresh = v_set1(1.0f - beta_value);
  const v_t blend = v_set1(blend_value), rest = v_set1(1.0f - blend_value);
#define BLEND(LOAD, STORE)                                           \
  const v_t gradient = LOAD(g + i);                                  \
  const v_t mean = first_moment(beta, fresh, LOAD(m + i), gradient); \
  STORE(next_m + i, mean);                                           \
  STORE(x + i, v_fma(blend, mean, v_mul(rest, gradient)))
  V_FOR(n, BLEND(v_load_ahead, v_store), BLEND(LOAD_TAIL, STORE_TAIL));
#undef BLEND
}

static ck_path_sums path_sums(size_t n, const float *w0, const float *w, const float *g0, const float *g) {
  ck_path_sums sums = {0, 0, 0, 0};
#define PATH(LOAD, STORE)                               \
  const v_t step = v_sub(LOAD(w0 + i), LOAD(w + i));    \
  const v_t before = LOAD(g0 + i), after = LOAD(g + i); \
  start_slope = v_fma(step, before, start_slope);       \
  end_slope = v_fma(step, after, end_slope);            \
  start_squared = v_fma(before, before, start_squared); \
  end_squared = v_fma(after, after, end_squared)
  for (size_t block = 0; block < n; block += DIRECTION_BLOCK) {
    v_t start_slope = v_set1(0.0f), end_slope = start_slope, start_squared = start_slope, end_squared = start_slope;
    V_FOR(smaller(n - block, DIRECTION_BLOCK), PATH(v_load_ahead, v_store), PATH(LOAD_TAIL, STORE_TAIL));
    sums.start_slope += v_sum(start_slope);
    sums.end_slope += v_sum(end_slope);
    sums.start_squared += v_sum(start_squared);
    sums.end_squared += v_sum(end_squared);
    w0 += DIRECTION_BLOCK, w += DIRECTION_BLOCK, g0 += DIRECTION_BLOCK, g += DIRECTION_BLOCK;
  }
#undef PATH
  return sums;
}
