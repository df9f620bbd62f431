// SOAA's moments and step, each with the sums that it needs next: float in vectors within a block, double between.

enum { SOAA_BLOCK = 4096 };

static void soaa_moments(const void *task, size_t first, size_t end, double *sums) {
  const ck_soaa_moments_task *const t = task;
  const ck_soaa_args *const args = t->args;
  const float *const g = t->g;
  float *const m = t->m, *const v = t->v;
  const v_t beta1 = v_set1(args->beta1), beta2 = v_set1(args->beta2);
  const v_t fresh1 = v_set1(1.0f - args->beta1), fresh2 = v_set1(1.0f - args->beta2);
#define MOMENTS(LOAD, STORE)                                              \
  const v_t gradient = LOAD(g + i);                                       \
  const v_t mean = first_moment(beta1, fresh1, LOAD(m + i), gradient);    \
  const v_t square = second_moment(beta2, fresh2, LOAD(v + i), gradient); \
  STORE(m + i, mean);                                                     \
  STORE(v + i, square);                                                   \
  first_squared = v_fma(mean, mean, first_squared);                       \
  seconds = v_add(square, seconds)
  for (size_t block = first; block < end; block += SOAA_BLOCK) {
    const size_t block_end = smaller(block + SOAA_BLOCK, end);
    v_t first_squared = v_set1(0.0f), seconds = first_squared;
    V_FOR_RANGE(block, block_end, MOMENTS(v_load_ahead, v_store), MOMENTS(LOAD_TAIL, STORE_TAIL));
    sums[0] += block_dot(first_squared, block_end - block, m + block, m + block);
    sums[1] += v_sum(seconds);
  }
#undef MOMENTS
}

static double soaa_step(const void *task, size_t first, size_t end) {
  const ck_soaa_step_task *const t = task;
  const ck_soaa_args *const args = t->args;
  const float *const g = t->g, *const m = t->m, *const v = t->v;
  float *const w = t->w;
  const v_t correction1 = v_set1(1.0f / args->correction1), most = v_set1(FLT_MAX);
  const v_t fisher = v_set1(args->fisher / args->correction2), radius = v_set1(args->radius);
  const deviation_terms terms = deviation_terms_of(args->correction2, args->epsilon);
  const v_t rate = v_set1(args->rate * args->radius), decay_factor = v_set1(args->decay_factor),
      decay = v_set1(args->decay_factor - 1.0f);
  const v_t half = v_set1(0.5f);
  double reduction = 0;
#define SOAA(LOAD, STORE)                                                                         \
  const v_t mean = v_mul(correction1, LOAD(m + i)), second = LOAD(v + i), old = LOAD(w + i);      \
  /* Finite, so that a step of 0 leaves the sum a number. */                                      \
  const v_t curvature = v_min(most, v_mul(fisher, second));                                       \
  const v_t deviation = v_mul(terms.root, v_sqrt(second));                                        \
  const v_t size = v_add(v_max(v_mul(radius, curvature), deviation), terms.epsilon);              \
  const v_t move = v_mul(rate, v_mul(mean, inverse_of(size)));                                    \
  const v_t step = v_sub(v_mul(decay, old), move);                                                \
  STORE(w + i, v_sub(v_mul(decay_factor, old), move));                                                    \
  sum = v_fnma(step, v_fma(half, v_mul(curvature, step), LOAD(g + i)), sum)
  for (size_t block = first; block < end; block += SOAA_BLOCK) {
    v_t sum = v_set1(0.0f);
    V_FOR_RANGE(block, smaller(block + SOAA_BLOCK, end), SOAA(v_load_ahead, v_store), SOAA(LOAD_TAIL, STORE_TAIL));
    reduction += v_sum(sum);
  }
#undef SOAA
  return reduction;
}
