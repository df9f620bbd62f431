// Rules that find their step sizes: the passes that end in sums add in float within a block, in double between, and
// within blocks whose squares or slopes floats do not hold.

enum { ESTIMATE_BLOCK = 4096 };

static void prodigy_moments(const void *task, size_t first, size_t end, double *sums) {
  const ck_prodigy_moments_task *const t = task;
  const v_t beta1 = v_set1(t->args->beta1), beta2 = v_set1(t->args->beta2), beta3 = v_set1(t->args->beta3);
  const v_t weight = v_set1(t->args->weight), fresh1 = v_set1((1.0f - t->args->beta1) * t->args->d);
  const v_t fresh2 = v_set1((1.0f - t->args->beta2) * t->args->d * t->args->d);
  const float *const g = t->g, *const w0 = t->w0, *const w = t->w;
  float *const m = t->m, *const v = t->v, *const s = t->s;
  for (size_t block = first; block < end; block += ESTIMATE_BLOCK) {
    const size_t block_end = smaller(block + ESTIMATE_BLOCK, end);
    v_t progress = v_set1(0.0f), magnitude = progress;
#define PRODIGY(LOAD, STORE)                                                 \
  const v_t gradient = LOAD(g + i);                                          \
  const v_t sum = flush(v_fma(beta3, LOAD(s + i), v_mul(weight, gradient))); \
  STORE(m + i, first_moment(beta1, fresh1, LOAD(m + i), gradient));          \
  STORE(v + i, second_moment(beta2, fresh2, LOAD(v + i), gradient));         \
  STORE(s + i, sum);                                                         \
  progress = v_fma(gradient, v_sub(LOAD(w0 + i), LOAD(w + i)), progress);    \
  magnitude = v_add(v_abs(sum), magnitude)
    V_FOR_RANGE(block, block_end, PRODIGY(v_load_ahead, v_store), PRODIGY(LOAD_TAIL, STORE_TAIL));
#undef PRODIGY
    sums[0] += block_path_dot(progress, block_end - block, w + block, w0 + block, g + block);
    sums[1] += v_sum(magnitude);
  }
}

static void moment_step(const void *task, size_t first, size_t end) {
  const ck_moment_step_task *const t = task;
  const float *const m = t->m, *const v = t->v;
  float *const w = t->w;
  const v_t rate = v_set1(t->rate), decay_factor = v_set1(t->decay_factor);
  const deviation_terms terms = deviation_terms_of(1, t->epsilon);
#define MOVE(LOAD, STORE)                                                                     \
  const v_t move = v_mul(LOAD(m + i), inverse_of(v_add(v_sqrt(LOAD(v + i)), terms.epsilon))); \
  STORE(w + i, v_fnma(rate, move, v_mul(decay_factor, LOAD(w + i))))
  V_FOR_RANGE(first, end, MOVE(v_load_ahead, v_store), MOVE(LOAD_TAIL, STORE_TAIL));
#undef MOVE
}

static void dadapt_adam(const void *task, size_t first, size_t end, double *sums) {
  const ck_dadapt_adam_task *const t = task;
  const v_t beta1 = v_set1(t->args->beta1), beta2 = v_set1(t->args->beta2), beta3 = v_set1(t->args->beta3);
  const v_t rate = v_set1(t->args->rate), decay_factor = v_set1(t->args->decay_factor);
  const v_t fresh1 = v_set1((1.0f - t->args->beta1) * t->args->rate), fresh2 = v_set1(1.0f - t->args->beta2);
  const v_t fresh3 = v_set1((1.0f - t->args->beta3) * t->args->rate);
  const deviation_terms terms = deviation_terms_of(1, t->args->epsilon);
  const float *const g = t->g;
  float *const m = t->m, *const v = t->v, *const s = t->s, *const w = t->w;
  for (size_t block = first; block < end; block += ESTIMATE_BLOCK) {
    const size_t block_end = smaller(block + ESTIMATE_BLOCK, end);
    v_t progress = v_set1(0.0f), magnitude = progress;
#define DADAPT(LOAD, STORE)                                                                  \
  const v_t gradient = LOAD(g + i), old = LOAD(v + i), old_sum = LOAD(s + i);                \
  const v_t preconditioned = v_mul(gradient, inverse_of(v_add(v_sqrt(old), terms.epsilon))); \
  const v_t mean = first_moment(beta1, fresh1, LOAD(m + i), gradient);                       \
  const v_t second = second_moment(beta2, fresh2, old, gradient);                            \
  const v_t sum = flush(v_fma(beta3, old_sum, v_mul(fresh3, gradient)));                     \
  const v_t move = v_mul(mean, inverse_of(v_add(v_sqrt(second), terms.epsilon)));            \
  STORE(m + i, mean);                                                                        \
  STORE(v + i, second);                                                                      \
  STORE(s + i, sum);                                                                         \
  STORE(w + i, v_sub(v_mul(decay_factor, LOAD(w + i)), move));                               \
  progress = v_fma(v_mul(rate, preconditioned), old_sum, progress);                          \
  magnitude = v_add(v_abs(sum), magnitude)
    V_FOR_RANGE(block, block_end, DADAPT(v_load_ahead, v_store), DADAPT(LOAD_TAIL, STORE_TAIL));
#undef DADAPT
    sums[0] += v_sum(progress);
    sums[1] += v_sum(magnitude);
  }
}

