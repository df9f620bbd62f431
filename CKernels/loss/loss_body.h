// Losses with their gradients, in one pass over each row while it is in cache.

static float row_maximum(size_t n, const float *x) {
  v_t high = v_set1(-INFINITY);
  V_FOR(n, high = v_max(v_load(x + i), high),
        high = v_max(v_select(v_first(tail), v_load_n(x + i, tail), v_set1(-INFINITY)), high));
  return v_highest(high);
}

// Writes exp(x[i] - maximum) and returns their sum: float in vectors within a block, double between blocks.
static ALWAYS_INLINE double exponentials(size_t n, const float *x, float maximum, float *out) {
  enum { BLOCK = 4096 };
  const v_t shift = v_set1(maximum);
  double total = 0;
  for (size_t block = 0; block < n; block += BLOCK, x += BLOCK, out += BLOCK) {
    v_t sum = v_set1(0.0f);
    V_FOR(smaller(n - block, BLOCK), const v_t e = v_exp_negative(v_sub(v_load(x + i), shift));
          sum = v_add(sum, e); v_store(out + i, e),
          const v_t e = v_select(v_first(tail), v_exp_negative(v_sub(v_load_n(x + i, tail), shift)), v_set1(0.0f));
          sum = v_add(sum, e); v_store_n(out + i, e, tail));
    total += v_sum(sum);
  }
  return total;
}

static double softmax_cross_entropy(size_t rows, size_t columns, float scale_value, const float *x,
                                    const int32_t *labels, float *gradient) {
  double total = 0;
  for (size_t row = 0; row < rows; row++, x += columns, gradient += columns) {
    const float maximum = row_maximum(columns, x);
    const double denominator = exponentials(columns, x, maximum, gradient);
    scale(columns, scale_value / (float)denominator, gradient);
    gradient[labels[row]] -= scale_value;
    total += log(denominator) + ((double)maximum - (double)x[labels[row]]);
  }
  return total;
}

enum { ERROR_BLOCK = 1024 };

// For a block whose squares over- or underflow in float.
static double squared_error_in_double(size_t n, float scale, const float *x, const float *target, float *gradient) {
  double total = 0;
  for (size_t i = 0; i < n; i++) {
    const double d = (double)x[i] - (double)target[i];
    total += d * d;
    gradient[i] = (float)((double)scale * d);
  }
  return total;
}

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
    const double block = v_sum(sum);
    const bool trusted = block > 1e-30 && block <= (double)FLT_MAX;
    if (!trusted && stream) v_stream_end();
    total += trusted ? block : squared_error_in_double(count, scale_value, a, b, g);
  }
  return total;
}
