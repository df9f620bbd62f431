// Directions and the sums that a step along them needs: float in vectors within a block, double between, and within
// blocks that floats do not hold.

enum { DIRECTION_BLOCK = 4096 };

static double nadam_direction(const void *task, size_t first, size_t end) {
  const ck_nadam_direction_task *const t = task;
  const ck_nadam_args *const args = t->args;
  const float *const g = t->g, *const m = t->m, *const v = t->v;
  float *const next_m = t->next_m, *const next_v = t->next_v, *const d = t->d;
  const v_t beta1 = v_set1(args->beta1), beta2 = v_set1(args->beta2);
  const v_t fresh1 = v_set1(1.0f - args->beta1), fresh2 = v_set1(1.0f - args->beta2);
  const v_t ahead = v_set1(args->beta1 / args->correction1);
  const deviation_terms terms = deviation_terms_of(args->correction2, args->epsilon);
  double squares = 0;
#define NADAM(LOAD, STORE)                                                   \
  const v_t gradient = LOAD(g + i);                                          \
  const v_t mean = first_moment(beta1, fresh1, LOAD(m + i), gradient);       \
  const v_t square = second_moment(beta2, fresh2, LOAD(v + i), gradient);    \
  const v_t deviation = v_fma(v_sqrt(square), terms.root, terms.epsilon);    \
  const v_t lookahead = v_fma(ahead, mean, v_mul(fresh1, gradient));         \
  const v_t direction = v_mul(lookahead, inverse_of(deviation));             \
  STORE(next_m + i, mean);                                                   \
  STORE(next_v + i, square);                                                 \
  STORE(d + i, direction);                                                   \
  sum = v_fma(direction, direction, sum)
  for (size_t block = first; block < end; block += DIRECTION_BLOCK) {
    const size_t block_end = smaller(block + DIRECTION_BLOCK, end);
    v_t sum = v_set1(0.0f);
    V_FOR_RANGE(block, block_end, NADAM(v_load_ahead, v_store), NADAM(LOAD_TAIL, STORE_TAIL));
    squares += block_dot(sum, block_end - block, d + block, d + block);
  }
#undef NADAM
  return squares;
}

static void blended_momentum(const void *task, size_t first, size_t end) {
  const ck_blended_momentum_task *const t = task;
  const float *const g = t->g, *const m = t->m;
  float *const next_m = t->next_m, *const x = t->x;
  const v_t beta = v_set1(t->beta), fresh = v_set1(1.0f - t->beta);
  const v_t blend = v_set1(t->blend), rest = v_set1(1.0f - t->blend);
#define BLEND(LOAD, STORE)                                           \
  const v_t gradient = LOAD(g + i);                                  \
  const v_t mean = first_moment(beta, fresh, LOAD(m + i), gradient); \
  STORE(next_m + i, mean);                                           \
  STORE(x + i, v_fma(blend, mean, v_mul(rest, gradient)))
  V_FOR_RANGE(first, end, BLEND(v_load_ahead, v_store), BLEND(LOAD_TAIL, STORE_TAIL));
#undef BLEND
}

static void path_sums(const void *task, size_t first, size_t end, double *sums) {
  const ck_path_sums_task *const t = task;
  const float *const w0 = t->w0, *const w = t->w, *const g0 = t->g0, *const g = t->g;
#define PATH(LOAD, STORE)                               \
  const v_t step = v_sub(LOAD(w0 + i), LOAD(w + i));    \
  const v_t before = LOAD(g0 + i), after = LOAD(g + i); \
  start_slope = v_fma(step, before, start_slope);       \
  end_slope = v_fma(step, after, end_slope);            \
  start_squared = v_fma(before, before, start_squared); \
  end_squared = v_fma(after, after, end_squared)
  for (size_t block = first; block < end; block += DIRECTION_BLOCK) {
    const size_t block_end = smaller(block + DIRECTION_BLOCK, end);
    v_t start_slope = v_set1(0.0f), end_slope = start_slope, start_squared = start_slope, end_squared = start_slope;
    V_FOR_RANGE(block, block_end, PATH(v_load_ahead, v_store), PATH(LOAD_TAIL, STORE_TAIL));
    const size_t count = block_end - block;
    const float *const before = g0 + block, *const after = g + block;
    sums[0] += block_path_dot(start_slope, count, w + block, w0 + block, before);
    sums[1] += block_path_dot(end_slope, count, w + block, w0 + block, after);
    sums[2] += block_dot(start_squared, count, before, before);
    sums[3] += block_dot(end_squared, count, after, after);
  }
#undef PATH
}
