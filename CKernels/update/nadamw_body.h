// Adam with a look ahead.

static void nadamw(const void *task, size_t first, size_t end) {
  const ck_nadamw_task *const t = task;
  const float *const g = t->g;
  float *const m = t->m, *const v = t->v, *const w = t->w;
  const v_t mean_rate = v_set1(t->args->mean_rate), gradient_rate = v_set1(t->args->gradient_rate);
  const v_t decay_factor = v_set1(t->args->decay_factor);
  const v_t beta1 = v_set1(t->args->beta1), fresh1 = v_set1(1.0f - t->args->beta1);
  const v_t beta2 = v_set1(t->args->beta2), fresh2 = v_set1(1.0f - t->args->beta2);
  const deviation_terms terms = deviation_terms_of(t->args->correction2, t->args->epsilon);
#define NADAMW(LOAD, STORE)                                                      \
  const v_t gradient = LOAD(g + i);                                              \
  const v_t mean = first_moment(beta1, fresh1, LOAD(m + i), gradient);           \
  const v_t second = second_moment(beta2, fresh2, LOAD(v + i), gradient);        \
  const v_t ahead = v_fma(mean_rate, mean, v_mul(gradient_rate, gradient));      \
  const v_t deviation = v_fma(v_sqrt(second), terms.root, terms.epsilon);        \
  STORE(m + i, mean);                                                            \
  STORE(v + i, second);                                                          \
  STORE(w + i, v_fnma(ahead, inverse_of(deviation), v_mul(decay_factor, LOAD(w + i))))
  V_FOR_RANGE(first, end, NADAMW(v_load_ahead, v_store), NADAMW(LOAD_TAIL, STORE_TAIL));
#undef NADAMW
}
