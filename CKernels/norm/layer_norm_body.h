// Normalization by row, forward and gradients.

static void layer_norm_in_double(size_t n, const float *x, double mean, float inverse, const float *gamma,
                                 const float *beta, float *y) {
  for (size_t i = 0; i < n; i++) {
    y[i] = (float)((x[i] - mean) * (double)inverse * (double)gamma[i] + (double)beta[i]);
  }
}

static void layer_norm(const void *task, size_t first, size_t end) {
  const ck_layer_norm_task *const t = task;
  const size_t columns = t->columns;
  const float *const gamma = t->gamma, *const beta = t->beta;
  for (size_t row = first; row < end; row++) {
    const float *const x = t->x + row * columns;
    float *const y = t->y + row * columns;
    const norm_moments moments = norm_moments_of(1, columns, 0, x, t->epsilon);
    const float mean = (float)moments.mean, inverse = (float)moments.inverse;
    t->mean[row] = mean;
    t->inverse[row] = inverse;
    if (norm_is_extreme(mean, inverse)) {
      layer_norm_in_double(columns, x, moments.mean, inverse, gamma, beta, y);
      continue;
    }
    const float rest = norm_rest(moments, mean, inverse);
    const v_t m = v_set1(mean), r = v_set1(rest), a = v_set1(inverse);
#define NORMALIZED(DISTANCE, LOAD) v_fma(v_mul(DISTANCE(LOAD), a), LOAD(gamma + i), LOAD(beta + i))
#define FROM_MEAN(LOAD) v_sub(LOAD(x + i), m)
#define FROM_MEAN_AND_REST(LOAD) v_sub(FROM_MEAN(LOAD), r)
    if (rest == 0) {
      V_FOR(columns, v_store(y + i, NORMALIZED(FROM_MEAN, v_load)),
            v_store_n(y + i, NORMALIZED(FROM_MEAN, LOAD_TAIL), tail));
    } else {
      V_FOR(columns, v_store(y + i, NORMALIZED(FROM_MEAN_AND_REST, v_load)),
            v_store_n(y + i, NORMALIZED(FROM_MEAN_AND_REST, LOAD_TAIL), tail));
    }
#undef NORMALIZED
#undef FROM_MEAN
#undef FROM_MEAN_AND_REST
  }
}

static void layer_norm_gradient(const void *task, size_t first, size_t end) {
  const ck_layer_norm_gradient_task *const t = task;
  const size_t columns = t->columns;
  const float *const gamma = t->gamma;
  for (size_t row = first; row < end; row++) {
    const float *const dy = t->dy + row * columns, *const x = t->x + row * columns;
    const float mean = t->mean[row], inverse = t->inverse[row];
    float *const dx = t->dx + row * columns;
    const float rest = norm_rest_again(1, columns, 0, x, mean, inverse);
    const norm_sums s = norm_add(1, columns, 0, x, mean, dy, gamma, NULL);
    const double sum = s.first_total, dot = s.second_total - (double)rest * sum;
    if (norm_is_extreme(mean, inverse) || !norm_sums_are_finite(sum, dot)) {
      const norm_in_double d = {.runs = 1, .n = columns, .dy = dy, .x = x, .gamma = gamma,
                                .mean = (double)mean + (double)rest, .inverse = inverse, .scale = 1};
      double exact_sum, exact_dot;
      norm_gradient_in_double(&d, &exact_sum, &exact_dot, dx);
      continue;
    }
    const norm_slopes slopes = norm_slopes_of((double)columns, sum, dot, inverse, 1, rest);
    const v_t m = v_set1(mean), a = v_set1(slopes.factor), b = v_set1(slopes.slope), c = v_set1(slopes.shift);
    V_FOR(columns,
          v_store(dx + i, v_fma(v_mul(v_load(dy + i), v_load(gamma + i)), a, v_fma(v_sub(v_load(x + i), m), b, c))),
          v_store_n(dx + i, v_fma(v_mul(v_load_n(dy + i, tail), v_load_n(gamma + i, tail)), a,
                                  v_fma(v_sub(v_load_n(x + i, tail), m), b, c)), tail));
  }
}

// The sums of dy xh and of dy over at most NORM_ROWS rows, for up to a vector of columns, added to those so far.
// `rests` may be NULL.
static ALWAYS_INLINE void layer_norm_add(size_t rows, size_t lanes, size_t stride, const float *dy, const float *x,
                                         const float *mean, const float *inverse, const float *rests,
                                         norm_columns *sums) {
  v_t dot = v_set1(0.0f), sum = v_set1(0.0f);
  for (size_t i = 0; i < rows; i++) {
    const v_t g = v_load_up_to(dy + i * stride, lanes), a = v_set1(inverse[i]);
    v_t distance = v_sub(v_load_up_to(x + i * stride, lanes), v_set1(mean[i]));
    if (rests) distance = v_sub(distance, v_set1(rests[i]));
    dot = v_fma(g, v_mul(distance, a), dot);
    sum = v_add(sum, g);
  }
  vd_add(sums->first, dot);
  vd_add(sums->second, sum);
}

static void layer_norm_sums_in_double(size_t rows, size_t stride, const float *dy, const float *x, const float *mean,
                                      const float *inverse, double *dgamma, double *dbeta) {
  *dgamma = *dbeta = 0;
  for (size_t i = 0; i < rows; i++) {
    const double g = dy[i * stride];
    *dgamma += g * ((double)x[i * stride] - (double)mean[i]) * (double)inverse[i];
    *dbeta += g;
  }
}

// Columns first ..< end: float within NORM_ROWS rows, double between them.
static void layer_norm_sums(const void *task, size_t first, size_t end) {
  const ck_layer_norm_sums_task *const t = task;
  const size_t rows = t->rows, columns = t->columns;
  const float *const dy = t->dy, *const x = t->x, *const mean = t->mean, *const inverse = t->inverse;
  enum { TILE = 512 };
  norm_columns sums[TILE / V_LANES];
  for (size_t j0 = first; j0 < end; j0 += TILE) {
    const size_t width = smaller(end - j0, TILE), vectors = (width + V_LANES - 1) / V_LANES;
    memset(sums, 0, vectors * sizeof *sums);
    for (size_t i = 0; i < rows; i += NORM_ROWS) {
      const size_t count = smaller(rows - i, NORM_ROWS);
      float rests[NORM_ROWS];
      bool any = false;
      for (size_t r = 0; r < count; r++) {
        rests[r] = norm_rest_again(1, columns, 0, x + (i + r) * columns, mean[i + r], inverse[i + r]);
        any |= rests[r] != 0;
      }
      for (size_t v = 0; v < vectors; v++) {
        const size_t j = j0 + v * V_LANES, at = i * columns + j;
        const size_t lanes = smaller(end - j, V_LANES);
        if (any) layer_norm_add(count, lanes, columns, dy + at, x + at, mean + i, inverse + i, rests, &sums[v]);
        else layer_norm_add(count, lanes, columns, dy + at, x + at, mean + i, inverse + i, NULL, &sums[v]);
      }
    }
    for (size_t j = j0; j < j0 + width; j++) {
      double *const dot = &sums[(j - j0) / V_LANES].first[(j - j0) % V_LANES];
      double *const sum = &sums[(j - j0) / V_LANES].second[(j - j0) % V_LANES];
      if (!norm_sums_are_finite(*dot, *sum)) {
        layer_norm_sums_in_double(rows, columns, dy + j, x + j, mean, inverse, dot, sum);
      }
      t->dgamma[j] = (float)*dot;
      t->dbeta[j] = (float)*sum;
    }
  }
}
