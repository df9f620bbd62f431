// The hot loop of a weight gradient: inner products of `rows` filters' output gradients with `columns` taps' inputs.
//
// Vectors run along the sum, so a step loads one vector for each filter and one for each tap, and multiplies all pairs.
// One side of them is held in registers while the other passes by: with 16 registers the shorter one, or sums would
// leave theirs.

#if !FEW_REGISTERS
enum { WEIGHT_ROWS = 5, WEIGHT_COLUMNS = 5 };
#else
enum { WEIGHT_ROWS = 3, WEIGHT_COLUMNS = 4 };
#endif

static ALWAYS_INLINE void weight_tile_of(const size_t rows, const size_t columns, const ck_weight_tile *t) {
  v_t sum[WEIGHT_ROWS][WEIGHT_COLUMNS];
  UNROLL for (size_t i = 0; i < rows; i++) UNROLL for (size_t j = 0; j < columns; j++) sum[i][j] = v_set1(0.0f);
  const float *ahead = t->ahead;
  const size_t whole = t->length / V_LANES * V_LANES, rest = t->length - whole;

  for (size_t image = 0; image < t->images; image++) {
    const float *dy[WEIGHT_ROWS], *x[WEIGHT_COLUMNS];
    UNROLL for (size_t i = 0; i < rows; i++) dy[i] = t->gradient + image * t->gradient_image + i * t->gradient_filter;
    UNROLL for (size_t j = 0; j < columns; j++) x[j] = t->source + image * t->source_image + t->offsets[j];
    for (size_t run = 0; run < t->runs; run++) {
#define STEP(LOAD)                                                                                          \
  if (FEW_REGISTERS && rows < columns) {                                                                    \
    v_t gradient[WEIGHT_ROWS];                                                                              \
    UNROLL for (size_t i = 0; i < rows; i++) gradient[i] = LOAD(dy[i] + p);                                 \
    UNROLL for (size_t j = 0; j < columns; j++) {                                                           \
      KEEP_POINTER(x[j]);                                                                                   \
      const v_t input = LOAD(x[j] + at);                                                                    \
      UNROLL for (size_t i = 0; i < rows; i++) sum[i][j] = v_fma(gradient[i], input, sum[i][j]);            \
    }                                                                                                       \
  } else {                                                                                                  \
    v_t input[WEIGHT_COLUMNS];                                                                              \
    UNROLL for (size_t j = 0; j < columns; j++) input[j] = LOAD(x[j] + at);                                 \
    UNROLL for (size_t i = 0; i < rows; i++) {                                                              \
      KEEP_POINTER(dy[i]);                                                                                  \
      const v_t gradient = LOAD(dy[i] + p);                                                                 \
      UNROLL for (size_t j = 0; j < columns; j++) sum[i][j] = v_fma(gradient, input[j], sum[i][j]);         \
    }                                                                                                       \
  }
#define LOAD_REST(from) v_load_n(from, rest)
      size_t p = 0, at = 0;
      for (; p < whole; p += V_LANES, at += t->source_vector) {
        __builtin_prefetch(ahead, 0, 2);
        ahead += 16;
        STEP(v_load)
      }
      if (rest) { STEP(LOAD_REST) }
      UNROLL for (size_t i = 0; i < rows; i++) dy[i] += t->length;
      UNROLL for (size_t j = 0; j < columns; j++) x[j] += t->source_run;
    }
#undef LOAD_REST
#undef STEP
  }

  v_t flat[WEIGHT_ROWS * WEIGHT_COLUMNS + V_LANES];
  UNROLL for (size_t i = 0; i < rows; i++) {
    UNROLL for (size_t j = 0; j < columns; j++) flat[i * columns + j] = sum[i][j];
  }
  for (size_t k = rows * columns; k % V_LANES; k++) flat[k] = v_set1(0.0f);
  for (size_t k = 0; k < rows * columns; k += V_LANES) {
    const v_t sums = v_sum_each(flat + k);
    v_store(t->sums + k, t->adds ? v_add(v_load(t->sums + k), sums) : sums);
  }
}

#define WEIGHT_TILE(R, C) \
  static void weight_tile_##R##_##C(const ck_weight_tile *t) { weight_tile_of(R, C, t); }
#if !FEW_REGISTERS
#define WEIGHT_TILES(R) WEIGHT_TILE(R, 1) WEIGHT_TILE(R, 2) WEIGHT_TILE(R, 3) WEIGHT_TILE(R, 4) WEIGHT_TILE(R, 5)
#define WEIGHT_ENTRIES(R) \
  {weight_tile_##R##_1, weight_tile_##R##_2, weight_tile_##R##_3, weight_tile_##R##_4, weight_tile_##R##_5}
WEIGHT_TILES(4) WEIGHT_TILES(5)
#else
#define WEIGHT_TILES(R) WEIGHT_TILE(R, 1) WEIGHT_TILE(R, 2) WEIGHT_TILE(R, 3) WEIGHT_TILE(R, 4)
#define WEIGHT_ENTRIES(R) {weight_tile_##R##_1, weight_tile_##R##_2, weight_tile_##R##_3, weight_tile_##R##_4}
#endif
WEIGHT_TILES(1) WEIGHT_TILES(2) WEIGHT_TILES(3)

static void weight_tile(const ck_weight_tile *t) {
  static void (*const tiles[WEIGHT_ROWS][WEIGHT_COLUMNS])(const ck_weight_tile *) = {
      WEIGHT_ENTRIES(1), WEIGHT_ENTRIES(2), WEIGHT_ENTRIES(3),
#if !FEW_REGISTERS
      WEIGHT_ENTRIES(4), WEIGHT_ENTRIES(5),
#endif
  };
  tiles[t->rows - 1][t->columns - 1](t);
}
