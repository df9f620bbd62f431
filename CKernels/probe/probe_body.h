// Probes of one thread: as many operations as the instruction set allows, and nothing else.

// Enough independent chains for latency times throughput, few enough to stay in registers.
enum { PEAK_CHAINS = TILE_ROWS * TILE_VECTORS >= 24 ? 24 : 12 };

// Called with factor -1 and addend 1, which the compiler cannot know: x becomes 1 - x, so it neither grows nor rests.
static double peak_fma(size_t rounds, float factor_value, float addend_value, double *mean) {
  const v_t factor = v_set1(factor_value), addend = v_set1(addend_value);
  v_t x[PEAK_CHAINS];
  // All starts differ, so that no two chains can be merged, and lie evenly around 0.5, so that their mean stays there.
  UNROLL for (int c = 0; c < PEAK_CHAINS; c++) x[c] = v_set1(0.5f + (float)(2 * c - PEAK_CHAINS + 1) / 64.0f);
  for (size_t round = 0; round < rounds; round++) {
    UNROLL for (int c = 0; c < PEAK_CHAINS; c++) x[c] = v_fma(x[c], factor, addend);
  }
  v_t sum = v_set1(0.0f);
  UNROLL for (int c = 0; c < PEAK_CHAINS; c++) sum = v_add(sum, x[c]);
  *mean = (double)v_sum(sum) / (PEAK_CHAINS * V_LANES);
  return 2.0 * PEAK_CHAINS * V_LANES * (double)rounds;
}

enum { READ_SUMS = 12 };

static float read_sum(size_t n, const float *x) {
  v_t sum[READ_SUMS];
  UNROLL for (int s = 0; s < READ_SUMS; s++) sum[s] = v_set1(0.0f);
  size_t i = 0;
  for (; i + READ_SUMS * V_LANES <= n; i += READ_SUMS * V_LANES) {
    UNROLL for (int s = 0; s < READ_SUMS; s++) sum[s] = v_add(sum[s], v_load(x + i + (size_t)s * V_LANES));
  }
  for (; i < n; i += V_LANES) sum[0] = v_add(sum[0], v_load_n(x + i, n - i < V_LANES ? n - i : (size_t)V_LANES));
  UNROLL for (int s = 1; s < READ_SUMS; s++) sum[0] = v_add(sum[0], sum[s]);
  return v_sum(sum[0]);
}
