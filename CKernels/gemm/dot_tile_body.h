// Inner products of rows with rows, vectors along their length: for A B^T with so few rows or columns that to transpose
// B, or to fill whole vectors with columns of C, would cost more than the product.

enum {
  // Their product is a multiple of the lanes, and enough sums to hide the latency of an addition.
  DOT_TILE_ROWS = V_LANES / 2 < 4 ? 4 : V_LANES / 2,
  DOT_TILE_COLUMNS = 2,
  DOT_TILE_GROUP = 16,  // columns of C that are finished together
};

// sum[i * columns + j] += a[i][p] b[j][p], p < length, lane by lane: the lanes are left for the caller to add.
static ALWAYS_INLINE void dot_tile(const size_t rows, const size_t columns, const float *const *a,
                                   const float *const *b, size_t length, v_t *sum) {
  size_t p = 0;
#define STEP(LOAD)                                                    \
  UNROLL for (size_t i = 0; i < rows; i++) {                          \
    UNROLL for (size_t j = 0; j < columns; j++) {                     \
      v_t *const s = &sum[i * columns + j];                           \
      *s = v_fma(LOAD(a[i] + p), LOAD(b[j] + p), *s);                 \
    }                                                                 \
  }
#define LOAD_REST(x) v_load_n(x, length - p)
  for (; p + V_LANES <= length; p += V_LANES) STEP(v_load)
  if (p < length) STEP(LOAD_REST)
#undef STEP
#undef LOAD_REST
}

// Sums of DOT_TILE_GROUP columns at most, into a table of their own.
static ALWAYS_INLINE void dot_block(const size_t rows, const size_t columns, const ck_panel *t, size_t i0, size_t j0,
                                    float sums[][DOT_TILE_GROUP]) {
  enum { SUMS = DOT_TILE_ROWS * DOT_TILE_COLUMNS };
  const float *a[DOT_TILE_ROWS], *b[DOT_TILE_COLUMNS];
  UNROLL for (size_t i = 0; i < rows; i++) a[i] = t->a + (i0 + i) * t->a_stride;
  UNROLL for (size_t j = 0; j < columns; j++) b[j] = t->b + (j0 + j) * t->b_stride;
  v_t sum[SUMS];
  UNROLL for (size_t s = 0; s < SUMS; s++) sum[s] = v_set1(0.0f);
  dot_tile(rows, columns, a, b, t->k, sum);
  float added[SUMS];
  UNROLL for (size_t s = 0; s < rows * columns; s += V_LANES) v_store(added + s, v_sum_each(sum + s));
  UNROLL for (size_t i = 0; i < rows; i++) {
    UNROLL for (size_t j = 0; j < columns; j++) sums[i][j0 % DOT_TILE_GROUP + j] = added[i * columns + j];
  }
}

// Rows i0 ..< i0 + rows of a panel.
static ALWAYS_INLINE void dot_rows(const size_t rows, const ck_panel *t, size_t i0) {
  float sums[DOT_TILE_ROWS][DOT_TILE_GROUP];
  for (size_t block = 0; block < t->columns; block += DOT_TILE_GROUP) {
    const size_t columns = t->columns - block < DOT_TILE_GROUP ? t->columns - block : (size_t)DOT_TILE_GROUP;
    size_t j = 0;
    for (; j + 2 <= columns; j += 2) dot_block(rows, 2, t, i0, block + j, sums);
    if (j < columns) dot_block(rows, 1, t, i0, block + j, sums);
    for (j = 0; j < columns; j += V_LANES) {
      v_t sum[DOT_TILE_ROWS][WIDE_VECTORS];
      UNROLL for (size_t i = 0; i < rows; i++) sum[i][0] = v_load(sums[i] + j);
      const size_t last = smaller(columns - j, V_LANES);
      finish(rows, 1, true, last, sum, i0, block + j, t);
    }
  }
}

// As gemm_panel, for A by rows and B by columns: B[p, j] = b[j * b_stride + p].
static void gemm_dot(const ck_panel *t) {
  size_t i = 0;
  for (; i + DOT_TILE_ROWS <= t->rows; i += DOT_TILE_ROWS) dot_rows(DOT_TILE_ROWS, t, i);
  UNROLL for (size_t rest = 1; rest < DOT_TILE_ROWS; rest++) {
    if (t->rows - i == rest) dot_rows(rest, t, i);
  }
}
