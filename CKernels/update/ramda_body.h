// RAMDA's dual averages: a sum of gradients over the cube root of a sum of their squares.


// The new averages, and the divisor.
#define RAMDA(LOAD, STORE)                                                                     \
  const v_t gradient = LOAD(g + i);                                                            \
  const v_t sum = flush(v_fma(size, gradient, LOAD(v + i)));                                   \
  const v_t squares = flush_square(v_fma(v_mul(size, gradient), gradient, LOAD(u + i)));       \
  STORE(v + i, sum);                                                                           \
  STORE(u + i, squares);                                                                       \
  const v_t divisor = v_add(v_cbrt(squares), epsilon)

static void ramda(const void *task, size_t first, size_t end) {
  const ck_ramda_task *const t = task;
  const float *const g = t->g, *const p0 = t->p0;
  float *const v = t->v, *const u = t->u, *const w = t->w;
  const v_t size = v_set1(t->args->size), epsilon = v_set1(t->args->epsilon);
  const v_t kept = v_set1(t->args->kept), fresh = v_set1(t->args->fresh);
#define MOVE(LOAD, STORE)                                                     \
  RAMDA(LOAD, STORE);                                                         \
  const v_t target = v_fnma(sum, inverse_of(divisor), LOAD(p0 + i));          \
  STORE(w + i, v_fma(kept, LOAD(w + i), v_mul(fresh, target)))
  V_FOR_RANGE(first, end, MOVE(v_load_ahead, v_store), MOVE(LOAD_TAIL, STORE_TAIL));
#undef MOVE
}

static void ramda_duals(const void *task, size_t first, size_t end) {
  const ck_ramda_task *const t = task;
  const float *const g = t->g, *const p0 = t->p0;
  float *const v = t->v, *const u = t->u, *const divisors = t->divisors, *const duals = t->duals;
  const v_t size = v_set1(t->args->size), epsilon = v_set1(t->args->epsilon);
#define DUALS(LOAD, STORE)                                      \
  RAMDA(LOAD, STORE);                                           \
  STORE(divisors + i, divisor);                                 \
  STORE(duals + i, v_sub(v_mul(divisor, LOAD(p0 + i)), sum))
  V_FOR_RANGE(first, end, DUALS(v_load_ahead, v_store), DUALS(LOAD_TAIL, STORE_TAIL));
#undef DUALS
}
#undef RAMDA
