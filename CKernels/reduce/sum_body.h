// The sum of a row: float lanes within a block, double between blocks. A block whose float sum overflows, or that holds
// an infinity or a NaN, is summed again in double.

enum { SUM_BLOCK = 4096, SUM_LANES = 4 };

static double sum_in_double(size_t n, size_t stride, const float *x) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += x[i * stride];
  return sum;
}

static double sum_row(size_t n, const float *x) {
  double total = 0;
  for (size_t first = 0; first < n; first += SUM_BLOCK) {
    const size_t count = n - first < SUM_BLOCK ? n - first : (size_t)SUM_BLOCK;
    const float *p = x + first;
    v_t sum[SUM_LANES];
    UNROLL for (int s = 0; s < SUM_LANES; s++) sum[s] = v_set1(0.0f);
    size_t i = 0;
    for (; i + SUM_LANES * V_LANES <= count; i += SUM_LANES * V_LANES) {
      UNROLL for (int s = 0; s < SUM_LANES; s++) sum[s] = v_add(sum[s], v_load(p + i + (size_t)s * V_LANES));
    }
    for (; i < count; i += V_LANES) {
      sum[0] = v_add(sum[0], v_load_n(p + i, smaller(count - i, V_LANES)));
    }
    const float block = v_sum(v_add(v_add(sum[0], sum[1]), v_add(sum[2], sum[3])));
    total += fabsf(block) <= FLT_MAX ? (double)block : sum_in_double(count, 1, p);
  }
  return total;
}
