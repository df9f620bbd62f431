// Sums over columns, and inner products.

enum { COLUMN_VECTORS = 4 };

// out[j] = sum over i of x[i * stride + j], j < columns: four vectors of columns at a time, down all rows.
static void column_sums(size_t rows, size_t columns, size_t stride, const float *x, float *out) {
  size_t j = 0;
  for (; j + COLUMN_VECTORS * V_LANES <= columns; j += COLUMN_VECTORS * V_LANES) {
    v_t sum[COLUMN_VECTORS];
    UNROLL for (int v = 0; v < COLUMN_VECTORS; v++) sum[v] = v_set1(0.0f);
    for (size_t i = 0; i < rows; i++) {
      UNROLL for (int v = 0; v < COLUMN_VECTORS; v++) {
        sum[v] = v_add(sum[v], v_load(x + i * stride + j + (size_t)v * V_LANES));
      }
    }
    UNROLL for (int v = 0; v < COLUMN_VECTORS; v++) v_store(out + j + (size_t)v * V_LANES, sum[v]);
  }
  for (; j < columns; j += V_LANES) {
    const size_t lanes = columns - j < V_LANES ? columns - j : (size_t)V_LANES;
    v_t sum = v_set1(0.0f);
    for (size_t i = 0; i < rows; i++) sum = v_add(sum, v_load_n(x + i * stride + j, lanes));
    v_store_n(out + j, sum, lanes);
  }
}

enum { DOT_BLOCK = 4096 };

static double dot(size_t n, const float *x, const float *y) {
  double total = 0;
  for (size_t first = 0; first < n; first += DOT_BLOCK) {
    const size_t count = n - first < DOT_BLOCK ? n - first : (size_t)DOT_BLOCK;
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
      const size_t lanes = count - i < V_LANES ? count - i : (size_t)V_LANES;
      sum[0] = v_fma(v_load_n(a + i, lanes), v_load_n(b + i, lanes), sum[0]);
    }
    total += v_sum(v_add(v_add(sum[0], sum[1]), v_add(sum[2], sum[3])));
  }
  return total;
}

enum { DOT_ROWS = 64 };

// out[j] = sum over i of x[i, j] y[i, j]: float within 64 rows, double between them.
static void column_dots(size_t rows, size_t columns, size_t stride, const float *x, const float *y, double *out) {
  for (size_t j = 0; j < columns; j += V_LANES) {
    const size_t lanes = columns - j < V_LANES ? columns - j : (size_t)V_LANES;
    double total[V_LANES] = {0};
    float part[V_LANES];
    for (size_t first = 0; first < rows; first += DOT_ROWS) {
      const size_t end = first + DOT_ROWS < rows ? first + DOT_ROWS : rows;
      v_t sum = v_set1(0.0f);
      if (lanes == V_LANES) {
        for (size_t i = first; i < end; i++) sum = v_fma(v_load(x + i * stride + j), v_load(y + i * stride + j), sum);
      } else {
        for (size_t i = first; i < end; i++) {
          sum = v_fma(v_load_n(x + i * stride + j, lanes), v_load_n(y + i * stride + j, lanes), sum);
        }
      }
      v_store(part, sum);
      for (size_t l = 0; l < V_LANES; l++) total[l] += part[l];
    }
    for (size_t l = 0; l < lanes; l++) out[j + l] = total[l];
  }
}
