// The hot loop of every matrix product: a tile of C in registers, one row of B and one column of A a step.
//
// `tile` is inlined with constant sizes, so its loops unroll and its sums stay in registers; `gemm_tile` picks the
// instance by size. Where A or B is packed its stride is a constant too, which is worth some 5%.

enum { TILE_COLUMNS = TILE_VECTORS * V_LANES };

typedef enum { STRIDED, PACKED } layout_t;

#define UNROLL _Pragma("clang loop unroll(full)")

// The last of `vectors` holds `last` lanes.
static inline __attribute__((always_inline)) void tile(const size_t rows, const size_t vectors, const layout_t a_layout,
                                                       const layout_t b_layout, const bool partial, const ck_tile *t) {
  const size_t last = t->columns - (vectors - 1) * V_LANES;
  const size_t a_row_stride = a_layout == PACKED ? 1 : t->a_row_stride;
  const size_t a_k_stride = a_layout == PACKED ? rows : t->a_k_stride;
  const size_t b_k_stride = b_layout == PACKED ? (size_t)TILE_COLUMNS : t->b_k_stride;
  const bool load_part = partial && b_layout == STRIDED;  // packed rows of B are padded
  const float *a = t->a, *b = t->b;

  v_t sum[TILE_ROWS][TILE_VECTORS];
  UNROLL for (size_t i = 0; i < rows; i++) UNROLL for (size_t v = 0; v < vectors; v++) sum[i][v] = v_set1(0.0f);
  UNROLL for (size_t i = 0; i < rows; i++) {
    __builtin_prefetch(t->c + i * t->ldc, 1);
    __builtin_prefetch(t->c + i * t->ldc + t->columns - 1, 1);
  }

#define STEP                                                                                                     \
  {                                                                                                              \
    v_t row[TILE_VECTORS];                                                                                       \
    UNROLL for (size_t v = 0; v < vectors; v++) row[v] =                                                         \
        load_part && v == vectors - 1 ? v_load_n(b + v * V_LANES, last) : v_load(b + v * V_LANES);               \
    UNROLL for (size_t i = 0; i < rows; i++) {                                                                   \
      const v_t element = v_set1(a[i * a_row_stride]);                                                           \
      UNROLL for (size_t v = 0; v < vectors; v++) sum[i][v] = v_fma(element, row[v], sum[i][v]);                 \
    }                                                                                                            \
    a += a_k_stride;                                                                                             \
    b += b_k_stride;                                                                                             \
  }
  size_t p = 0;
  for (; p + 4 <= t->k; p += 4) { STEP STEP STEP STEP }
  for (; p < t->k; p++) STEP
#undef STEP

  const v_t alpha = v_set1(t->alpha), beta = v_set1(t->beta), zero = v_set1(0.0f);
  UNROLL for (size_t i = 0; i < rows; i++) {
    UNROLL for (size_t v = 0; v < vectors; v++) {
      const bool part = partial && v == vectors - 1;
      float *c = t->c + i * t->ldc + v * V_LANES;
      v_t x = sum[i][v];
      if (t->alpha != 1.0f) x = v_mul(alpha, x);
      if (t->beta != 0.0f) x = v_fma(beta, part ? v_load_n(c, last) : v_load(c), x);
      if (t->bias) {
        const float *bias = t->bias + v * V_LANES;
        x = v_add(x, part ? v_load_n(bias, last) : v_load(bias));
      }
      if (t->relu) x = v_max(zero, x);
      if (part) v_store_n(c, x, last);
      else v_store(c, x);
    }
  }
}

typedef void (*tile_function)(const ck_tile *);

// tile_<rows>_<vectors><a layout><b layout><partial>
#define TILE_INSTANCE(R, V, A, B, P) \
  static void tile_##R##_##V##A##B##P(const ck_tile *t) { tile(R, V, (layout_t)A, (layout_t)B, P, t); }
#define TILE_INSTANCES(R, V)                                                                  \
  TILE_INSTANCE(R, V, 0, 0, 0) TILE_INSTANCE(R, V, 0, 0, 1) TILE_INSTANCE(R, V, 0, 1, 0)       \
  TILE_INSTANCE(R, V, 0, 1, 1) TILE_INSTANCE(R, V, 1, 0, 0) TILE_INSTANCE(R, V, 1, 0, 1)       \
  TILE_INSTANCE(R, V, 1, 1, 0) TILE_INSTANCE(R, V, 1, 1, 1)
#define TILE_ENTRIES(R, V)                                                              \
  {{{tile_##R##_##V##000, tile_##R##_##V##001}, {tile_##R##_##V##010, tile_##R##_##V##011}}, \
   {{tile_##R##_##V##100, tile_##R##_##V##101}, {tile_##R##_##V##110, tile_##R##_##V##111}}}

// Every number of rows and of vectors up to the tile's own.
#if TILE_VECTORS == 3
#define TILE_WIDTHS(R) TILE_INSTANCES(R, 1) TILE_INSTANCES(R, 2) TILE_INSTANCES(R, 3)
#define TILE_WIDTH_ENTRIES(R) {TILE_ENTRIES(R, 1), TILE_ENTRIES(R, 2), TILE_ENTRIES(R, 3)}
#else
#define TILE_WIDTHS(R) TILE_INSTANCES(R, 1) TILE_INSTANCES(R, 2)
#define TILE_WIDTH_ENTRIES(R) {TILE_ENTRIES(R, 1), TILE_ENTRIES(R, 2)}
#endif

TILE_WIDTHS(1) TILE_WIDTHS(2) TILE_WIDTHS(3) TILE_WIDTHS(4)
#if TILE_ROWS >= 6
TILE_WIDTHS(5) TILE_WIDTHS(6)
#endif
#if TILE_ROWS >= 8
TILE_WIDTHS(7) TILE_WIDTHS(8)
#endif
#if TILE_ROWS >= 12
TILE_WIDTHS(9) TILE_WIDTHS(10) TILE_WIDTHS(11) TILE_WIDTHS(12)
#endif

// [rows - 1][vectors - 1][a layout][b layout][partial]
static const tile_function tiles[TILE_ROWS][TILE_VECTORS][2][2][2] = {
    TILE_WIDTH_ENTRIES(1), TILE_WIDTH_ENTRIES(2), TILE_WIDTH_ENTRIES(3), TILE_WIDTH_ENTRIES(4),
#if TILE_ROWS >= 6
    TILE_WIDTH_ENTRIES(5), TILE_WIDTH_ENTRIES(6),
#endif
#if TILE_ROWS >= 8
    TILE_WIDTH_ENTRIES(7), TILE_WIDTH_ENTRIES(8),
#endif
#if TILE_ROWS >= 12
    TILE_WIDTH_ENTRIES(9), TILE_WIDTH_ENTRIES(10), TILE_WIDTH_ENTRIES(11), TILE_WIDTH_ENTRIES(12),
#endif
};

static void gemm_tile(const ck_tile *t) {
  const size_t vectors = (t->columns + V_LANES - 1) / V_LANES;
  const bool partial = t->columns != vectors * V_LANES;
  tiles[t->rows - 1][vectors - 1][t->a_packed][t->b_packed][partial](t);
}
