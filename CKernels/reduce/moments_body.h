// The moments of one range in one pass: float lanes around a pivot within a block, double between blocks.
//
// The pivot is 0 until numbers come whose mean is far from it; then one of them takes its place. Largest and smallest
// number cost one operation, not two: a block is searched for them, while in cache, only if something in it lies
// farther from the pivot than both of those known so far, and records get rare. A span whose float sums cannot be
// trusted (overflow, underflow, NaN, infinity) is read again in double: rare, so the pass over memory stays one.

enum { MOMENTS_SUMS = 4, MOMENTS_BLOCK = 64 * MOMENTS_SUMS * V_LANES, MOMENTS_SPAN = 8 * MOMENTS_BLOCK };
enum { MOMENTS_AHEAD = 2048 };
// Of maximum and minimum, while a block is searched as it is summed: as many as there are sums where registers allow it.
enum { MOMENTS_EXTREMES = FEW_REGISTERS ? MOMENTS_SUMS / 2 : MOMENTS_SUMS };

// Two passes, the second around the mean.
static ck_moments moments_in_double(size_t n, const float *x) {
  double sum = 0, squares = 0, m2 = 0;
  float maximum = -INFINITY, minimum = INFINITY;
  for (size_t i = 0; i < n; i++) {
    sum += x[i];
    squares += (double)x[i] * x[i];
    maximum = x[i] > maximum ? x[i] : maximum;
    minimum = x[i] < minimum ? x[i] : minimum;
  }
  const double mean = sum / (double)n;
  for (size_t i = 0; i < n; i++) m2 += (x[i] - mean) * (x[i] - mean);
  bool nan = false;  // a sum may be NaN for infinities of both signs, too: only the numbers themselves tell
  if (!(fabs(sum) < (double)INFINITY)) {
    for (size_t i = 0; i < n; i++) nan |= x[i] != x[i];
  }
  if (nan) return (ck_moments){(double)n, NAN, NAN, NAN, NAN, NAN};
  return (ck_moments){(double)n, mean, m2, squares, maximum, minimum};
}

static void extend(ck_extremes *e, size_t n, const float *x) {
  v_t high[MOMENTS_SUMS], low[MOMENTS_SUMS];
  UNROLL for (int s = 0; s < MOMENTS_SUMS; s++) high[s] = v_set1(e->maximum), low[s] = v_set1(e->minimum);
  size_t i = 0;
  for (; i + MOMENTS_SUMS * V_LANES <= n; i += MOMENTS_SUMS * V_LANES) {
    UNROLL for (int s = 0; s < MOMENTS_SUMS; s++) {
      const v_t value = v_load(x + i + (size_t)s * V_LANES);
      high[s] = v_max(value, high[s]);
      low[s] = v_min(value, low[s]);
    }
  }
  for (; i < n; i += V_LANES) {
    const size_t lanes = smaller(n - i, V_LANES);
    const v_t value = v_load_n(x + i, lanes);
    high[0] = v_select(v_first(lanes), v_max(value, high[0]), high[0]);
    low[0] = v_select(v_first(lanes), v_min(value, low[0]), low[0]);
  }
  e->maximum = v_highest(v_max(v_max(high[0], high[1]), v_max(high[2], high[3])));
  e->minimum = v_lowest(v_min(v_min(low[0], low[1]), v_min(low[2], low[3])));
}

// Sums of differences from a pivot, each lane in double between blocks.
typedef struct { vd_t sum, squares; } spread_t;

