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

// gradient[j] = factor gradient[j] - share weights[j], of exponentials.
static void smoothed_gradient(size_t n, float factor, float share, const float *weights, float *gradient) {
  const v_t f = v_set1(factor), s = v_set1(share);
  if (weights) {
    V_FOR(n, v_store(gradient + i, v_fnma(s, v_load(weights + i), v_mul(f, v_load(gradient + i)))),
          v_store_n(gradient + i, v_fnma(s, v_load_n(weights + i, tail), v_mul(f, v_load_n(gradient + i, tail))), tail));
  } else {
    V_FOR(n, v_store(gradient + i, v_sub(v_mul(f, v_load(gradient + i)), s)),
          v_store_n(gradient + i, v_sub(v_mul(f, v_load_n(gradient + i, tail)), s), tail));
  }
}

// The sum over a row of weights[j] (maximum - x[j]): what smoothing adds to the loss besides the denominator's part.
static double weighted_distances(size_t n, float maximum, const float *x, const float *weights) {
  double total = 0;
  for (size_t j = 0; j < n; j++) {
    const double distance = (double)maximum - (double)x[j];
    total += weights ? (double)weights[j] * distance : distance;
  }
  return total;
}

static double weight_sum(size_t n, const float *weights) {
  if (!weights) return (double)n;
  double sum = 0;
  for (size_t j = 0; j < n; j++) sum += (double)weights[j];
  return sum;
}

static double softmax_cross_entropy(const void *task, size_t first, size_t end) {
  const ck_softmax_cross_entropy_task *const t = task;
  const size_t n = t->columns;
  const float *const weights = t->settings->class_weights;
  const double smoothing = (double)t->settings->smoothing, share = smoothing / (double)n;
  const double shared = smoothing > 0 ? share * weight_sum(n, weights) : 0;
  double total = 0;
  for (size_t row = first; row < end; row++) {
    const float *const x = t->x + row * n;
    float *const gradient = t->gradient + row * n;
    const int32_t label = t->labels[row];
    if (label == t->settings->ignored) {
      memset(gradient, 0, n * sizeof *gradient);
      continue;
    }
    const double own = (1 - smoothing) * (weights ? (double)weights[label] : 1), whole = own + shared;
    const float maximum = row_maximum(n, x);
    const double denominator = exponentials(n, x, maximum, gradient);
    const float factor = (float)(t->scale * whole / denominator);
    total += whole * log(denominator) + own * ((double)maximum - (double)x[label]);
    if (smoothing > 0) {
      total += share * weighted_distances(n, maximum, x, weights);
      smoothed_gradient(n, factor, (float)(t->scale * share), weights, gradient);
    } else {
      scale_row(n, factor, gradient);
    }
    gradient[label] -= (float)(t->scale * own);
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

// With c the error d limited to -delta ... delta, Huber's loss is c (d - c / 2), and its slope c.

// For a block whose losses over- or underflow in float.
static double huber_in_double(const ck_huber_task *t, size_t first, size_t end) {
  const double most = (double)t->delta;
  double total = 0;
  for (size_t i = first; i < end; i++) {
    const double d = (double)t->x[i] - (double)t->target[i], c = d > most ? most : d < -most ? -most : d;
    total += c * (d - 0.5 * c);
    t->gradient[i] = (float)((double)t->scale * c);
  }
  return total;
}

static double huber(const void *task, size_t first, size_t end) {
  const ck_huber_task *const t = task;
  const float *const x = t->x, *const target = t->target;
  float *const gradient = t->gradient;
  const v_t scale_by = v_set1(t->scale), high = v_set1(t->delta), low = v_set1(-t->delta), half = v_set1(0.5f);
  double total = 0;
#define HUBER(LOAD, STORE)                              \
  const v_t d = v_sub(LOAD(x + i), LOAD(target + i));   \
  const v_t c = v_min(high, v_max(low, d));             \
  sum = v_fma(c, v_fnma(half, c, d), sum);              \
  STORE(gradient + i, v_mul(scale_by, c))
  for (size_t block = first; block < end; block += ERROR_BLOCK) {
    const size_t block_end = smaller(block + ERROR_BLOCK, end);
    v_t sum = v_set1(0.0f);
    V_MAP_RANGE(block, block_end, t->stream, HUBER);
    const double losses = v_sum(sum);
    const bool trusted = losses > 1e-30 && losses <= (double)FLT_MAX;
    if (!trusted && t->stream) v_stream_end();
    total += trusted ? losses : huber_in_double(t, block, block_end);
  }
#undef HUBER
  if (t->stream) v_stream_end();
  return total;
}

static double binary_cross_entropy(const void *task, size_t first, size_t end) {
  const ck_binary_cross_entropy_task *const t = task;
  double total = 0;
  for (size_t i = first; i < end; i++) {
    const double x = (double)t->x[i], target = (double)t->target[i];
    const double e = exp(-fabs(x)), tail = log1p(e);  // log(1 + exp(x)) = max(x, 0) + tail
    total += target * ((x < 0 ? -x : 0) + tail) + (1 - target) * ((x > 0 ? x : 0) + tail);
    t->gradient[i] = (float)(t->scale * ((x < 0 ? e : 1) / (1 + e) - target));
  }
  return total;
}