static void distance_sums(const void *task, size_t first, size_t end, double *sums) {
  const ck_distance_sums_task *const t = task;
  const float *const w0 = t->w0, *const w = t->w, *const g = t->g;
  for (size_t block = first; block < end; block += ESTIMATE_BLOCK) {
    const size_t block_end = smaller(block + ESTIMATE_BLOCK, end);
    v_t distance_squared = v_set1(0.0f), gradient_squared = distance_squared;
#define DISTANCE(LOAD, STORE)                                               \
  const v_t gradient = LOAD(g + i), way = v_sub(LOAD(w + i), LOAD(w0 + i)); \
  distance_squared = v_fma(way, way, distance_squared);                     \
  gradient_squared = v_fma(gradient, gradient, gradient_squared)
    V_FOR_RANGE(block, block_end, DISTANCE(v_load_ahead, v_store), DISTANCE(LOAD_TAIL, STORE_TAIL));
#undef DISTANCE
    sums[0] += v_sum(distance_squared);
    sums[1] += block_dot(gradient_squared, block_end - block, g + block, g + block);
  }
}

// Where a weight stands whose path is scaled; both of Mechanic's passes must round it alike.
static inline v_t scaled_path(v_t scale, v_t path, v_t w0) { return v_fma(scale, path, w0); }

static void mechanic_path(const void *task, size_t first, size_t end, double *sums) {
  const ck_mechanic_path_task *const t = task;
  const v_t scale = v_set1(t->scale);
  const float *const g = t->g, *const w0 = t->w0, *const w = t->w;
  float *const path = t->path;
  for (size_t block = first; block < end; block += ESTIMATE_BLOCK) {
    const size_t block_end = smaller(block + ESTIMATE_BLOCK, end);
    v_t path_gradient = v_set1(0.0f), path_weight = path_gradient;
    v_t gradient_squared = path_gradient, weight_squared = path_gradient;
#define MECHANIC(LOAD, STORE)                                                        \
  const v_t gradient = LOAD(g + i), weight = LOAD(w + i), old = LOAD(path + i);      \
  STORE(path + i, v_add(old, v_sub(weight, scaled_path(scale, old, LOAD(w0 + i))))); \
  path_gradient = v_fma(old, gradient, path_gradient);                               \
  path_weight = v_fma(old, weight, path_weight);                                     \
  gradient_squared = v_fma(gradient, gradient, gradient_squared);                    \
  weight_squared = v_fma(weight, weight, weight_squared)
    V_FOR_RANGE(block, block_end, MECHANIC(v_load_ahead, v_store), MECHANIC(LOAD_TAIL, STORE_TAIL));
#undef MECHANIC
    sums[0] += v_sum(path_gradient);
    sums[1] += v_sum(path_weight);
    sums[2] += block_dot(gradient_squared, block_end - block, g + block, g + block);
    sums[3] += block_dot(weight_squared, block_end - block, w + block, w + block);
  }
}

static void mechanic_step(const void *task, size_t first, size_t end) {
  const ck_mechanic_step_task *const t = task;
  const float *const w0 = t->w0, *const path = t->path;
  float *const w = t->w;
  const v_t scale = v_set1(t->scale);
#define MOVE(LOAD, STORE) STORE(w + i, scaled_path(scale, LOAD(path + i), LOAD(w0 + i)))
  V_FOR_RANGE(first, end, MOVE(v_load_ahead, v_store), MOVE(LOAD_TAIL, STORE_TAIL));
#undef MOVE
}

static void cocob(const void *task, size_t first, size_t end) {
  const ck_cocob_task *const t = task;
  const float *const g = t->g, *const w0 = t->w0;
  float *const largest = t->state->largest, *const sum = t->state->sum;
  float *const magnitude = t->state->magnitude, *const reward = t->state->reward, *const w = t->w;
  const v_t rate = v_set1(t->rate), alpha = v_set1(t->alpha), zero = v_set1(0.0f);
  // Differences of two that are near each other, and quotients before products: neither cancels nor overflows.
#define COCOB(LOAD, STORE)                                                                   \
  const v_t gradient = LOAD(g + i), start = LOAD(w0 + i), weight = LOAD(w + i);              \
  const v_t most = v_max(LOAD(largest + i), v_abs(gradient));                                \
  const v_t negative = v_sub(LOAD(sum + i), gradient);                                       \
  const v_t total = v_add(LOAD(magnitude + i), v_abs(gradient));                             \
  const v_t won = v_max(zero, v_fnma(gradient, v_sub(weight, start), LOAD(reward + i)));     \
  const v_t wealth = v_div(v_add(most, won), v_max(v_add(total, most), v_mul(alpha, most))); \
  const v_t target = v_fma(v_div(negative, most), wealth, start);                            \
  STORE(largest + i, most);                                                                  \
  STORE(sum + i, negative);                                                                  \
  STORE(magnitude + i, total);                                                               \
  STORE(reward + i, won);                                                                    \
  STORE(w + i, v_fma(rate, v_sub(target, weight), weight))
  V_FOR_RANGE(first, end, COCOB(v_load_ahead, v_store), COCOB(LOAD_TAIL, STORE_TAIL));
#undef COCOB
}
