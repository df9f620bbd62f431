// The hot loop of a convolution: a tile of outputs in registers, `rows` filters by `vectors` vectors of positions.
//
// No matrix of patches is ever written. A step takes one (channel, kernel row, kernel column): its weights are the next
// column of a packed panel, and its inputs lie at one offset, from a table, behind each vector's own base. Inputs or
// weights are held in registers while the others pass by: with 16 registers those that are fewer, or sums would leave
// theirs.

static ALWAYS_INLINE void conv_tile_of(const size_t rows, const size_t vectors, const ck_conv_tile *t) {
  const float *b[CK_CONV_VECTORS];
  v_t sum[MR][CK_CONV_VECTORS];
  UNROLL for (size_t v = 0; v < vectors; v++) b[v] = t->source[v];
  UNROLL for (size_t i = 0; i < rows; i++) UNROLL for (size_t v = 0; v < vectors; v++) sum[i][v] = v_set1(0.0f);

  if (!t->stream) {
    UNROLL for (size_t v = 0; v < vectors; v++) UNROLL for (size_t i = 0; i < rows; i++) {
      __builtin_prefetch(t->out[v] + i * t->out_stride, 1);
    }
  }

#define STEP                                                                                \
  {                                                                                         \
    const size_t at = *offset++;                                                            \
    /* No hardware guesses the next offsets: this is worth some 8%. */                      \
    UNROLL for (size_t v = 0; v < vectors; v++) __builtin_prefetch(b[v] + offset[CK_OFFSETS_AHEAD - 1]); \
    if (FEW_REGISTERS && rows < vectors) {                                                  \
      v_t weight[MR];                                                                       \
      UNROLL for (size_t i = 0; i < rows; i++) weight[i] = v_set1(a[i]);                    \
      UNROLL for (size_t v = 0; v < vectors; v++) {                                         \
        KEEP_POINTER(b[v]);                                                                 \
        const v_t input = v_load(b[v] + at);                                                \
        UNROLL for (size_t i = 0; i < rows; i++) sum[i][v] = v_fma(weight[i], input, sum[i][v]); \
      }                                                                                     \
    } else {                                                                                \
      v_t input[CK_CONV_VECTORS];                                                           \
      UNROLL for (size_t v = 0; v < vectors; v++) input[v] = v_load(b[v] + at);             \
      UNROLL for (size_t i = 0; i < rows; i++) {                                            \
        const v_t weight = v_set1(a[i]);                                                    \
        UNROLL for (size_t v = 0; v < vectors; v++) sum[i][v] = v_fma(weight, input[v], sum[i][v]); \
      }                                                                                     \
    }                                                                                       \
    a += rows;                                                                              \
  }
  const float *a = t->weights;
  const uint32_t *offset = t->offsets;
  const size_t length = t->length, line_gap = t->line - length, channel_gap = t->channel - t->lines * t->line;
  for (size_t channel = 0; channel < t->channels; channel++, a += channel_gap * rows, offset += channel_gap) {
    for (size_t line = 0; line < t->lines; line++, a += line_gap * rows, offset += line_gap) {
      size_t k = 0;
      for (; k + 4 <= length; k += 4) { STEP STEP STEP STEP }
      for (; k < length; k++) STEP
    }
  }
#undef STEP

  // Asked once for all sums: short sums would feel it.
  if (t->adds) {
    UNROLL for (size_t v = 0; v < vectors; v++) {
      UNROLL for (size_t i = 0; i < rows; i++) {
        sum[i][v] = v_add(v_load_n(t->out[v] + i * t->out_stride, t->lanes[v]), sum[i][v]);
      }
    }
  }
  if (t->bias) {
    UNROLL for (size_t i = 0; i < rows; i++) {
      const v_t bias = v_set1(t->bias[i]);
      UNROLL for (size_t v = 0; v < vectors; v++) sum[i][v] = v_add(sum[i][v], bias);
    }
  }
  UNROLL for (size_t v = 0; v < vectors; v++) {
    float *out = t->out[v];
    if (t->stream) {
      UNROLL for (size_t i = 0; i < rows; i++, out += t->out_stride) v_stream(out, sum[i][v]);
    } else if (t->lanes[v] == V_LANES) {
      UNROLL for (size_t i = 0; i < rows; i++, out += t->out_stride) v_store(out, sum[i][v]);
    } else {
      UNROLL for (size_t i = 0; i < rows; i++, out += t->out_stride) v_store_n(out, sum[i][v], t->lanes[v]);
    }
  }
}

#define CONV_TILE(R, V) \
  static void conv_tile_##R##_##V(const ck_conv_tile *t) { conv_tile_of(R, V, t); }
#define CONV_TILES_2(R) CONV_TILE(R, 1) CONV_TILE(R, 2)
#define CONV_TILES_3(R) CONV_TILES_2(R) CONV_TILE(R, 3)
#define CONV_TILES_4(R) CONV_TILES_3(R) CONV_TILE(R, 4)
#define CONV_ENTRIES_2(R) {conv_tile_##R##_1, conv_tile_##R##_2}
#define CONV_ENTRIES_3(R) {conv_tile_##R##_1, conv_tile_##R##_2, conv_tile_##R##_3}
#define CONV_ENTRIES_4(R) {conv_tile_##R##_1, conv_tile_##R##_2, conv_tile_##R##_3, conv_tile_##R##_4}

// Fewer filters leave registers for more positions: as many sums as a tile of a matrix product has.
#if MR == 12
#define CONV_SHAPES(TWO, THREE, FOUR) \
  FOUR(1) FOUR(2) FOUR(3) FOUR(4) FOUR(5) FOUR(6) THREE(7) THREE(8) TWO(9) TWO(10) TWO(11) TWO(12)
#elif MR == 8
#define CONV_SHAPES(TWO, THREE, FOUR) FOUR(1) FOUR(2) FOUR(3) FOUR(4) FOUR(5) FOUR(6) THREE(7) THREE(8)
#elif MR == 6
#define CONV_SHAPES(TWO, THREE, FOUR) FOUR(1) FOUR(2) FOUR(3) THREE(4) TWO(5) TWO(6)
#else
#define CONV_SHAPES(TWO, THREE, FOUR) FOUR(1) FOUR(2) TWO(3) TWO(4)
#endif

CONV_SHAPES(CONV_TILES_2, CONV_TILES_3, CONV_TILES_4)

#define CONV_COMMA_2(R) CONV_ENTRIES_2(R),
#define CONV_COMMA_3(R) CONV_ENTRIES_3(R),
#define CONV_COMMA_4(R) CONV_ENTRIES_4(R),
typedef void (*conv_tile_function)(const ck_conv_tile *);
static const conv_tile_function conv_tiles[MR][CK_CONV_VECTORS] = {
    CONV_SHAPES(CONV_COMMA_2, CONV_COMMA_3, CONV_COMMA_4)};

static size_t conv_vectors(size_t rows) {
  size_t vectors = CK_CONV_VECTORS;
  while (!conv_tiles[rows - 1][vectors - 1]) vectors--;
  return vectors;
}

static void conv_tile(const ck_conv_tile *t) { conv_tiles[t->rows - 1][t->vectors - 1](t); }