// Adds one block, n <= MOMENTS_BLOCK. `search` finds its extremes on the way, where none are known. Otherwise `high` is
// the largest difference from the pivot, and the block is searched only where that may lie beyond the known extremes.
// Without `shift` the pivot is 0. Inlined for each `shift` and `search`, lest the loop asks for them at every vector.
static ALWAYS_INLINE void add_block(size_t n, const float *x, bool shift, float pivot_value, bool search,
                                    spread_t *spread, ck_extremes *extremes) {
  const v_t pivot = v_set1(pivot_value);
  const int chains = search ? MOMENTS_EXTREMES : MOMENTS_SUMS;
  v_t sum[MOMENTS_SUMS], squares[MOMENTS_SUMS], high[MOMENTS_SUMS], low[MOMENTS_SUMS];
  UNROLL for (int s = 0; s < MOMENTS_SUMS; s++) {
    sum[s] = squares[s] = high[s] = low[s] = v_set1(0.0f);
    if (search) high[s] = v_set1(-INFINITY), low[s] = v_set1(INFINITY);
  }
  size_t i = 0;
  for (; i + MOMENTS_SUMS * V_LANES <= n; i += MOMENTS_SUMS * V_LANES) {
    UNROLL for (int s = 0; s < MOMENTS_SUMS * V_LANES; s += 16) __builtin_prefetch(x + i + MOMENTS_AHEAD + s);
    UNROLL for (int s = 0; s < MOMENTS_SUMS; s++) {
      const v_t value = v_load(x + i + (size_t)s * V_LANES), difference = shift ? v_sub(value, pivot) : value;
      const int e = s % chains;
      high[e] = search ? v_max(value, high[e]) : v_farther(difference, high[e]);
      if (search) low[e] = v_min(value, low[e]);
      sum[s] = v_add(sum[s], difference);
      squares[s] = v_fma(difference, difference, squares[s]);
    }
  }
  for (; i < n; i += V_LANES) {
    const size_t lanes = smaller(n - i, V_LANES);
    const vm_t chosen = v_first(lanes);
    const v_t value = v_load_n(x + i, lanes), shifted = shift ? v_sub(value, pivot) : value;
    const v_t difference = v_select(chosen, shifted, v_set1(0.0f));
    if (search) {
      high[0] = v_select(chosen, v_max(value, high[0]), high[0]);
      low[0] = v_select(chosen, v_min(value, low[0]), low[0]);
    } else {
      high[0] = v_farther(difference, high[0]);
    }
    sum[0] = v_add(sum[0], difference);
    squares[0] = v_fma(difference, difference, squares[0]);
  }
  spread->sum += v_widen(v_add(v_add(sum[0], sum[1]), v_add(sum[2], sum[3])));
  spread->squares += v_widen(v_add(v_add(squares[0], squares[1]), v_add(squares[2], squares[3])));
  const v_t most = v_max(v_max(high[0], high[1]), v_max(high[2], high[3]));
  if (search) {
    extremes->maximum = v_highest(most);
    extremes->minimum = v_lowest(v_min(v_min(low[0], low[1]), v_min(low[2], low[3])));
    return;
  }
  // Rounding keeps order: what lies beyond an extreme differs from the pivot by no less than the extreme does.
  const float above = extremes->maximum - pivot_value, below = pivot_value - extremes->minimum;
  if (!v_all(v_greater(v_set1(above < below ? above : below), most))) extend(extremes, n, x);
}

static ALWAYS_INLINE spread_t add_span(size_t n, const float *x, bool shift, float pivot, ck_extremes *extremes) {
  spread_t spread = {v_widen(v_set1(0.0f)), v_widen(v_set1(0.0f))};
  for (size_t i = 0; i < n; i += MOMENTS_BLOCK) {
    const size_t count = n - i < MOMENTS_BLOCK ? n - i : (size_t)MOMENTS_BLOCK;
    if (extremes->maximum < extremes->minimum) {
      add_block(count, x + i, shift, pivot, true, &spread, extremes);
    } else {
      add_block(count, x + i, shift, pivot, false, &spread, extremes);
    }
  }
  return spread;
}

static bool all_are(size_t n, const float *x, float value) {
  size_t i = 0;
  while (i < n && x[i] == value) i++;
  return i == n;
}

// At most a span, n >= 1. Moves the pivot where it is more than two deviations away from the mean.
static ALWAYS_INLINE void span_moments(size_t n, const float *x, float *pivot, ck_extremes *extremes,
                                       ck_moments *out) {
  const double count = (double)n;
  for (int attempt = 0; attempt < 2; attempt++) {
    const spread_t spread = *pivot == 0 ? add_span(n, x, false, 0, extremes) : add_span(n, x, true, *pivot, extremes);
    const double sum = vd_sum(&spread.sum), squares = vd_sum(&spread.squares);
    const double offset = sum / count, between = count * offset * offset, m2 = squares - between;
    // Squares must be normal floats, or all numbers the pivot.
    const bool normal = (squares > 1e-30 && squares < 1e37) || (squares == 0 && all_are(n, x, *pivot));
    if (normal && between <= 4 * m2) {
      const double mean = *pivot + offset;
      out->count = count;
      out->mean = mean;
      out->m2 = m2;
      out->sum_squares = *pivot == 0 ? squares : m2 + count * mean * mean;
      out->maximum = extremes->maximum;
      out->minimum = extremes->minimum;
      return;
    }
    if (!normal) break;
    *pivot = n < V_LANES ? x[n / 2] : v_sum(v_load(x + (n - V_LANES) / 2)) / V_LANES;
  }
  *pivot = 0;
  *out = moments_in_double(n, x);
}

// The extremes in `out` are those of x and of `known`, numbers that the whole of which x is a part has. Moments pass by
// address here: a copy of what has just been written in pieces waits until all of them have left the core.
static void moments(size_t n, const float *x, ck_extremes known, ck_moments *out) {
  if (n == 0) *out = ck_moments_empty();
  float pivot = 0;
  for (size_t i = 0; i < n; i += MOMENTS_SPAN) {
    const size_t count = n - i < MOMENTS_SPAN ? n - i : (size_t)MOMENTS_SPAN;
    ck_moments span;
    span_moments(count, x + i, &pivot, &known, i == 0 ? out : &span);
    if (i > 0) *out = ck_moments_merge(*out, span);
  }
}
