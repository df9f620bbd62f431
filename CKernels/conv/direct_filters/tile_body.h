// A tile of sums whose lanes are filters: rows by columns of them in registers, `width` vectors of filters each.
//
// A step loads its vectors of filters and multiplies them by one number for every place. Those numbers come straight
// from memory, so no shift of a row, no step of a stride and no edge of a plane makes them slower. With one vector of
// filters every multiply-add loads a number, which keeps both loads of a cycle busy; two leave room for cache misses.

#if !FEW_REGISTERS
enum { FILTER_SUMS = 25, FILTER_COLUMNS = 5 };
#else
enum { FILTER_SUMS = 12, FILTER_COLUMNS = 3 };  // no multiple of five or four by two fills twelve
#endif

static ALWAYS_INLINE void filter_tile_of(const size_t rows, const size_t columns, const size_t width,
                                         const ck_filter_tile *t) {
#define EACH_SUM(BODY)                              \
  UNROLL for (size_t i = 0; i < rows; i++) {        \
    UNROLL for (size_t j = 0; j < columns; j++) {   \
      UNROLL for (size_t v = 0; v < width; v++) {   \
        BODY                                        \
      }                                             \
    }                                               \
  }
  v_t sum[CK_FILTER_ROWS][CK_FILTER_COLUMNS][CK_FILTER_WIDTH];
  const float *x[CK_FILTER_ROWS], *filters = t->filters, *ahead = t->ahead;
  UNROLL for (size_t i = 0; i < rows; i++) x[i] = t->source[i];
  EACH_SUM(sum[i][j][v] = v_set1(0.0f);)

  const size_t next_filters = t->next_filters;
  const ptrdiff_t column = t->source_column, runs = (ptrdiff_t)t->lengths[1], steps = (ptrdiff_t)t->lengths[2];
  const ptrdiff_t step = t->source_steps[2];
  // From the end of a run to the next run, and from the end of a plane to the next plane.
  const ptrdiff_t run_gap = t->source_steps[1] - steps * step;
  const ptrdiff_t plane_gap = t->source_steps[0] - runs * t->source_steps[1];
  size_t ahead_left = t->ahead_left;
  for (size_t plane = 0; plane < t->lengths[0]; plane++) {
    for (ptrdiff_t run = 0; run < runs; run++) {
      for (size_t i = 0; i < t->ahead_lines; i++) {
        __builtin_prefetch(ahead, 0, 2);
        ahead += 16;
        if (--ahead_left == 0) ahead += t->ahead_gap, ahead_left = t->ahead_segment;
      }
      for (ptrdiff_t k = 0; k < steps; k++, filters += V_LANES) {
        v_t filter[CK_FILTER_WIDTH];
        UNROLL for (size_t v = 0; v < width; v++) filter[v] = v_load(filters + v * next_filters);
        UNROLL for (size_t i = 0; i < rows; i++) {
          KEEP_POINTER(x[i]);
          UNROLL for (size_t j = 0; j < columns; j++) {
            const v_t number = v_set1(x[i][(ptrdiff_t)j * column]);
            UNROLL for (size_t v = 0; v < width; v++) sum[i][j][v] = v_fma(number, filter[v], sum[i][j][v]);
          }
          x[i] += step;
        }
      }
      UNROLL for (size_t i = 0; i < rows; i++) x[i] += run_gap;
    }
    UNROLL for (size_t i = 0; i < rows; i++) x[i] += plane_gap;
  }

  const size_t next_out = t->next_out, out_column = t->out_column;
  float *const *out = t->out;
  if (t->adds) EACH_SUM(sum[i][j][v] = v_add(v_load(out[i] + j * out_column + v * next_out), sum[i][j][v]);)
  if (t->bias) {
    v_t bias[CK_FILTER_WIDTH];
    UNROLL for (size_t v = 0; v < width; v++) bias[v] = v_load(t->bias + v * t->next_bias);
    EACH_SUM(sum[i][j][v] = v_add(sum[i][j][v], bias[v]);)
  }
  EACH_SUM(v_store(out[i] + j * out_column + v * next_out, sum[i][j][v]);)
#undef EACH_SUM
}

#define FILTER_TILE(R, C, W) \
  static void filter_tile_##R##_##C##_##W(const ck_filter_tile *t) { filter_tile_of(R, C, W, t); }
#define FILTER_ENTRY(R, C, W) [W - 1][C - 1][R - 1] = filter_tile_##R##_##C##_##W,
#define FILTER_ROWS_1(DO, C, W) DO(1, C, W)
#define FILTER_ROWS_2(DO, C, W) FILTER_ROWS_1(DO, C, W) DO(2, C, W)
#define FILTER_ROWS_3(DO, C, W) FILTER_ROWS_2(DO, C, W) DO(3, C, W)
#define FILTER_ROWS_4(DO, C, W) FILTER_ROWS_3(DO, C, W) DO(4, C, W)
#define FILTER_ROWS_5(DO, C, W) FILTER_ROWS_4(DO, C, W) DO(5, C, W)
#define FILTER_ROWS_6(DO, C, W) FILTER_ROWS_5(DO, C, W) DO(6, C, W)
#define FILTER_ROWS_8(DO, C, W) FILTER_ROWS_6(DO, C, W) DO(7, C, W) DO(8, C, W)
// As many sums as fit registers.
#if !FEW_REGISTERS
#define FILTER_SHAPES(DO)                                                                         \
  FILTER_ROWS_8(DO, 1, 1) FILTER_ROWS_8(DO, 2, 1) FILTER_ROWS_8(DO, 3, 1) FILTER_ROWS_6(DO, 4, 1) \
  FILTER_ROWS_5(DO, 5, 1) FILTER_ROWS_8(DO, 1, 2) FILTER_ROWS_6(DO, 2, 2) FILTER_ROWS_4(DO, 3, 2) \
  FILTER_ROWS_3(DO, 4, 2) FILTER_ROWS_2(DO, 5, 2)
#else
#define FILTER_SHAPES(DO)                                                                         \
  FILTER_ROWS_8(DO, 1, 1) FILTER_ROWS_6(DO, 2, 1) FILTER_ROWS_4(DO, 3, 1) FILTER_ROWS_6(DO, 1, 2) \
  FILTER_ROWS_3(DO, 2, 2) FILTER_ROWS_2(DO, 3, 2)
#endif
FILTER_SHAPES(FILTER_TILE)

static void (*const filter_tiles[CK_FILTER_WIDTH][CK_FILTER_COLUMNS][CK_FILTER_ROWS])(const ck_filter_tile *) = {
    FILTER_SHAPES(FILTER_ENTRY)};

static size_t filter_rows(size_t columns, size_t width) {
  return smaller(CK_FILTER_ROWS, FILTER_SUMS / (columns * width));
}

static void filter_tile(const ck_filter_tile *t) { filter_tiles[t->width - 1][t->columns - 1][t->rows - 1](t); }
