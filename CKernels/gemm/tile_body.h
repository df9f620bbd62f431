// The hot loop of every matrix product: a tile of C in registers, one row of B and one column of A a step.
//
// `tile` is inlined with constant sizes, so its loops unroll and its sums stay in registers. `panel` runs it along rows
// of C that are together as high as a tile; `gemm_panel` picks the instance by that height and by the order of A.

// What lies side by side in A: the elements of a row, or those of a column.
typedef enum { ROWS, COLUMNS } order_t;

// Columns j ..< j + vectors * V_LANES of C; where `partial`, only `last` of the last vector's.
static ALWAYS_INLINE void tile(const size_t rows, const size_t vectors, const order_t order, const bool partial,
                               const size_t last, const float *b, const size_t j, const ck_panel *t) {
  const size_t stride = t->a_stride, b_stride = t->b_stride;
  // Where the loads leave time for it, asks for the next tile's columns, which lie behind these if B is not packed, and
  // for C a row at a time, which all at once would hold up the loads of B.
  const bool idle = 4 * (rows + 2 * vectors) <= 3 * rows * vectors, ahead = idle && vectors <= NR_VECTORS;
  // A pointer for every fourth row: two registers more reach the others, where one pointer would need a chain of sums.
  const float *a[(MR + 3) / 4];
  UNROLL for (size_t i = 0; i < rows; i += 4) a[i / 4] = t->a + (order == ROWS ? i * stride : i);

  v_t sum[MR][WIDE_VECTORS];
  UNROLL for (size_t i = 0; i < rows; i++) UNROLL for (size_t v = 0; v < vectors; v++) sum[i][v] = v_set1(0.0f);

#define ASK_FOR_C(row) UNROLL for (size_t v = 0; v < vectors; v++) __builtin_prefetch((row) + v * V_LANES, 1)
  const float *c = t->c + j, *const last_row = c + (rows - 1) * t->ldc;
  if (!idle) {
    UNROLL for (size_t i = 0; i < rows; i++) ASK_FOR_C(c + i * t->ldc);
  }

#define STEP                                                                                               \
  {                                                                                                        \
    v_t row[WIDE_VECTORS];                                                                                 \
    UNROLL for (size_t v = 0; v < vectors; v++) row[v] =                                                   \
        partial && v == vectors - 1 ? v_load_n(b + v * V_LANES, last) : v_load(b + v * V_LANES);           \
    UNROLL for (size_t i = 0; i < rows; i++) {                                                             \
      const v_t element = v_set1(a[i / 4][order == ROWS ? i % 4 * stride : i % 4]);                        \
      UNROLL for (size_t v = 0; v < vectors; v++) sum[i][v] = v_fma(element, row[v], sum[i][v]);           \
    }                                                                                                      \
    UNROLL for (size_t i = 0; i < rows; i += 4) a[i / 4] += order == ROWS ? 1 : stride;                    \
    UNROLL for (size_t v = 0; v < vectors && ahead; v++) __builtin_prefetch(b + (vectors + v) * V_LANES);  \
    b += b_stride;                                                                                         \
  }
  size_t p = 0;
  for (; p + 4 <= t->k; p += 4) {
    UNROLL for (size_t i = 0; i < rows; i += 4) KEEP_POINTER(a[i / 4]);
    if (idle) {
      ASK_FOR_C(c);
      c = c < last_row ? c + t->ldc : c;
    }
    STEP STEP STEP STEP
  }
  for (; p < t->k; p++) {
    UNROLL for (size_t i = 0; i < rows; i += 4) KEEP_POINTER(a[i / 4]);
    STEP
  }
#undef STEP
#undef ASK_FOR_C
  finish(rows, vectors, partial, last, sum, 0, j, t);
}

// Whole tiles, then what is left, less than a tile wide.
static ALWAYS_INLINE void panel(const size_t rows, const order_t order, const ck_panel *t) {
  size_t j = 0;
  const float *b = t->b;
  if (rows <= WIDE_ROWS && t->b_tile == NR) {  // the next tile's columns are further along the same row
    for (; j + WIDE_VECTORS * V_LANES <= t->columns; j += WIDE_VECTORS * V_LANES, b += WIDE_VECTORS * V_LANES) {
      tile(rows, WIDE_VECTORS, order, false, 0, b, j, t);
    }
  }
  for (; j + NR <= t->columns; j += NR, b += t->b_tile) {
    tile(rows, NR_VECTORS, order, false, 0, b, j, t);
  }
  const size_t rest = t->columns - j;
  UNROLL for (size_t v = 1; v <= NR_VECTORS; v++) {
    if (rest > (v - 1) * V_LANES && rest <= v * V_LANES) tile(rows, v, order, true, rest - (v - 1) * V_LANES, b, j, t);
  }
}

typedef void (*panel_function)(const ck_panel *);

#define PANEL(R)                                                           \
  static void panel_##R##_rows(const ck_panel *t) { panel(R, ROWS, t); }   \
  static void panel_##R##_columns(const ck_panel *t) { panel(R, COLUMNS, t); }
#define ENTRY(R) {panel_##R##_rows, panel_##R##_columns}

PANEL(1) PANEL(2) PANEL(3) PANEL(4)
#if MR >= 6
PANEL(5) PANEL(6)
#endif
#if MR >= 8
PANEL(7) PANEL(8)
#endif
#if MR >= 12
PANEL(9) PANEL(10) PANEL(11) PANEL(12)
#endif

// [rows - 1][order of A]
static const panel_function panels[MR][2] = {
    ENTRY(1), ENTRY(2), ENTRY(3), ENTRY(4),
#if MR >= 6
    ENTRY(5), ENTRY(6),
#endif
#if MR >= 8
    ENTRY(7), ENTRY(8),
#endif
#if MR >= 12
    ENTRY(9), ENTRY(10), ENTRY(11), ENTRY(12),
#endif
};
#undef PANEL
#undef ENTRY

// Some tiles into scratch memory, which they leave as rows of C.
static void panel_transposed(const ck_panel *t, panel_function panel) {
  float sums[MR * TRANSPOSED_COLUMNS];
  ck_panel tiles = {.rows = t->rows, .k = t->k, .a = t->a, .a_stride = t->a_stride, .b_stride = t->b_stride,
                   .b_tile = t->b_tile, .c = sums, .ldc = TRANSPOSED_COLUMNS, .alpha = 1.0f};
  for (size_t j = 0; j < t->columns; j += TRANSPOSED_COLUMNS) {
    tiles.columns = smaller(t->columns - j, TRANSPOSED_COLUMNS);
    tiles.b = t->b + j / NR * t->b_tile;
    panel(&tiles);
    finish_transposed(&tiles, j, t);
  }
}

static void gemm_panel(const ck_panel *t) {
  const panel_function panel = panels[t->rows - 1][t->a_by_columns ? COLUMNS : ROWS];
  if (t->c_transposed) panel_transposed(t, panel);
  else panel(t);
}
