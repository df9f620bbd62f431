// Element-wise arithmetic.

static void axpy(size_t n, float alpha, const float *x, float *y) {
  const v_t a = v_set1(alpha);
  V_FOR(n, v_store(y + i, v_fma(a, v_load(x + i), v_load(y + i))),
        v_store_n(y + i, v_fma(a, v_load_n(x + i, tail), v_load_n(y + i, tail)), tail));
}

static void add(size_t n, bool stream, const float *x, const float *y, float *z) {
#define ADD(LOAD, STORE) STORE(z + i, v_add(LOAD(x + i), LOAD(y + i)))
  V_MAP(n, stream, ADD);
#undef ADD
}

static void scale(size_t n, float alpha, float *x) {
  const v_t a = v_set1(alpha);
  V_FOR(n, v_store(x + i, v_mul(a, v_load(x + i))), v_store_n(x + i, v_mul(a, v_load_n(x + i, tail)), tail));
}

static void multiply(size_t n, bool stream, const float *x, const float *y, float *z) {
#define MULTIPLY(LOAD, STORE) STORE(z + i, v_mul(LOAD(x + i), LOAD(y + i)))
  V_MAP(n, stream, MULTIPLY);
#undef MULTIPLY
}

// z[i] = x[i] mask[i], and 0 where the mask is 0, whatever x is there.
static void mask_elements(size_t n, bool stream, const float *x, const float *mask, float *z) {
  const v_t zero = v_set1(0.0f);
#define MASK(LOAD, STORE)         \
  const v_t factor = LOAD(mask + i); \
  STORE(z + i, v_select(v_greater(factor, zero), v_mul(LOAD(x + i), factor), zero))
  V_MAP(n, stream, MASK);
#undef MASK
}

static void clamp(size_t n, float low_value, float high_value, float *x) {
  const v_t low = v_set1(low_value), high = v_set1(high_value);
  V_FOR(n, v_store(x + i, v_min(high, v_max(low, v_load(x + i)))),
        v_store_n(x + i, v_min(high, v_max(low, v_load_n(x + i, tail))), tail));
}
