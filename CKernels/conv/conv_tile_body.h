// The hot loop of a convolution: a tile of outputs in registers, `rows` filters by `vectors` vectors of positions.
//
// No matrix of patches is ever written. A step takes one (channel, kernel row, kernel column): its weights are the next
// column of a packed panel, and its inputs lie at one offset, from a table, behind each vector's own base.

static inline __attribute__((always_inline)) void conv_tile_of(const size_t rows, const size_t vectors,
                                                               const ck_conv_tile *t) {
  const float *a = t->weights;
  const uint32_t *offset = t->offsets;
  const float *b[TILE_VECTORS];
  v_t sum[TILE_ROWS][TILE_VECTORS];
  UNROLL for (size_t v = 0; v < vectors; v++) b[v] = t->source[v];
  UNROLL for (size_t i = 0; i < rows; i++) UNROLL for (size_t v = 0; v < vectors; v++) sum[i][v] = v_set1(0.0f);

  UNROLL for (size_t v = 0; v < vectors; v++) UNROLL for (size_t i = 0; i < rows; i++) {
    __builtin_prefetch(t->out[v] + i * t->out_stride, 1);
  }

#define STEP                                                                                \
  {                                                                                         \
    v_t input[TILE_VECTORS];                                                                \
    const size_t at = *offset++;                                                            \
    UNROLL for (size_t v = 0; v < vectors; v++) input[v] = v_load(b[v] + at);               \
    UNROLL for (size_t i = 0; i < rows; i++) {                                              \
      const v_t weight = v_set1(a[i]);                                                      \
      UNROLL for (size_t v = 0; v < vectors; v++) sum[i][v] = v_fma(weight, input[v], sum[i][v]); \
    }                                                                                       \
    a += rows;                                                                              \
  }
  size_t k = 0;
  for (; k + 4 <= t->depth; k += 4) { STEP STEP STEP STEP }
  for (; k < t->depth; k++) STEP
#undef STEP

  const v_t zero = v_set1(0.0f);
  UNROLL for (size_t i = 0; i < rows; i++) {
    UNROLL for (size_t v = 0; v < vectors; v++) {
      v_t x = sum[i][v];
      float *out = t->out[v] + i * t->out_stride;
      if (t->bias) x = v_add(x, v_set1(t->bias[i]));
      if (t->relu) x = v_max(zero, x);
      if (t->lanes[v] == V_LANES) v_store(out, x);
      else v_store_n(out, x, t->lanes[v]);
    }
  }
}

#define CONV_TILE(R, V) \
  static void conv_tile_##R##_##V(const ck_conv_tile *t) { conv_tile_of(R, V, t); }
#if TILE_VECTORS == 3
#define CONV_TILES(R) CONV_TILE(R, 1) CONV_TILE(R, 2) CONV_TILE(R, 3)
#define CONV_TILE_ENTRIES(R) {conv_tile_##R##_1, conv_tile_##R##_2, conv_tile_##R##_3}
#else
#define CONV_TILES(R) CONV_TILE(R, 1) CONV_TILE(R, 2)
#define CONV_TILE_ENTRIES(R) {conv_tile_##R##_1, conv_tile_##R##_2}
#endif

CONV_TILES(1) CONV_TILES(2) CONV_TILES(3) CONV_TILES(4)
#if TILE_ROWS >= 6
CONV_TILES(5) CONV_TILES(6)
#endif
#if TILE_ROWS >= 8
CONV_TILES(7) CONV_TILES(8)
#endif
#if TILE_ROWS >= 12
CONV_TILES(9) CONV_TILES(10) CONV_TILES(11) CONV_TILES(12)
#endif

static void conv_tile(const ck_conv_tile *t) {
  static void (*const tiles[TILE_ROWS][TILE_VECTORS])(const ck_conv_tile *) = {
      CONV_TILE_ENTRIES(1), CONV_TILE_ENTRIES(2), CONV_TILE_ENTRIES(3), CONV_TILE_ENTRIES(4),
#if TILE_ROWS >= 6
      CONV_TILE_ENTRIES(5), CONV_TILE_ENTRIES(6),
#endif
#if TILE_ROWS >= 8
      CONV_TILE_ENTRIES(7), CONV_TILE_ENTRIES(8),
#endif
#if TILE_ROWS >= 12
      CONV_TILE_ENTRIES(9), CONV_TILE_ENTRIES(10), CONV_TILE_ENTRIES(11), CONV_TILE_ENTRIES(12),
#endif
  };
  tiles[t->rows - 1][t->vectors - 1](t);
}
