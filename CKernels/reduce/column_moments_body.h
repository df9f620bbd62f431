// The moments of every column in one pass: a tile of columns at a time, down all rows.
//
// Rows are added a strip at a time, along the tile, to sums in float that stay in L1, around a pivot near each column's
// first numbers; after a group of rows these are added to doubles. So memory is read in long row segments. A column
// whose sums cannot be trusted is read again by itself.

enum { COLUMN_TILE = 1024, COLUMN_TILE_VECTORS = COLUMN_TILE / V_LANES, COLUMN_GROUP = 64 };
// Rows that a pivot is made of: a power of two, so that whole numbers stay exact.
enum { COLUMN_PIVOT_ROWS = 16 };
// From COLUMN_LARGE numbers on, too many for caches, strips are long, and the next one is fetched ahead. No bit depends
// on their length.
enum { COLUMN_STRIP = FEW_REGISTERS ? 4 : 8, COLUMN_LONG_STRIP = 8, COLUMN_LARGE = 4 << 20 };
enum { COLUMN_TOGETHER = V_LANES < 16 ? 2 : 1 };  // vectors, at most a line of 64 bytes

// Of a vector of columns, in the group: sums of differences from the pivots. Of all rows so far: the extremes.
typedef struct column_running {
  v_t sum, squares, high, low;
} column_running;

// Sums of all groups so far.
typedef struct column_totals {
  vd_t sum, squares;
} column_totals;

typedef struct column_tile {
  size_t width, lanes;  // lanes: of a vector; fewer than V_LANES only in a tile that is narrower
  v_t pivots[COLUMN_TILE_VECTORS];
  column_running running[COLUMN_TILE_VECTORS];
  column_totals totals[COLUMN_TILE_VECTORS];
} column_tile;

static size_t column_vectors(const column_tile *t) { return ceil_div(t->width, V_LANES); }

// The first column of a vector. The last vector ends with the tile, and shares columns with its neighbour.
static ALWAYS_INLINE size_t first_column(const column_tile *t, size_t vector) {
  return smaller(vector * V_LANES, t->width - t->lanes);
}

// The pivots of a vector whose first row begins at x: 0 where that lies within two deviations of the mean of the first
// rows, else that mean.
static v_t column_pivots(size_t lanes, size_t rows, size_t stride, const float *x) {
  const size_t count = rows < COLUMN_PIVOT_ROWS ? 1 : (size_t)COLUMN_PIVOT_ROWS;
  const v_t zero = v_set1(0.0f);
  v_t sum = zero, squares = zero;
  for (size_t i = 0; i < count; i++) {
    const v_t value = v_load_up_to(x + i * stride, lanes);
    sum = v_add(sum, value);
    squares = v_fma(value, value, squares);
  }
  const v_t mean = v_mul(sum, v_set1(1.0f / (float)count)), between = v_mul(mean, sum);
  return v_select(v_greater(v_mul(v_set1(4.0f), v_sub(squares, between)), between), zero, mean);
}

// Begins a tile, whose first row begins at x. Returns whether a pivot is not 0.
static bool begin_tile(column_tile *t, size_t rows, size_t stride, const float *x) {
  bool shift = false;
  for (size_t v = 0; v < column_vectors(t); v++) {
    const v_t zero = v_set1(0.0f), pivot = column_pivots(t->lanes, rows, stride, x + first_column(t, v));
    shift |= !v_all(v_greater(v_set1(FLT_TRUE_MIN), v_abs(pivot)));
    t->pivots[v] = pivot;
    t->running[v] = (column_running){zero, zero, v_set1(-INFINITY), v_set1(INFINITY)};
    t->totals[v] = (column_totals){v_widen(zero), v_widen(zero)};
  }
  return shift;
}

// Adds a strip of rows to so many vectors from v on, whose first row begins at x.
static ALWAYS_INLINE void add_to_vectors(column_tile *t, size_t v, const size_t together, size_t lanes, bool shift,
                                         bool last, size_t rows, size_t stride, const float *x) {
  column_running s[COLUMN_TOGETHER];
  v_t pivots[COLUMN_TOGETHER];
  UNROLL for (size_t u = 0; u < together; u++) {
    s[u] = t->running[v + u];
    pivots[u] = shift ? t->pivots[v + u] : v_set1(0.0f);
  }
  UNROLL for (size_t i = 0; i < rows; i++) {
    UNROLL for (size_t u = 0; u < together; u++) {
      const v_t value = v_load_up_to(x + i * stride + u * V_LANES, lanes);
      const v_t difference = shift ? v_sub(value, pivots[u]) : value;
      s[u].high = v_max(value, s[u].high);
      s[u].low = v_min(value, s[u].low);
      s[u].sum = v_add(s[u].sum, difference);
      s[u].squares = v_fma(difference, difference, s[u].squares);
    }
  }
  UNROLL for (size_t u = 0; u < together; u++) {
    if (last) {
      t->totals[v + u].sum += v_widen(s[u].sum);
      t->totals[v + u].squares += v_widen(s[u].squares);
      s[u].sum = s[u].squares = v_set1(0.0f);
    }
    t->running[v + u] = s[u];
  }
}

