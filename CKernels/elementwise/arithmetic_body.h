// Element-wise arithmetic.

static void axpy(const void *task, size_t first, size_t end) {
  const ck_axpy_task *const t = task;
  const float *const x = t->x;
  float *const y = t->y;
  const v_t alpha = v_set1(t->alpha);
  V_FOR_RANGE(first, end, v_store(y + i, v_fma(alpha, v_load(x + i), v_load(y + i))),
              v_store_n(y + i, v_fma(alpha, v_load_n(x + i, tail), v_load_n(y + i, tail)), tail));
}

static void add(const void *task, size_t first, size_t end) {
  const ck_add_task *const t = task;
  const float *const x = t->x, *const y = t->y;
  float *const z = t->z;
  const v_t low = v_set1(t->relu ? 0.0f : -INFINITY);
#define ADD(LOAD, STORE) STORE(z + i, v_max(low, v_add(LOAD(x + i), LOAD(y + i))))
  V_MAP_RANGE(first, end, t->stream, ADD);
#undef ADD
  if (t->stream) v_stream_end();
}

static void multiply(const void *task, size_t first, size_t end) {
  const ck_multiply_task *const t = task;
  const float *const x = t->x, *const y = t->y;
  float *const z = t->z;
#define MULTIPLY(LOAD, STORE) STORE(z + i, v_mul(LOAD(x + i), LOAD(y + i)))
  V_MAP_RANGE(first, end, t->stream, MULTIPLY);
#undef MULTIPLY
  if (t->stream) v_stream_end();
}

// 0 where the mask is 0, whatever x is there.
static void mask_elements(const void *task, size_t first, size_t end) {
  const ck_mask_task *const t = task;
  const float *const x = t->x, *const mask = t->mask;
  float *const z = t->z;
  const v_t zero = v_set1(0.0f);
#define MASK(LOAD, STORE)            \
  const v_t factor = LOAD(mask + i); \
  STORE(z + i, v_select(v_greater(factor, zero), v_mul(LOAD(x + i), factor), zero))
  V_MAP_RANGE(first, end, t->stream, MASK);
#undef MASK
  if (t->stream) v_stream_end();
}

// x[i] *= alpha, i < n
static void scale_row(size_t n, float alpha_value, float *x) {
  const v_t alpha = v_set1(alpha_value);
  V_FOR(n, v_store(x + i, v_mul(alpha, v_load(x + i))), v_store_n(x + i, v_mul(alpha, v_load_n(x + i, tail)), tail));
}

static void scale(const void *task, size_t first, size_t end) {
  const ck_scale_task *const t = task;
  scale_row(end - first, t->alpha, t->x + first);
}

static void clamp(const void *task, size_t first, size_t end) {
  const ck_clamp_task *const t = task;
  float *const x = t->x;
  const v_t low = v_set1(t->low), high = v_set1(t->high);
  V_FOR_RANGE(first, end, v_store(x + i, v_min(high, v_max(low, v_load(x + i)))),
              v_store_n(x + i, v_min(high, v_max(low, v_load_n(x + i, tail))), tail));
}
