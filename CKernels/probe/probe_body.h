// Probes of one thread: as many operations as the instruction set allows, and nothing else.

// Enough independent chains for latency times throughput, few enough to stay in registers.
enum { PEAK_CHAINS = FEW_REGISTERS ? 12 : 24 };

// Two multiply-adds in every chain a round. Called with factor -1 and addend 1, which the compiler cannot know: every
// chain moves by one and back, so it neither grows nor rests.
static double peak_fma(size_t rounds, float factor_value, float addend_value, double *mean) {
  const v_t factor = v_set1(factor_value), addend = v_set1(addend_value);
  v_t x[PEAK_CHAINS];
  // All starts differ, so that no two chains can be merged, and lie evenly around 0.5, so that their mean stays there.
  UNROLL for (int c = 0; c < PEAK_CHAINS; c++) x[c] = v_set1(0.5f + (float)(2 * c - PEAK_CHAINS + 1) / 64.0f);
  for (size_t round = 0; round < rounds; round++) {
    if (CK_TABLE_ISA == CK_PORTABLE) {
      // A product that does not depend on the chain would be taken out of the loop, where nothing is fused.
      UNROLL for (int c = 0; c < PEAK_CHAINS; c++) x[c] = v_fma(x[c], factor, addend);
      UNROLL for (int c = 0; c < PEAK_CHAINS; c++) x[c] = v_fma(x[c], factor, addend);
    } else {
      // The sum in the place of the old one, as products of matrices have it: the form that every CPU has.
      UNROLL for (int c = 0; c < PEAK_CHAINS; c++) x[c] = v_fma(factor, addend, x[c]);
      UNROLL for (int c = 0; c < PEAK_CHAINS; c++) x[c] = v_fnma(factor, addend, x[c]);
    }
  }
  v_t sum = v_set1(0.0f);
  UNROLL for (int c = 0; c < PEAK_CHAINS; c++) sum = v_add(sum, x[c]);
  *mean = (double)v_sum(sum) / (PEAK_CHAINS * V_LANES);
  return 4.0 * PEAK_CHAINS * V_LANES * (double)rounds;
}

enum { READ_STREAMS = 4, READ_SUMS = 3 };  // sums for each stream

// Streams side by side, for one alone does not keep main memory busy.
static float read_sum(size_t n, const float *x) {
  v_t sum[READ_STREAMS][READ_SUMS];
  UNROLL for (int r = 0; r < READ_STREAMS; r++) UNROLL for (int s = 0; s < READ_SUMS; s++) sum[r][s] = v_set1(0.0f);
  const size_t step = READ_SUMS * V_LANES, length = n / (READ_STREAMS * step) * step;
  for (size_t i = 0; i < length; i += step) {
    UNROLL for (int s = 0; s < READ_SUMS; s++) {
      UNROLL for (int r = 0; r < READ_STREAMS; r++) {
        sum[r][s] = v_add(sum[r][s], v_load(x + (size_t)r * length + i + (size_t)s * V_LANES));
      }
    }
  }
  v_t total = v_set1(0.0f);
  UNROLL for (int r = 0; r < READ_STREAMS; r++) {
    UNROLL for (int s = 0; s < READ_SUMS; s++) total = v_add(total, sum[r][s]);
  }
  for (size_t i = READ_STREAMS * length; i < n; i += V_LANES) {
    total = v_add(total, v_load_n(x + i, smaller(n - i, V_LANES)));
  }
  return v_sum(total);
}

enum { COPY_VECTORS = 4 };

static void copy(size_t n, const float *x, float *y) {
  const size_t step = COPY_VECTORS * V_LANES, length = n / step * step;
  for (size_t i = 0; i < length; i += step) {
    UNROLL for (size_t s = 0; s < step; s += V_LANES) v_store(y + i + s, v_load(x + i + s));
  }
  for (size_t i = length; i < n; i += V_LANES) {
    const size_t tail = smaller(n - i, V_LANES);
    v_store_n(y + i, v_load_n(x + i, tail), tail);
  }
}

// The same by stores that go around the caches. They need whole, aligned vectors, hence y's alignment.
static void copy_around(size_t n, const float *x, float *y) {
  const size_t step = COPY_VECTORS * V_LANES, length = n / step * step;
  for (size_t i = 0; i < length; i += step) {
    UNROLL for (size_t s = 0; s < step; s += V_LANES) __builtin_nontemporal_store(v_load(x + i + s),
                                                                                  (v_t *)(y + i + s));
  }
  // Such stores are ordered by nothing but a fence.
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  copy(n - length, x + length, y + length);
}
