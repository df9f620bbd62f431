// AdaFisher's step: the momentum over a diagonal that is an outer product and a constant.

static void fisher(const void *task, size_t first, size_t end) {
  const ck_fisher_task *const t = task;
  const ck_fisher_args *const args = t->args;
  const v_t rate = v_set1(args->rate), decay_factor = v_set1(args->decay_factor), damping = v_set1(args->damping);
  const v_t beta = v_set1(args->beta), fresh = v_set1(1.0f - args->beta);
  const float *const h = t->h;
  for (size_t row = first; row < end; row++) {
    const size_t at = row * t->columns;
    const float *const g = t->g + at;
    float *const m = t->m + at, *const w = t->w + at;
    const v_t s = v_set1(t->s[row]);
#define FISHER(LOAD, STORE)                                                    \
  const v_t mean = first_moment(beta, fresh, LOAD(m + i), LOAD(g + i));        \
  const v_t diagonal = v_fma(s, LOAD(h + i), damping);                         \
  STORE(m + i, mean);                                                          \
  STORE(w + i, v_fnma(rate, v_mul(mean, inverse_of(diagonal)), v_mul(decay_factor, LOAD(w + i))))
    V_FOR(t->columns, FISHER(v_load_ahead, v_store), FISHER(LOAD_TAIL, STORE_TAIL));
#undef FISHER
  }
}
