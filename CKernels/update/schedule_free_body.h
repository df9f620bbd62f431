// Schedule-Free's steps.

typedef struct schedule_free_terms {
  v_t rate, decay, c, share;
} schedule_free_terms;

static schedule_free_terms schedule_free_terms_of(ck_schedule_free_args a) {
  return (schedule_free_terms){v_set1(a.rate), v_set1(a.decay), v_set1(a.c), v_set1(1.0f - a.beta * (1.0f - a.c))};
}

// Moves z and y, at index i of their loop, by the step of `direction`.
#define SCHEDULE_FREE(LOAD, STORE, direction)                                           \
  const v_t old_y = LOAD(y + i), old_z = LOAD(z + i);                                   \
  const v_t step = v_fma(terms.rate, direction, v_mul(terms.decay, old_y));             \
  STORE(z + i, v_sub(old_z, step));                                                     \
  STORE(y + i, v_fnma(terms.share, step, v_fma(terms.c, v_sub(old_z, old_y), old_y)))

static void schedule_free_sgd(const void *task, size_t first, size_t end) {
  const ck_schedule_free_sgd_task *const t = task;
  const float *const g = t->g;
  float *const z = t->z, *const y = t->y;
  const schedule_free_terms terms = schedule_free_terms_of(*t->args);
#define SGD_STEP(LOAD, STORE) SCHEDULE_FREE(LOAD, STORE, LOAD(g + i))
  V_FOR_RANGE(first, end, SGD_STEP(v_load_ahead, v_store), SGD_STEP(LOAD_TAIL, STORE_TAIL));
#undef SGD_STEP
}

static void schedule_free_adamw(const void *task, size_t first, size_t end) {
  const ck_schedule_free_adamw_task *const t = task;
  const float *const g = t->g;
  float *const v = t->v, *const z = t->z, *const y = t->y;
  const schedule_free_terms terms = schedule_free_terms_of(*t->args);
  const v_t beta2 = v_set1(t->moment->beta2), fresh2 = v_set1(1.0f - t->moment->beta2);
  const deviation_terms deviation = deviation_terms_of(t->moment->correction2, t->moment->epsilon);
#define ADAMW_STEP(LOAD, STORE)                                                                  \
  const v_t gradient = LOAD(g + i), second = second_moment(beta2, fresh2, LOAD(v + i), gradient); \
  const v_t divisor = v_fma(v_sqrt(second), deviation.root, deviation.epsilon);                  \
  STORE(v + i, second);                                                                          \
  SCHEDULE_FREE(LOAD, STORE, v_mul(gradient, inverse_of(divisor)))
  V_FOR_RANGE(first, end, ADAMW_STEP(v_load_ahead, v_store), ADAMW_STEP(LOAD_TAIL, STORE_TAIL));
#undef ADAMW_STEP
}
#undef SCHEDULE_FREE