// Adds a strip of rows, the first of which begins at x, and with `last` ends the group. Without `shift` all pivots are 0.
// With `ahead` asks for the next strip, and takes a line of 64 bytes at once: lines of rows that are powers of two apart
// fall into one set of a cache. Inlined for what is known of all but t, stride and x.
static ALWAYS_INLINE void add_strip(column_tile *t, size_t lanes, bool shift, bool ahead, bool last, size_t rows,
                                    size_t stride, const float *x) {
  size_t v = 0;
  for (; ahead && (v + COLUMN_TOGETHER) * V_LANES <= t->width; v += COLUMN_TOGETHER) {
    const float *const top = x + v * V_LANES;
    if (v * V_LANES % 16 == 0) {
      UNROLL for (size_t i = 0; i < rows; i++) __builtin_prefetch(top + (rows + i) * stride, 0, 2);
    }
    add_to_vectors(t, v, COLUMN_TOGETHER, lanes, shift, last, rows, stride, top);
  }
  for (; v < column_vectors(t); v++) add_to_vectors(t, v, 1, lanes, shift, last, rows, stride, x + first_column(t, v));
}

static ALWAYS_INLINE void add_rows(column_tile *t, size_t lanes, bool shift, bool ahead, size_t rows, size_t stride,
                                   const float *x) {
  const size_t strip = ahead ? COLUMN_LONG_STRIP : COLUMN_STRIP;
  for (size_t first = 0; first < rows; first += COLUMN_GROUP) {
    const size_t end = smaller(rows, first + COLUMN_GROUP);
    size_t i = first;
    for (; i + strip < end; i += strip) add_strip(t, lanes, shift, ahead, false, strip, stride, x + i * stride);
    if (i + strip == end) add_strip(t, lanes, shift, ahead, true, strip, stride, x + i * stride);
    else for (; i < end; i++) add_strip(t, lanes, shift, false, i + 1 == end, 1, stride, x + i * stride);
  }
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
static void end_columns(const column_tile *t, size_t vector, size_t rows, size_t stride, const float *x,
                        ck_moments *out) {
  const column_running *const running = &t->running[vector];
  const double count = (double)rows;
  const vd_t pivot = v_widen(t->pivots[vector]), squares = t->totals[vector].squares;
  const vd_t offset = t->totals[vector].sum * (1 / count);
  const vd_t between = count * offset * offset, m2 = squares - between, mean = pivot + offset;
  const vd_t sum_squares = m2 + count * mean * mean;
  // Squares must be normal floats (or every difference zero), and the pivot within two deviations of the mean.
  const vd_t high = v_widen(running->high), low = v_widen(running->low);
  const vd_mask_t trusted = ((squares > 1e-30) & (squares < 1e37) & (between <= 4 * m2)) |
                            ((squares == 0) & (high == pivot) & (low == pivot));
  double means[V_LANES], m2s[V_LANES], sums_squares[V_LANES];
  float maxima[V_LANES], minima[V_LANES];
  memcpy(means, &mean, sizeof mean);
  memcpy(m2s, &m2, sizeof m2);
  memcpy(sums_squares, &sum_squares, sizeof sum_squares);
  v_store(maxima, running->high);
  v_store(minima, running->low);
  for (size_t l = 0; l < t->lanes; l++) {
    out[l] = (ck_moments){count, means[l], m2s[l], sums_squares[l], maxima[l], minima[l]};
  }
  if (vd_all(&trusted)) return;
  int64_t each[V_LANES];
  memcpy(each, &trusted, sizeof each);
  for (size_t l = 0; l < t->lanes; l++) {
    if (!each[l]) out[l] = column_in_double(rows, stride, x + l);
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
    const float *const top = t->x + tile_first;
    column_tile tile;
    tile.width = smaller(end - tile_first, COLUMN_TILE);
    tile.lanes = smaller(tile.width, V_LANES);
    const bool large = rows * stride >= COLUMN_LARGE;
    if (begin_tile(&tile, rows, stride, top)) add_rows(&tile, tile.lanes, true, false, rows, stride, top);
    else if (tile.lanes < V_LANES) add_rows(&tile, tile.lanes, false, false, rows, stride, top);
    else if (large) add_rows(&tile, V_LANES, false, true, rows, stride, top);
    else add_rows(&tile, V_LANES, false, false, rows, stride, top);
    for (size_t v = 0; v < column_vectors(&tile); v++) {
      const size_t column = first_column(&tile, v);
      end_columns(&tile, v, rows, stride, top + column, t->out + tile_first + column);
    }
  }
}
