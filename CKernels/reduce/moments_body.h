// The moments of one range in one pass: float lanes around a pivot within a block, double between blocks.
//
// Within a block of 2048 the pivot, near the block's mean, keeps the lanes' sums small; between blocks Chan's merge in
// double loses nothing. A block whose float sums cannot be trusted (overflow, underflow, a pivot far from the mean,
// NaN or infinity) is read again in double: rare, so the pass over memory stays one.

enum { MOMENTS_BLOCK = 2048, MOMENTS_SUMS = 4 };

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

// One block: n <= MOMENTS_BLOCK, n >= 1.
static ck_moments block_moments(size_t n, const float *x) {
  const float pivot_value = n >= V_LANES ? v_sum(v_load(x)) / V_LANES : x[0];
  const v_t pivot = v_set1(pivot_value);
  v_t sum[MOMENTS_SUMS], squares[MOMENTS_SUMS], high[2], low[2];
  for (int s = 0; s < MOMENTS_SUMS; s++) sum[s] = squares[s] = v_set1(0.0f);
  high[0] = high[1] = v_set1(-INFINITY);
  low[0] = low[1] = v_set1(INFINITY);

  size_t i = 0;
  for (; i + MOMENTS_SUMS * V_LANES <= n; i += MOMENTS_SUMS * V_LANES) {
    __builtin_prefetch(x + i + 512);
    if (V_LANES >= 8) __builtin_prefetch(x + i + 528);
    if (V_LANES >= 16) {
      __builtin_prefetch(x + i + 544);
      __builtin_prefetch(x + i + 560);
    }
    UNROLL for (int s = 0; s < MOMENTS_SUMS; s++) {
      const v_t value = v_load(x + i + (size_t)s * V_LANES), difference = v_sub(value, pivot);
      high[s & 1] = v_max(value, high[s & 1]);
      low[s & 1] = v_min(value, low[s & 1]);
      sum[s] = v_add(sum[s], difference);
      squares[s] = v_fma(difference, difference, squares[s]);
    }
  }
  for (; i < n; i += V_LANES) {
    const size_t lanes = n - i < V_LANES ? n - i : (size_t)V_LANES;
    const vm_t chosen = v_first(lanes);
    const v_t value = v_load_n(x + i, lanes), difference = v_select(chosen, v_sub(value, pivot), v_set1(0.0f));
    high[0] = v_max(v_select(chosen, value, v_set1(-INFINITY)), high[0]);
    low[0] = v_min(v_select(chosen, value, v_set1(INFINITY)), low[0]);
    sum[0] = v_add(sum[0], difference);
    squares[0] = v_fma(difference, difference, squares[0]);
  }

  const float shifted = v_sum(v_add(v_add(sum[0], sum[1]), v_add(sum[2], sum[3])));
  const float shifted_squares = v_sum(v_add(v_add(squares[0], squares[1]), v_add(squares[2], squares[3])));
  const float maximum = v_highest(v_max(high[0], high[1])), minimum = v_lowest(v_min(low[0], low[1]));
  const double count = (double)n, offset = shifted / count, between = count * offset * offset;
  const double m2 = shifted_squares - between;
  // Squares must be normal floats (or every difference zero), and the pivot within two deviations of the mean.
  const bool trusted = (shifted_squares > 1e-30f && shifted_squares < 1e37f && between <= 4.0 * m2) ||
                       (shifted_squares == 0.0f && maximum == pivot_value && minimum == pivot_value);
  if (!trusted) return moments_in_double(n, x);
  const double mean = pivot_value + offset;
  return (ck_moments){count, mean, m2, m2 + count * mean * mean, maximum, minimum};
}

static ck_moments moments(size_t n, const float *x) {
  ck_moments whole = ck_moments_empty();
  for (size_t i = 0; i < n; i += MOMENTS_BLOCK) {
    whole = ck_moments_merge(whole, block_moments(n - i < MOMENTS_BLOCK ? n - i : (size_t)MOMENTS_BLOCK, x + i));
  }
  return whole;
}
