// Sums over columns, and inner products.
//
// Columns are summed by groups of rows: within a group in registers, so that the sums of all columns, which lie in
// memory, are touched once a group, while every row is read from its beginning to its end.

enum { GROUP = 16, DOT_GROUP = 8 };  // rows: as many streams as main memory likes, of two matrices half each

// out[j] += sum over i < rows <= GROUP of x[i * stride + j]
static inline void add_columns(size_t rows, size_t columns, size_t stride, const float *x, float *out) {
  size_t j = 0;
  for (; j + V_LANES <= columns; j += V_LANES) {
    v_t sum = v_load(x + j);
    for (size_t i = 1; i < rows; i++) sum = v_add(sum, v_load(x + i * stride + j));
    v_store(out + j, v_add(v_load(out + j), sum));
  }
  if (j < columns) {
    v_t sum = v_load_n(out + j, columns - j);
    for (size_t i = 0; i < rows; i++) sum = v_add(sum, v_load_n(x + i * stride + j, columns - j));
    v_store_n(out + j, sum, columns - j);
  }
}

// out[j] = sum over i of x[i * stride + j], j < columns, in float: for at most SUM_ROWS rows.
static void column_sums_in_float(size_t rows, size_t columns, size_t stride, const float *x, float *out) {
  memset(out, 0, columns * sizeof *out);
  size_t i = 0;
  for (; i + GROUP <= rows; i += GROUP) add_columns(GROUP, columns, stride, x + i * stride, out);
  if (i < rows) add_columns(rows - i, columns, stride, x + i * stride, out);
}

// Rows that are added in float before a sum goes on in double, and columns that do so together.
enum { SUM_ROWS = 1024, SUM_COLUMNS = 1024 };

static void column_sums_in_blocks(size_t rows, size_t columns, size_t stride, const float *x, float *out) {
  double totals[SUM_COLUMNS];
  float block[SUM_COLUMNS];
  for (size_t first = 0; first < columns; first += SUM_COLUMNS) {
    const size_t width = smaller(columns - first, SUM_COLUMNS);
    memset(totals, 0, width * sizeof *totals);
    for (size_t i = 0; i < rows; i += SUM_ROWS) {
      column_sums_in_float(smaller(rows - i, SUM_ROWS), width, stride, x + i * stride + first, block);
      for (size_t j = 0; j < width; j++) totals[j] += block[j];
    }
    for (size_t j = 0; j < width; j++) out[first + j] = (float)totals[j];
  }
}

// out[j] = sum over i of x[i, j]. A column whose float sums overflow is summed again in double.
static void column_sums(const void *task, size_t first, size_t end) {
  const ck_column_sums_task *const t = task;
  const float *const x = t->x + first;
  float *const out = t->out + first;
  if (t->rows <= SUM_ROWS) column_sums_in_float(t->rows, end - first, t->columns, x, out);
  else column_sums_in_blocks(t->rows, end - first, t->columns, x, out);
  for (size_t j = 0; j < end - first; j++) {
    if (!(fabsf(out[j]) <= FLT_MAX)) out[j] = (float)sum_in_double(t->rows, t->columns, x + j);
  }
}

enum { DOT_BLOCK = 4096 };

// Below this, products may have lost bits below the smallest normal float; above it, what they lost is no rounding.
#define SMALLEST_DOT 1e-25

static bool is_trusted_dot(double sum) { return fabs(sum) > SMALLEST_DOT && fabs(sum) <= (double)FLT_MAX; }

static double dot_in_double(size_t n, const float *x, const float *y) {
  vd_t sum = v_widen(v_set1(0.0f));
  for (size_t i = 0; i < n; i += V_LANES) {
    const size_t lanes = smaller(n - i, V_LANES);
    sum += v_widen(v_load_up_to(x + i, lanes)) * v_widen(v_load_up_to(y + i, lanes));
  }
  return vd_sum(&sum);
}

// sum over i < n of (to[i] - from[i]) g[i]
static double path_dot_in_double(size_t n, const float *from, const float *to, const float *g) {
  vd_t sum = v_widen(v_set1(0.0f));
  for (size_t i = 0; i < n; i += V_LANES) {
    const size_t lanes = smaller(n - i, V_LANES);
    const vd_t step = v_widen(v_load_up_to(to + i, lanes)) - v_widen(v_load_up_to(from + i, lanes));
    sum += step * v_widen(v_load_up_to(g + i, lanes));
  }
  return vd_sum(&sum);
}

