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

static double softmax_cross_entropy(const void *task, size_t first, size_t end) {
  const ck_softmax_cross_entropy_task *const t = task;
  double total = 0;
  for (size_t row = first; row < end; row++) {
    const float *const x = t->x + row * t->columns;
    float *const gradient = t->gradient + row * t->columns;
    const int32_t label = t->labels[row];
    const float maximum = row_maximum(t->columns, x);
    const double denominator = exponentials(t->columns, x, maximum, gradient);
    scale_row(t->columns, t->scale / (float)denominator, gradient);
    gradient[label] -= t->scale;
    total += log(denominator) + ((double)maximum - (double)x[label]);
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

static double squared_error(const void *task, size_t first, size_t end) {
  const ck_squared_error_task *const t = task;
  const float *const x = t->x, *const target = t->target;
  float *const gradient = t->gradient;
  const v_t scale_by = v_set1(t->scale);
  double total = 0;
#define SQUARED_ERROR(LOAD, STORE)                        \
  const v_t d = v_sub(LOAD(x + i), LOAD(target + i));     \
  sum = v_fma(d, d, sum);                                 \
  STORE(gradient + i, v_mul(scale_by, d))
  for (size_t block = first; block < end; block += ERROR_BLOCK) {
    const size_t block_end = smaller(block + ERROR_BLOCK, end);
    v_t sum = v_set1(0.0f);
    V_MAP_RANGE(block, block_end, t->stream, SQUARED_ERROR);
    const double squares = v_sum(sum);
    const bool trusted = squares > 1e-30 && squares <= (double)FLT_MAX;
    if (!trusted && t->stream) v_stream_end();
    total += trusted ? squares
                     : squared_error_in_double(block_end - block, t->scale, x + block, target + block,
                                               gradient + block);
  }
#undef SQUARED_ERROR
  if (t->stream) v_stream_end();
  return total;
}
