// The moments of one range in one pass: float lanes around a pivot within a block, double between blocks.
//
// The pivot is 0 until numbers come whose mean is far from it; then one of them takes its place. Around 0, extremes are
// found by the bits of numbers, as the largest signed and the largest unsigned integer, for which CPUs have more units
// than for comparing floats; a block without numbers of both signs may have to be searched again, while in cache. A span
// whose float sums cannot be trusted (overflow, underflow, NaN, infinity) is read again in double: rare, so the pass over
// memory stays one.

enum { MOMENTS_SUMS = 4, MOMENTS_BLOCK = 64 * MOMENTS_SUMS * V_LANES, MOMENTS_SPAN = 8 * MOMENTS_BLOCK };
enum { MOMENTS_AHEAD = 2048 };
// Of maximum and minimum: pairs of vectors are compared first, so that registers suffice.
enum { MOMENTS_EXTREMES = MOMENTS_SUMS / 2 };

// The largest and the smallest number met so far: -infinity and infinity before the first.
typedef struct extremes_t {
  float maximum, minimum;
} extremes_t;

static NEVER_INLINE ck_moments moments_in_double(size_t n, const float *x) {
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

static NEVER_INLINE void extend(extremes_t *e, size_t n, const float *x) {
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
typedef struct spread_t {
  vd_t sum, squares;
} spread_t;

static ALWAYS_INLINE v_t higher(bool bits, v_t x, v_t y) { return bits ? v_signed_max(x, y) : v_max(x, y); }
static ALWAYS_INLINE v_t lower(bool bits, v_t x, v_t y) { return bits ? v_unsigned_max(x, y) : v_min(x, y); }

// Adds one block, n <= MOMENTS_BLOCK. Without `shift` the pivot is 0. Inlined for each `shift`, lest the loop asks for it
// at every vector.
static ALWAYS_INLINE void add_block(size_t n, const float *x, bool shift, float pivot_value, spread_t *spread,
                                    extremes_t *extremes) {
  const bool bits = !shift;
  const v_t pivot = v_set1(pivot_value);
  v_t sum[MOMENTS_SUMS], squares[MOMENTS_SUMS], high[MOMENTS_EXTREMES], low[MOMENTS_EXTREMES];
  UNROLL for (int s = 0; s < MOMENTS_SUMS; s++) sum[s] = squares[s] = v_set1(0.0f);
  UNROLL for (int s = 0; s < MOMENTS_EXTREMES; s++) {
    high[s] = v_set1(bits ? -0.0f : -INFINITY);  // the least signed integer
    low[s] = v_set1(bits ? 0.0f : INFINITY);     // the least unsigned one
  }
  size_t i = 0;
  for (; i + MOMENTS_SUMS * V_LANES <= n; i += MOMENTS_SUMS * V_LANES) {
    UNROLL for (int s = 0; s < MOMENTS_SUMS * V_LANES; s += 16) __builtin_prefetch(x + i + MOMENTS_AHEAD + s);
    v_t value[MOMENTS_SUMS];
    UNROLL for (int s = 0; s < MOMENTS_SUMS; s++) {
      value[s] = v_load(x + i + (size_t)s * V_LANES);
      const v_t difference = shift ? v_sub(value[s], pivot) : value[s];
      sum[s] = v_add(sum[s], difference);
      squares[s] = v_fma(difference, difference, squares[s]);
      if (s % 2 == 0) continue;
      high[s / 2] = higher(bits, higher(bits, value[s - 1], value[s]), high[s / 2]);
      low[s / 2] = lower(bits, lower(bits, value[s - 1], value[s]), low[s / 2]);
    }
  }
  for (; i < n; i += V_LANES) {
    const size_t lanes = smaller(n - i, V_LANES);
    const vm_t chosen = v_first(lanes);
    const v_t value = v_load_n(x + i, lanes), shifted = shift ? v_sub(value, pivot) : value;
    const v_t difference = v_select(chosen, shifted, v_set1(0.0f));
    sum[0] = v_add(sum[0], difference);
    squares[0] = v_fma(difference, difference, squares[0]);
    high[0] = v_select(chosen, higher(bits, value, high[0]), high[0]);
    low[0] = v_select(chosen, lower(bits, value, low[0]), low[0]);
  }
  spread->sum += v_widen(v_add(v_add(sum[0], sum[1]), v_add(sum[2], sum[3])));
  spread->squares += v_widen(v_add(v_add(squares[0], squares[1]), v_add(squares[2], squares[3])));
  const float highest = v_highest(v_max(high[0], high[1])), lowest = v_lowest(v_min(low[0], low[1]));
  // By bits, the highest is right if it has no sign, and else no number is above 0; the lowest the other way round.
  const bool has_high = !bits || !signbit(highest), has_low = !bits || signbit(lowest);
  if ((has_high || extremes->maximum >= 0) && (has_low || extremes->minimum <= 0)) {
    if (has_high && highest > extremes->maximum) extremes->maximum = highest;
    if (has_low && lowest < extremes->minimum) extremes->minimum = lowest;
  } else {
    extend(extremes, n, x);
  }
}

static ALWAYS_INLINE spread_t add_span(size_t n, const float *x, bool shift, float pivot, extremes_t *extremes) {
  spread_t spread = {v_widen(v_set1(0.0f)), v_widen(v_set1(0.0f))};
  for (size_t i = 0; i < n; i += MOMENTS_BLOCK) {
    add_block(smaller(n - i, MOMENTS_BLOCK), x + i, shift, pivot, &spread, extremes);
  }
  return spread;
}

static NEVER_INLINE bool all_are(size_t n, const float *x, float value) {
  size_t i = 0;
  while (i < n && x[i] == value) i++;
  return i == n;
}

// What sums around a pivot tell, n >= 1: the moments, if floats could hold them and the pivot is no more than two
// deviations away from the mean.
typedef enum { TRUSTED, FAR_PIVOT, NOT_NORMAL } spread_verdict;

static ALWAYS_INLINE spread_verdict end_moments(size_t n, const float *x, float pivot, const spread_t *spread,
                                                extremes_t extremes, ck_moments *out) {
  const double count = (double)n, sum = vd_sum(&spread->sum), squares = vd_sum(&spread->squares);
  const double offset = sum / count, between = count * offset * offset, m2 = squares - between;
  // Squares must be normal floats, or all numbers the pivot.
  if (!((squares > 1e-30 && squares < 1e37) || (squares == 0 && all_are(n, x, pivot)))) return NOT_NORMAL;
  if (!(between <= 4 * m2)) return FAR_PIVOT;
  const double mean = pivot + offset;
  out->count = count;
  out->mean = mean;
  out->m2 = m2;
  out->sum_squares = pivot == 0 ? squares : m2 + count * mean * mean;
  out->maximum = extremes.maximum;
  out->minimum = extremes.minimum;
  return TRUSTED;
}

// At most a span, n >= 1. Moves the pivot where it is far from the mean.
static void span_moments(size_t n, const float *x, float *pivot, extremes_t *extremes, ck_moments *out) {
  for (int attempt = 0; attempt < 2; attempt++) {
    const spread_t spread = *pivot == 0 ? add_span(n, x, false, 0, extremes) : add_span(n, x, true, *pivot, extremes);
    const spread_verdict verdict = end_moments(n, x, *pivot, &spread, *extremes, out);
    if (verdict == TRUSTED) return;
    if (verdict == NOT_NORMAL) break;
    *pivot = n < V_LANES ? x[n / 2] : v_sum(v_load(x + (n - V_LANES) / 2)) / V_LANES;
  }
  *pivot = 0;
  *out = moments_in_double(n, x);
}

// One block around 0, as spans begin, without what spans need besides: for rows, which are many and short.
static ALWAYS_INLINE bool block_moments(size_t n, const float *x, ck_moments *out) {
  spread_t spread = {v_widen(v_set1(0.0f)), v_widen(v_set1(0.0f))};
  extremes_t extremes = {-INFINITY, INFINITY};
  add_block(n, x, false, 0, &spread, &extremes);
  return end_moments(n, x, 0, &spread, extremes, out) == TRUSTED;
}

static NEVER_INLINE void spans_moments(size_t n, const float *x, ck_moments *out) {
  if (n == 0) *out = ck_moments_empty();
  float pivot = 0;
  extremes_t extremes = {-INFINITY, INFINITY};
  for (size_t i = 0; i < n; i += MOMENTS_SPAN) {
    ck_moments span;
    span_moments(smaller(n - i, MOMENTS_SPAN), x + i, &pivot, &extremes, i == 0 ? out : &span);
    if (i > 0) *out = ck_moments_merge(*out, span);
  }
}

// Moments pass by address here: a copy of what has just been written in pieces waits until all of them have left the
// core.
static void moments(size_t n, const float *x, ck_moments *out) {
  if (n == 0 || n > MOMENTS_BLOCK || !block_moments(n, x, out)) spans_moments(n, x, out);
}
