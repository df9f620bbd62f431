// What happens to a tile's sums on their way to C. Each choice is made once for all of them.

enum {
  NR = NR_VECTORS * V_LANES,
  WIDE_VECTORS = 4,  // of the tile for few rows, which has as many sums
  WIDE_ROWS = MR * NR_VECTORS / WIDE_VECTORS,
  TRANSPOSED_COLUMNS = 4 * NR,  // that are summed before they are transposed
};

// C = alpha sum + beta C + bias, from the panel's row and column on.
static ALWAYS_INLINE void finish(const size_t rows, const size_t vectors, const bool partial, const size_t last,
                                 v_t sum[][WIDE_VECTORS], const size_t row,
                                 const size_t column, const ck_panel *t) {
#define EACH UNROLL for (size_t i = 0; i < rows; i++) UNROLL for (size_t v = 0; v < vectors; v++)
#define LOAD(p) (partial && v == vectors - 1 ? v_load_n((p) + v * V_LANES, last) : v_load((p) + v * V_LANES))
  const size_t ldc = t->ldc;
  float *const c = t->c + row * ldc + column;
  if (t->alpha != 1.0f) {
    const v_t alpha = v_set1(t->alpha);
    EACH sum[i][v] = v_mul(alpha, sum[i][v]);
  }
  if (t->beta != 0.0f) {
    const v_t beta = v_set1(t->beta);
    EACH sum[i][v] = v_fma(beta, LOAD(c + i * ldc), sum[i][v]);
  }
  if (t->bias) EACH sum[i][v] = v_add(sum[i][v], LOAD(t->bias + column));
  EACH {
    if (partial && v == vectors - 1) v_store_n(c + i * ldc + v * V_LANES, sum[i][v], last);
    else v_store(c + i * ldc + v * V_LANES, sum[i][v]);
  }
#undef EACH
#undef LOAD
}

// The same for sums that belong to C across: sums.c[i * ldc + j] to C[row + j, i] of the panel.
static void finish_transposed(const ck_panel *sums, size_t row, const ck_panel *t) {
  for (size_t i = 0; i < sums->rows; i += V_LANES) {
    const size_t width = smaller(sums->rows - i, V_LANES);
    for (size_t j = 0; j < sums->columns; j += V_LANES) {
      v_t block[V_LANES], sum[V_LANES][WIDE_VECTORS];
      for (size_t l = 0; l < V_LANES; l++) {
        block[l] = l < width ? v_load(sums->c + (i + l) * sums->ldc + j) : v_set1(0.0f);
      }
      v_transpose(block);
      UNROLL for (size_t l = 0; l < V_LANES; l++) sum[l][0] = block[l];
      if (sums->columns - j >= V_LANES) {
        finish(V_LANES, 1, true, width, sum, row + j, i, t);
      } else {
        for (size_t l = 0; l < sums->columns - j; l++) finish(1, 1, true, width, sum + l, row + j + l, i, t);
      }
    }
  }
}
