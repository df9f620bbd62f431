// The moments of every column in one pass: a tile of columns at a time, down all rows.
//
// A few rows at once are summed in float, in registers, around a pivot near each column's first numbers; the sums of
// the whole column are doubles. A column whose sums cannot be trusted is read again by itself.

enum { COLUMN_TILE = 2048, COLUMN_TILE_VECTORS = COLUMN_TILE / V_LANES, COLUMN_GROUP = 16 };

// What is known of a tile of columns so far.
typedef struct column_tile {
  vd_t sum[COLUMN_TILE_VECTORS], squares[COLUMN_TILE_VECTORS];  // of differences from the pivots
  v_t pivot[COLUMN_TILE_VECTORS], high[COLUMN_TILE_VECTORS], low[COLUMN_TILE_VECTORS];
} column_tile;

// Vector v of a tile, whose first row begins at x: its pivot is the mean of the first rows, a power of two
// of them so that whole numbers stay exact.
static inline void begin_columns(column_tile *t, size_t v, size_t lanes, size_t rows, size_t stride, const float *x) {
  const size_t count = rows < COLUMN_GROUP ? 1 : (size_t)COLUMN_GROUP;
  v_t sum = v_load_n(x, lanes);
  for (size_t i = 1; i < count; i++) sum = v_add(sum, v_load_n(x + i * stride, lanes));
  t->pivot[v] = v_mul(sum, v_set1(1.0f / (float)count));
  t->sum[v] = t->squares[v] = v_widen(v_set1(0.0f));
  t->high[v] = v_set1(-INFINITY);
  t->low[v] = v_set1(INFINITY);
}

// Adds a group of rows to vector v. Lanes beyond a tail see zeros, and nobody asks for them.
static inline void add_columns_group(column_tile *t, size_t v, size_t lanes, size_t rows, size_t stride,
                                     const float *x) {
  const v_t pivot = t->pivot[v];
  v_t sum = v_set1(0.0f), squares = sum, high = t->high[v], low = t->low[v];
  for (size_t i = 0; i < rows; i++) {
    const v_t value = lanes == V_LANES ? v_load(x + i * stride) : v_load_n(x + i * stride, lanes);
    const v_t difference = v_sub(value, pivot);
    high = v_max(value, high);
    low = v_min(value, low);
    sum = v_add(sum, difference);
    squares = v_fma(difference, difference, squares);
  }
  t->high[v] = high;
  t->low[v] = low;
  t->sum[v] += v_widen(sum);
  t->squares[v] += v_widen(squares);
}

static ck_moments column_in_double(size_t rows, size_t stride, const float *x) {
  ck_moments whole = ck_moments_empty();
  float column[256];  // a piece of it, side by side
  for (size_t i = 0; i < rows; i += 256) {
    const size_t count = rows - i < 256 ? rows - i : 256;
    for (size_t k = 0; k < count; k++) column[k] = x[(i + k) * stride];
    whole = ck_moments_merge(whole, moments_in_double(count, column));
  }
  return whole;
}

// Writes the moments of vector v's columns, of which x is the first row.
static void end_columns(const column_tile *t, size_t v, size_t lanes, size_t rows, size_t stride, const float *x,
                        ck_moments *out) {
  const double count = (double)rows;
  const vd_t pivot = v_widen(t->pivot[v]), squares = t->squares[v], offset = t->sum[v] * (1 / count);
  const vd_t between = count * offset * offset, m2 = squares - between, mean = pivot + offset;
  const vd_t sum_squares = m2 + count * mean * mean;
  double every[5][V_LANES];
  float high[V_LANES], low[V_LANES], start[V_LANES];
  memcpy(every[0], &mean, sizeof mean);
  memcpy(every[1], &m2, sizeof m2);
  memcpy(every[2], &sum_squares, sizeof sum_squares);
  memcpy(every[3], &squares, sizeof squares);
  memcpy(every[4], &between, sizeof between);
  v_store(high, t->high[v]);
  v_store(low, t->low[v]);
  v_store(start, t->pivot[v]);
  for (size_t l = 0; l < lanes; l++) {
    const double from_pivot = every[3][l];
    // Squares must be normal floats (or every difference zero), and the pivot within two deviations of the mean.
    const bool trusted = (from_pivot > 1e-30 && from_pivot < 1e37 && every[4][l] <= 4 * every[1][l]) ||
                         (from_pivot == 0 && high[l] == start[l] && low[l] == start[l]);
    out[l] = trusted ? (ck_moments){count, every[0][l], every[1][l], every[2][l], high[l], low[l]}
                     : column_in_double(rows, stride, x + l);
  }
}

// Columns of x[i * stride + j], i < rows, j < columns.
static void column_moments(size_t rows, size_t columns, size_t stride, const float *x, ck_moments *out) {
  if (rows == 0) {
    for (size_t j = 0; j < columns; j++) out[j] = ck_moments_empty();
    return;
  }
  for (size_t first = 0; first < columns; first += COLUMN_TILE) {
    const size_t width = columns - first < COLUMN_TILE ? columns - first : (size_t)COLUMN_TILE;
    const size_t whole = width / V_LANES, tail = width % V_LANES;
    const float *const top = x + first;
    column_tile t;
    for (size_t v = 0; v < whole; v++) begin_columns(&t, v, V_LANES, rows, stride, top + v * V_LANES);
    if (tail) begin_columns(&t, whole, tail, rows, stride, top + whole * V_LANES);
    size_t i = 0;
    for (; i + COLUMN_GROUP <= rows; i += COLUMN_GROUP) {
      const float *group = top + i * stride;
      for (size_t v = 0; v < whole; v++) add_columns_group(&t, v, V_LANES, COLUMN_GROUP, stride, group + v * V_LANES);
      if (tail) add_columns_group(&t, whole, tail, COLUMN_GROUP, stride, group + whole * V_LANES);
    }
    if (i < rows) {
      const float *group = top + i * stride;
      for (size_t v = 0; v < whole; v++) add_columns_group(&t, v, V_LANES, rows - i, stride, group + v * V_LANES);
      if (tail) add_columns_group(&t, whole, tail, rows - i, stride, group + whole * V_LANES);
    }
    for (size_t v = 0; v < whole; v++) {
      end_columns(&t, v, V_LANES, rows, stride, top + v * V_LANES, out + first + v * V_LANES);
    }
    if (tail) end_columns(&t, whole, tail, rows, stride, top + whole * V_LANES, out + first + whole * V_LANES);
  }
}
