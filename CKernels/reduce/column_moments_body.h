// The moments of every column in one pass: a tile of columns at a time, down all rows.
//
// A few rows at once are summed in float, in registers, around a pivot near each column's first numbers; the sums of
// the whole column are doubles. A column whose sums cannot be trusted is read again by itself.

enum { COLUMN_TILE = 2048, COLUMN_TILE_VECTORS = COLUMN_TILE / V_LANES, COLUMN_GROUP = 16 };
// How many vectors at a time, for the sums of one alone would wait for each other: four sums each, in registers.
enum { COLUMN_VECTORS = FEW_REGISTERS ? 2 : 4 };
// Whether the next group is fetched ahead: four vectors together read long segments anyway, and gained nothing.
enum { COLUMN_AHEAD = FEW_REGISTERS };

// What is known of a vector of columns so far. Side by side, since arrays of each lie pages apart, where the CPU takes
// the load of one for the store of another.
typedef struct column_vector {
  vd_t sum, squares;  // of differences from the pivots
  v_t pivot, high, low;
} column_vector;

// Begins a vector, whose first row begins at x. A pivot is 0 where that lies within two deviations of the mean of the
// first rows, else that mean; there is a power of two of them so that whole numbers stay exact. Returns whether all
// pivots are 0.
static ALWAYS_INLINE bool begin_columns(column_vector *c, size_t lanes, size_t rows, size_t stride, const float *x) {
  const size_t count = rows < COLUMN_GROUP ? 1 : (size_t)COLUMN_GROUP;
  const v_t zero = v_set1(0.0f);
  v_t sum = zero, squares = zero;
  for (size_t i = 0; i < count; i++) {
    const v_t value = v_load_up_to(x + i * stride, lanes);
    sum = v_add(sum, value);
    squares = v_fma(value, value, squares);
  }
  const v_t mean = v_mul(sum, v_set1(1.0f / (float)count)), between = v_mul(mean, sum);
  c->pivot = v_select(v_greater(v_mul(v_set1(4.0f), v_sub(squares, between)), between), zero, mean);
  c->sum = c->squares = v_widen(zero);
  c->high = v_set1(-INFINITY);
  c->low = v_set1(INFINITY);
  return v_all(v_greater(v_set1(FLT_TRUE_MIN), v_abs(c->pivot)));
}

// Adds a group of rows to `vectors` neighbours. Lanes beyond a tail see zeros, and nobody asks for them. Without
// `shift` all pivots are 0.
static ALWAYS_INLINE void add_columns_group(column_vector *c, int vectors, size_t lanes, bool shift, size_t rows,
                                            size_t stride, const float *x) {
  v_t sum[COLUMN_VECTORS], squares[COLUMN_VECTORS], high[COLUMN_VECTORS], low[COLUMN_VECTORS], pivot[COLUMN_VECTORS];
  UNROLL for (int v = 0; v < vectors; v++) {
    sum[v] = squares[v] = v_set1(0.0f);
    high[v] = c[v].high;
    low[v] = c[v].low;
    pivot[v] = c[v].pivot;
  }
  for (size_t i = 0; i < rows; i++) {
    UNROLL for (int v = 0; v < vectors; v++) {
      const v_t value = v_load_up_to(x + i * stride + v * V_LANES, lanes);
      const v_t difference = shift ? v_sub(value, pivot[v]) : value;
      high[v] = v_max(value, high[v]);
      low[v] = v_min(value, low[v]);
      sum[v] = v_add(sum[v], difference);
      squares[v] = v_fma(difference, difference, squares[v]);
    }
  }
  UNROLL for (int v = 0; v < vectors; v++) {
    c[v].high = high[v];
    c[v].low = low[v];
    c[v].sum += v_widen(sum[v]);
    c[v].squares += v_widen(squares[v]);
  }
}

// Asks for part of a group below a whole tile: what stands at j of the tile asks for as much as it adds, and all of it
// together for the group row by row.
static ALWAYS_INLINE void prefetch_columns(size_t j, size_t stride, const float *x) {
  const size_t first = COLUMN_GROUP * j, count = COLUMN_GROUP * COLUMN_VECTORS * V_LANES;
  const float *const segment = x + first / COLUMN_TILE * stride + first % COLUMN_TILE;
  UNROLL for (size_t i = 0; i < count; i += 16) __builtin_prefetch(segment + i, 0, 2);
}

