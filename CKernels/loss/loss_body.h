// Losses with their gradients, in one pass over each row while it is in cache.

static float row_maximum(size_t n, const float *x) {
  v_t high = v_set1(-INFINITY);
  V_FOR(n, high = v_max(v_load(x + i), high),
        high = v_max(v_select(v_first(tail), v_load_n(x + i, tail), v_set1(-INFINITY)), high));
  return v_highest(high);
}

static double softmax_cross_entropy(size_t rows, size_t columns, float scale_value, const float *x,
                                    const int32_t *labels, float *gradient) {
  double total = 0;
  for (size_t row = 0; row < rows; row++, x += columns, gradient += columns) {
    const float maximum = row_maximum(columns, x);
    const v_t shift = v_set1(maximum);
    v_t sum = v_set1(0.0f);
    V_FOR(columns, const v_t e = v_exp_negative(v_sub(v_load(x + i), shift));
          sum = v_add(sum, e); v_store(gradient + i, e),
          const v_t e = v_select(v_first(tail), v_exp_negative(v_sub(v_load_n(x + i, tail), shift)), v_set1(0.0f));
          sum = v_add(sum, e); v_store_n(gradient + i, e, tail));
    const float denominator = v_sum(sum);
    scale(columns, scale_value / denominator, gradient);
    gradient[labels[row]] -= scale_value;
    total += log((double)denominator) + ((double)maximum - (double)x[labels[row]]);
  }
  return total;
}

enum { ERROR_BLOCK = 1024 };

static double squared_error(size_t n, bool stream, float scale_value, const float *x, const float *target,
                            float *gradient) {
  const v_t s = v_set1(scale_value);
  double total = 0;
  for (size_t first = 0; first < n; first += ERROR_BLOCK) {
    const size_t count = n - first < ERROR_BLOCK ? n - first : (size_t)ERROR_BLOCK;
    const float *a = x + first, *b = target + first;
    float *g = gradient + first;
    v_t sum = v_set1(0.0f);
#define SQUARED_ERROR(LOAD, STORE)                   \
  const v_t d = v_sub(LOAD(a + i), LOAD(b + i));     \
  sum = v_fma(d, d, sum);                            \
  STORE(g + i, v_mul(s, d))
    V_MAP(count, stream, SQUARED_ERROR);
#undef SQUARED_ERROR
    total += v_sum(sum);
  }
  return total;
}
