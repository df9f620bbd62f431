// Copies blocks of A and B into the order in which the tiles read them.

// Lays `rows` rows of `k` floats down as columns: packed[p * stride + i] = source[i * ld + p], rows <= V_LANES.
// Stores whole vectors, so up to V_LANES floats past the last column are overwritten.
static inline void pack_transposed(size_t rows, size_t k, const float *source, size_t ld, float *packed,
                                   size_t stride) {
  v_t block[V_LANES];
  size_t p = 0;
  for (; p + V_LANES <= k; p += V_LANES) {
    for (size_t i = 0; i < V_LANES; i++) block[i] = i < rows ? v_load(source + i * ld + p) : v_set1(0.0f);
    v_transpose(block);
    for (size_t j = 0; j < V_LANES; j++) v_store(packed + (p + j) * stride, block[j]);
  }
  if (p < k) {
    const size_t rest = k - p;
    for (size_t i = 0; i < V_LANES; i++) block[i] = i < rows ? v_load_n(source + i * ld + p, rest) : v_set1(0.0f);
    v_transpose(block);
    for (size_t j = 0; j < V_LANES; j++) {
      if (j < rest) v_store(packed + (p + j) * stride, block[j]);
    }
  }
}

static void transpose(size_t rows, size_t columns, const float *a, size_t lda, float *out, size_t ldo) {
  for (size_t i = 0; i < rows; i += V_LANES) pack_transposed(V_LANES, columns, a + i * lda, lda, out + i, ldo);
}

// Columns of A whose rows lie side by side: packed[p * rows + i] = a[p * lda + i].
static ALWAYS_INLINE void pack_side_by_side(const size_t rows, size_t k, const float *a, size_t lda, float *packed) {
  const size_t whole = rows / V_LANES * V_LANES, rest = rows - whole;
  const float *const end = packed + k * rows;
  for (; packed < end; packed += rows, a += lda) {
    for (size_t i = 0; i < whole; i += V_LANES) v_store(packed + i, v_load(a + i));
    if (rest == 0) continue;
    const v_t last = v_load_n(a + whole, rest);
    // What a whole vector writes behind this column, the next ones overwrite, as long as they come.
    if (packed + whole + V_LANES <= end) v_store(packed + whole, last);
    else v_store_n(packed + whole, last, rest);
  }
}

static void pack_a(bool transposed, size_t rows, size_t k, const float *a, size_t lda, float *packed) {
  if (transposed) {
    if (rows == MR) pack_side_by_side(MR, k, a, lda, packed);
    else pack_side_by_side(rows, k, a, lda, packed);
  } else {  // last vector of rows first, so that its overrun is overwritten by the first one's next column
    for (size_t i = (rows - 1) / V_LANES * V_LANES + V_LANES; i > 0; i -= V_LANES) {
      const size_t first = i - V_LANES, count = smaller(rows - first, V_LANES);
      pack_transposed(count, k, a + first * lda, lda, packed + first, rows);
    }
  }
}

// A tile of columns of B, which are stored as rows.
static void pack_b_transposed(size_t columns, size_t k, const float *b, size_t ldb, float *packed) {
  size_t p = 0;
  for (; columns == NR && p + V_LANES <= k; p += V_LANES) {
    UNROLL for (size_t v = 0; v < NR_VECTORS; v++) {
      v_t block[V_LANES];
      v_load_transposed(b + v * V_LANES * ldb + p, ldb, block);
      UNROLL for (size_t i = 0; i < V_LANES; i++) v_store(packed + (p + i) * NR + v * V_LANES, block[i]);
    }
  }
  for (size_t j = 0; j < columns && p < k; j += V_LANES) {
    pack_transposed(smaller(columns - j, V_LANES), k - p, b + j * ldb + p, ldb, packed + p * NR + j,
                    NR);
  }
}

// Some rows at a time, so that a tile's share of them fills whole cache lines and B is read along its rows.
enum { PACK_ROWS = 8 };

static void pack_b(bool transposed, size_t columns, size_t k, const float *b, size_t ldb, float *packed) {
  if (transposed) {
    for (size_t j = 0; j < columns; j += NR) {
      pack_b_transposed(smaller(columns - j, NR), k, b + j * ldb, ldb, packed + j * k);
    }
    return;
  }
  const size_t whole = columns / NR * NR;
  for (size_t p0 = 0; p0 < k; p0 += PACK_ROWS) {
    const size_t end = k - p0 < PACK_ROWS ? k : p0 + PACK_ROWS;
    for (size_t j = 0; j < whole; j += NR) {
      for (size_t p = p0; p < end; p++) {
        UNROLL for (size_t v = 0; v < NR_VECTORS; v++) {
          v_store(packed + j * k + p * NR + v * V_LANES, v_load(b + p * ldb + j + v * V_LANES));
        }
      }
    }
    for (size_t j = whole; j < columns; j += V_LANES) {
      const size_t rest = smaller(columns - j, V_LANES);
      for (size_t p = p0; p < end; p++) {
        v_store(packed + whole * k + p * NR + j - whole, v_load_n(b + p * ldb + j, rest));
      }
    }
  }
}