// Adds a group of rows to all vectors of a tile. With `ahead` the tile is a whole one, and the group below is fetched
// meanwhile: main memory wants long segments, and what is added at a time is a line of each row.
static ALWAYS_INLINE void add_tile_group(column_vector *tile, size_t width, bool shift, bool ahead, size_t rows,
                                         size_t stride, const float *x) {
  size_t j = 0;
  for (; j + COLUMN_VECTORS * V_LANES <= width; j += COLUMN_VECTORS * V_LANES, tile += COLUMN_VECTORS) {
    if (ahead) prefetch_columns(j, stride, x + rows * stride);
    add_columns_group(tile, COLUMN_VECTORS, V_LANES, shift, rows, stride, x + j);
  }
  for (; j < width; j += V_LANES, tile++) {
    add_columns_group(tile, 1, smaller(width - j, V_LANES), shift, rows, stride, x + j);
  }
}

static ALWAYS_INLINE void add_tile(column_vector *tile, size_t width, bool shift, size_t rows, size_t stride,
                                   const float *x) {
  size_t i = 0;
  for (; i + COLUMN_GROUP <= rows; i += COLUMN_GROUP) {
    const bool ahead = COLUMN_AHEAD && width == COLUMN_TILE && i + 2 * COLUMN_GROUP <= rows;
    add_tile_group(tile, width, shift, ahead, COLUMN_GROUP, stride, x + i * stride);
  }
  if (i < rows) add_tile_group(tile, width, shift, false, rows - i, stride, x + i * stride);
}

static ck_moments column_in_double(size_t rows, size_t stride, const float *x) {
  ck_moments whole = ck_moments_empty();
  float column[256];  // some of it, side by side
  for (size_t i = 0; i < rows; i += 256) {
    const size_t count = rows - i < 256 ? rows - i : 256;
    for (size_t k = 0; k < count; k++) column[k] = x[(i + k) * stride];
    whole = ck_moments_merge(whole, moments_in_double(count, column));
  }
  return whole;
}

// Writes the moments of a vector's columns, of which x is the first row.
static void end_columns(const column_vector *c, size_t lanes, size_t rows, size_t stride, const float *x,
                        ck_moments *out) {
  const double count = (double)rows;
  const vd_t pivot = v_widen(c->pivot), squares = c->squares, offset = c->sum * (1 / count);
  const vd_t between = count * offset * offset, m2 = squares - between, mean = pivot + offset;
  const vd_t sum_squares = m2 + count * mean * mean;
  double every[5][V_LANES];
  float high[V_LANES], low[V_LANES], start[V_LANES];
  memcpy(every[0], &mean, sizeof mean);
  memcpy(every[1], &m2, sizeof m2);
  memcpy(every[2], &sum_squares, sizeof sum_squares);
  memcpy(every[3], &squares, sizeof squares);
  memcpy(every[4], &between, sizeof between);
  v_store(high, c->high);
  v_store(low, c->low);
  v_store(start, c->pivot);
  for (size_t l = 0; l < lanes; l++) {
    const double from_pivot = every[3][l];
    // Squares must be normal floats (or every difference zero), and the pivot within two deviations of the mean.
    const bool trusted = (from_pivot > 1e-30 && from_pivot < 1e37 && every[4][l] <= 4 * every[1][l]) ||
                         (from_pivot == 0 && high[l] == start[l] && low[l] == start[l]);
    out[l] = trusted ? (ck_moments){count, every[0][l], every[1][l], every[2][l], high[l], low[l]}
                     : column_in_double(rows, stride, x + l);
  }
}

static void column_moments(const void *task, size_t first, size_t end) {
  const ck_column_moments_task *const t = task;
  const size_t rows = t->rows, stride = t->columns;
  if (rows == 0) {
    for (size_t j = first; j < end; j++) t->out[j] = ck_moments_empty();
    return;
  }
  for (size_t tile_first = first; tile_first < end; tile_first += COLUMN_TILE) {
    const size_t width = smaller(end - tile_first, COLUMN_TILE);
    const float *const top = t->x + tile_first;
    column_vector tile[COLUMN_TILE_VECTORS];
    bool shift = false;
    for (size_t j = 0; j < width; j += V_LANES) {
      const size_t lanes = smaller(width - j, V_LANES);
      shift |= !begin_columns(tile + j / V_LANES, lanes, rows, stride, top + j);
    }
    if (shift) add_tile(tile, width, true, rows, stride, top);
    else add_tile(tile, width, false, rows, stride, top);
    for (size_t j = 0; j < width; j += V_LANES) {
      const size_t lanes = smaller(width - j, V_LANES);
      end_columns(tile + j / V_LANES, lanes, rows, stride, top + j, t->out + tile_first + j);
    }
  }
}