// Of a block, given what its lanes came to in float: where that overflowed, or is so small that products may have
// underflowed, it is summed again in double.
static inline double block_dot(v_t lanes, size_t n, const float *x, const float *y) {
  const double sum = v_sum(lanes);
  return is_trusted_dot(sum) ? sum : dot_in_double(n, x, y);
}
static inline double block_path_dot(v_t lanes, size_t n, const float *from, const float *to, const float *g) {
  const double sum = v_sum(lanes);
  return is_trusted_dot(sum) ? sum : path_dot_in_double(n, from, to, g);
}

// sum over i of x[i] y[i]: float lanes within a block, double between blocks.
static double dot_row(size_t n, const float *x, const float *y) {
  double total = 0;
  for (size_t first = 0; first < n; first += DOT_BLOCK) {
    const size_t count = smaller(n - first, DOT_BLOCK);
    const float *a = x + first, *b = y + first;
    v_t sum[4];
    UNROLL for (int s = 0; s < 4; s++) sum[s] = v_set1(0.0f);
    size_t i = 0;
    for (; i + 4 * V_LANES <= count; i += 4 * V_LANES) {
      UNROLL for (int s = 0; s < 4; s++) {
        sum[s] = v_fma(v_load(a + i + (size_t)s * V_LANES), v_load(b + i + (size_t)s * V_LANES), sum[s]);
      }
    }
    for (; i < count; i += V_LANES) {
      const size_t lanes = smaller(count - i, V_LANES);
      sum[0] = v_fma(v_load_n(a + i, lanes), v_load_n(b + i, lanes), sum[0]);
    }
    total += block_dot(v_add(v_add(sum[0], sum[1]), v_add(sum[2], sum[3])), count, a, b);
  }
  return total;
}

static double dot(const void *task, size_t first, size_t end) {
  const ck_dot_task *const t = task;
  return dot_row(end - first, t->x + first, t->y + first);
}

static void row_dots(const void *task, size_t first, size_t end) {
  const ck_matrix_dots_task *const t = task;
  for (size_t row = first; row < end; row++) {
    t->out[row] = dot_row(t->columns, t->x + row * t->columns, t->y + row * t->columns);
  }
}

// out[j] += sum over i < rows <= DOT_GROUP of x[i * stride + j] y[i * stride + j]
static inline void add_column_dots(size_t rows, size_t columns, size_t stride, const float *x, const float *y,
                                   double *out) {
  size_t j = 0;
  for (; j + V_LANES <= columns; j += V_LANES) {
    v_t sum = v_set1(0.0f);
    for (size_t i = 0; i < rows; i++) sum = v_fma(v_load(x + i * stride + j), v_load(y + i * stride + j), sum);
    vd_add(out + j, sum);
  }
  if (j < columns) {
    v_t sum = v_set1(0.0f);
    for (size_t i = 0; i < rows; i++) {
      sum = v_fma(v_load_n(x + i * stride + j, columns - j), v_load_n(y + i * stride + j, columns - j), sum);
    }
    vd_add_n(out + j, sum, columns - j);
  }
}

// The same in double throughout, for columns whose sums may have over- or underflowed: those of a vector together.
static void column_dots_in_double(size_t rows, size_t lanes, size_t stride, const float *x, const float *y,
                                  double *out) {
  vd_t sum = v_widen(v_set1(0.0f));
  for (size_t i = 0; i < rows; i++) {
    sum += v_widen(v_load_up_to(x + i * stride, lanes)) * v_widen(v_load_up_to(y + i * stride, lanes));
  }
  memcpy(out, &sum, lanes * sizeof *out);
}

// out[j] = sum over i of x[i, j] y[i, j]: float within a group of rows, double between them.
static void column_dots(const void *task, size_t first, size_t end) {
  const ck_matrix_dots_task *const t = task;
  const size_t rows = t->rows, columns = end - first, stride = t->columns;
  const float *const x = t->x + first, *const y = t->y + first;
  double *const out = t->out + first;
  memset(out, 0, columns * sizeof *out);
  size_t i = 0;
  for (; i + DOT_GROUP <= rows; i += DOT_GROUP) {
    add_column_dots(DOT_GROUP, columns, stride, x + i * stride, y + i * stride, out);
  }
  if (i < rows) add_column_dots(rows - i, columns, stride, x + i * stride, y + i * stride, out);
  for (size_t j = 0; j < columns; j += V_LANES) {
    const size_t lanes = smaller(columns - j, V_LANES);
    bool trusted = true;
    for (size_t l = 0; l < lanes; l++) trusted &= is_trusted_dot(out[j + l]);
    if (!trusted) column_dots_in_double(rows, lanes, stride, x + j, y + j, out + j);
  }
}
