// Normalization. A channel's elements lie in runs of `area`, one for each image, `channels * area` apart. Where the
// area is 1, neighbouring channels share a vector.


enum { NORM_BLOCK = 4096, NORM_SUMS = 4 };  // how many elements are added up in float, in how many vectors

// Two sums in float lanes, which go over to double before they get long.
typedef struct norm_sums {
  v_t first[NORM_SUMS], second[NORM_SUMS];
  double first_total, second_total;
  size_t pending;  // elements in the lanes
} norm_sums;

static ALWAYS_INLINE void norm_clear(norm_sums *s) {
  UNROLL for (int v = 0; v < NORM_SUMS; v++) s->first[v] = s->second[v] = v_set1(0.0f);
  s->pending = 0;
}

static ALWAYS_INLINE void norm_flush(norm_sums *s) {
  s->first_total += v_sum(v_add(v_add(s->first[0], s->first[1]), v_add(s->first[2], s->first[3])));
  s->second_total += v_sum(v_add(v_add(s->second[0], s->second[1]), v_add(s->second[2], s->second[3])));
  norm_clear(s);
}

// The function that a gradient comes down through: x - mean times scale plus shift, and what is below 0 cut off.
typedef struct norm_cut {
  v_t scale, shift;
} norm_cut;

// (x - mean) scale + shift: wherever it is needed, the same bits.
static ALWAYS_INLINE v_t norm_affine(v_t distance, norm_cut f) { return v_fma(distance, f.scale, f.shift); }

// dy where the function is above 0.
static ALWAYS_INLINE v_t norm_pass(v_t dy, v_t distance, norm_cut f) {
  return v_select(v_greater(norm_affine(distance, f), v_set1(0.0f)), dy, v_set1(0.0f));
}

// What the sums are of: g and g (x - pivot). g is x - pivot itself without dy; else it is dy, times gamma if there is
// one, where the function is above 0 if there is one.
typedef struct norm_terms {
  const float *x, *dy, *gamma;
  const norm_cut *cut;
  v_t pivot;
} norm_terms;

static ALWAYS_INLINE void norm_add_vector(norm_sums *s, int v, size_t i, norm_terms t) {
  const v_t distance = v_sub(v_load(t.x + i), t.pivot);
  v_t g = t.dy ? v_load(t.dy + i) : distance;
  if (t.gamma) g = v_mul(g, v_load(t.gamma + i));
  if (t.cut) g = norm_pass(g, distance, *t.cut);
  s->first[v] = v_add(s->first[v], g);
  s->second[v] = v_fma(g, distance, s->second[v]);
}

// Adds a run of at most NORM_BLOCK elements.
static ALWAYS_INLINE void norm_add_run(norm_sums *s, size_t n, norm_terms t) {
  if (s->pending + n > NORM_BLOCK) norm_flush(s);
  s->pending += n;
  size_t i = 0;
  for (; i + NORM_SUMS * V_LANES <= n; i += NORM_SUMS * V_LANES) {
    UNROLL for (int v = 0; v < NORM_SUMS; v++) norm_add_vector(s, v, i + (size_t)v * V_LANES, t);
  }
  for (; i + V_LANES <= n; i += V_LANES) norm_add_vector(s, 0, i, t);
  if (i < n) {
    const size_t tail = n - i;
    const v_t distance = v_select(v_first(tail), v_sub(v_load_n(t.x + i, tail), t.pivot), v_set1(0.0f));
    v_t g = t.dy ? v_load_n(t.dy + i, tail) : distance;
    if (t.gamma) g = v_mul(g, v_load_n(t.gamma + i, tail));
    if (t.cut) g = norm_pass(g, distance, *t.cut);
    s->first[1] = v_add(s->first[1], g);
    s->second[1] = v_fma(g, distance, s->second[1]);
  }
}

// All runs of a channel, or the one run of a row.
static ALWAYS_INLINE norm_sums norm_add(size_t runs, size_t n, size_t stride, const float *x, float pivot, const float *dy,
                                 const float *gamma, const norm_cut *cut) {
  norm_sums s = {.first_total = 0, .second_total = 0};
  norm_clear(&s);
  for (size_t run = 0; run < runs; run++) {
    for (size_t i = 0; i < n; i += NORM_BLOCK) {
      const size_t at = run * stride + i, count = n - i < NORM_BLOCK ? n - i : (size_t)NORM_BLOCK;
      norm_add_run(&s, count, (norm_terms){x + at, dy ? dy + at : NULL, gamma ? gamma + i : NULL, cut, v_set1(pivot)});
    }
  }
  norm_flush(&s);
  return s;
}

// The same sums for up to a vector of neighbouring columns.
typedef struct norm_columns {
  double first[V_LANES], second[V_LANES];
} norm_columns;

enum { NORM_ROWS = 64 };

static ALWAYS_INLINE void norm_add_row(v_t *first, v_t *second, size_t lanes, size_t at, const float *x, v_t pivot,
                                       const float *dy, const norm_cut *cut) {
  const v_t distance = v_sub(v_load_up_to(x + at, lanes), pivot);
  v_t g = dy ? v_load_up_to(dy + at, lanes) : distance;
  if (cut) g = norm_pass(g, distance, *cut);
  *first = v_add(*first, g);
  *second = v_fma(g, distance, *second);
}

static ALWAYS_INLINE norm_columns norm_add_columns(size_t rows, size_t lanes, size_t stride, const float *x,
                                            const float *pivots, const float *dy, const norm_cut *cut) {
  norm_columns sums = {{0}, {0}};
  const v_t pivot = v_load_up_to(pivots, lanes);
  float part[2][V_LANES];
  for (size_t begin = 0; begin < rows; begin += NORM_ROWS) {
    const size_t end = rows - begin < NORM_ROWS ? rows : begin + NORM_ROWS;
    // Every fourth row has sums of its own, which do not wait for those of the others.
    v_t first[NORM_SUMS], second[NORM_SUMS];
    UNROLL for (int v = 0; v < NORM_SUMS; v++) first[v] = second[v] = v_set1(0.0f);
    size_t i = begin;
    for (; i + NORM_SUMS <= end; i += NORM_SUMS) {
      UNROLL for (int v = 0; v < NORM_SUMS; v++) {
        norm_add_row(&first[v], &second[v], lanes, (i + (size_t)v) * stride, x, pivot, dy, cut);
      }
    }
    for (; i < end; i++) norm_add_row(&first[0], &second[0], lanes, i * stride, x, pivot, dy, cut);
    v_store(part[0], v_add(v_add(first[0], first[1]), v_add(first[2], first[3])));
    v_store(part[1], v_add(v_add(second[0], second[1]), v_add(second[2], second[3])));
    for (int l = 0; l < V_LANES; l++) {
      sums.first[l] += part[0][l];
      sums.second[l] += part[1][l];
    }
  }
  return sums;
}

// Mean, biased variance and 1 / sqrt(variance + epsilon), from the sums of x - pivot and of its square.
typedef struct norm_moments {
  double mean, variance, inverse;
} norm_moments;

static norm_moments norm_finish(double n, double pivot, double sum, double squares, float epsilon) {
  const double offset = sum / n, spread = squares / n - offset * offset, variance = spread < 0 ? 0 : spread;
  return (norm_moments){pivot + offset, variance, 1 / sqrt(variance + (double)epsilon)};
}

static inline void norm_keep(norm_moments m, float *mean, float *variance, float *inverse) {
  *mean = (float)m.mean;
  *variance = (float)m.variance;
  *inverse = (float)m.inverse;
}

// y = (x - mean) scale + shift along one run, cut off below `floor`, which may be -infinity.
static void affine_run(size_t n, bool stream, const float *x, float mean, norm_cut f, float floor, float *y) {
  const v_t m = v_set1(mean), low = v_set1(floor);
#define AFFINE(LOAD, STORE) STORE(y + i, v_max(low, norm_affine(v_sub(LOAD(x + i), m), f)))
  V_MAP(n, stream, AFFINE);
#undef AFFINE
}

// The same with a mean, a scale and a shift for each column.
static void affine_row(size_t n, const float *x, const float *mean, const float *scales, const float *shift,
                       float floor, float *y) {
  const v_t low = v_set1(floor);
  V_FOR(n, const norm_cut f = ((norm_cut){v_load(scales + i), v_load(shift + i)});
        v_store(y + i, v_max(low, norm_affine(v_sub(v_load(x + i), v_load(mean + i)), f))),
        const norm_cut f = ((norm_cut){v_load_n(scales + i, tail), v_load_n(shift + i, tail)});
        v_store_n(y + i, v_max(low, norm_affine(v_sub(v_load_n(x + i, tail), v_load_n(mean + i, tail)), f)), tail));
}

static inline float norm_floor(bool relu) { return relu ? 0.0f : -INFINITY; }

static void channel_affine(const ck_channels *shape, size_t first, size_t end, const float *x, const float *mean,
                           const float *scales, const float *shift, bool relu, float *y) {
  for (size_t image = 0; image < shape->images; image++) {
    const size_t at = image * shape->channels + first;
    if (shape->area == 1) {
      affine_row(end - first, x + at, mean + first, scales + first, shift + first, norm_floor(relu), y + at);
      continue;
    }
    for (size_t c = first; c < end; c++) {
      const size_t run = (image * shape->channels + c) * shape->area;
      const norm_cut f = {v_set1(scales[c]), v_set1(shift[c])};
      affine_run(shape->area, false, x + run, mean[c], f, norm_floor(relu), y + run);
    }
  }
}

static void batch_norm(const ck_batch_norm_args *a, size_t first, size_t end) {
  const size_t area = a->shape.area, stride = a->shape.channels * area, images = a->shape.images;
  const double n = (double)(images * area);
  if (area > 1) {
    for (size_t c = first; c < end; c++) {
      const float *x = a->x + c * area;
      const norm_sums s = norm_add(images, area, stride, x, *x, NULL, NULL, NULL);
      norm_keep(norm_finish(n, *x, s.first_total, s.second_total, a->epsilon), a->mean + c, a->variance + c,
                a->inverse + c);
      // At once, while the channel is in cache.
      const norm_cut f = {v_set1(a->inverse[c] * a->gamma[c]), v_set1(a->beta[c])};
      for (size_t image = 0; image < images; image++) {
        affine_run(area, a->stream, x + image * stride, a->mean[c], f, norm_floor(a->relu),
                   a->y + c * area + image * stride);
      }
    }
    return;
  }
  for (size_t c = first; c < end; c += V_LANES) {
    const size_t lanes = smaller(end - c, V_LANES);
    const float *x = a->x + c;
    const norm_columns s = norm_add_columns(images, lanes, stride, x, x, NULL, NULL);
    float scales[V_LANES];
    for (size_t l = 0; l < lanes; l++) {
      norm_keep(norm_finish(n, x[l], s.first[l], s.second[l], a->epsilon), a->mean + c + l, a->variance + c + l,
                a->inverse + c + l);
      scales[l] = a->inverse[c + l] * a->gamma[c + l];
    }
    const v_t mean = v_load_up_to(a->mean + c, lanes), floor = v_set1(norm_floor(a->relu));
    const norm_cut f = {v_load_up_to(scales, lanes), v_load_up_to(a->beta + c, lanes)};
    for (size_t at = 0; at < images * stride; at += stride) {
      const v_t distance = v_sub(v_load_up_to(x + at, lanes), mean);
      v_store_up_to(a->y + c + at, v_max(floor, norm_affine(distance, f)), lanes);
    }
  }
}

// dx = dy factor + (x - mean) slope + shift
typedef struct norm_slopes {
  float factor, slope, shift;
} norm_slopes;

// From the sums of g and of g (x - mean) over n elements.
static norm_slopes norm_slopes_of(double n, double sum, double dot, double inverse, double gamma) {
  return (norm_slopes){(float)(gamma * inverse), (float)(-gamma * inverse * inverse * inverse * dot / n),
                       (float)(-gamma * inverse * sum / n)};
}

// dx = dy factor + (x - mean) slope + shift for a vector, dy where the function is above 0 if there is one.
static ALWAYS_INLINE v_t norm_slope(v_t dy, v_t distance, v_t factor, v_t slope, v_t shift, const norm_cut *cut) {
  return v_fma(cut ? norm_pass(dy, distance, *cut) : dy, factor, v_fma(distance, slope, shift));
}

static ALWAYS_INLINE void gradient_run(size_t n, bool stream, const float *dy, const float *x, float mean,
                                       norm_slopes s, const norm_cut *cut, float *dx) {
  const v_t m = v_set1(mean), a = v_set1(s.factor), b = v_set1(s.slope), c = v_set1(s.shift);
#define GRADIENT(LOAD, STORE) STORE(dx + i, norm_slope(LOAD(dy + i), v_sub(LOAD(x + i), m), a, b, c, cut))
  V_MAP(n, stream, GRADIENT);
#undef GRADIENT
}

// One channel of an area above 1.
static ALWAYS_INLINE void channel_gradient(const ck_batch_norm_gradient_args *a, size_t channel, const norm_cut *cut) {
  const size_t area = a->shape.area, stride = a->shape.channels * area, images = a->shape.images;
  const float *x = a->x + channel * area, *dy = a->dy + channel * area;
  const double inverse = (double)a->inverse[channel];
  const norm_sums s = norm_add(images, area, stride, x, a->mean[channel], dy, NULL, cut);
  a->dbeta[channel] = (float)s.first_total;
  a->dgamma[channel] = (float)(s.second_total * inverse);
  if (!a->dx) return;
  const norm_slopes slopes =
      norm_slopes_of((double)(images * area), s.first_total, s.second_total, inverse, (double)a->gamma[channel]);
  for (size_t at = 0; at < images * stride; at += stride) {
    gradient_run(area, a->stream, dy + at, x + at, a->mean[channel], slopes, cut, a->dx + channel * area + at);
  }
}

// Up to a vector of channels of area 1.
static ALWAYS_INLINE void columns_gradient(const ck_batch_norm_gradient_args *a, size_t first, size_t lanes,
                                    const norm_cut *cut) {
  const size_t stride = a->shape.channels, images = a->shape.images;
  const float *x = a->x + first, *dy = a->dy + first;
  const norm_columns s = norm_add_columns(images, lanes, stride, x, a->mean + first, dy, cut);
  float factors[V_LANES], slopes[V_LANES], shifts[V_LANES];
  for (size_t l = 0; l < lanes; l++) {
    const double inverse = (double)a->inverse[first + l];
    a->dbeta[first + l] = (float)s.first[l];
    a->dgamma[first + l] = (float)(s.second[l] * inverse);
    const norm_slopes own =
        norm_slopes_of((double)images, s.first[l], s.second[l], inverse, (double)a->gamma[first + l]);
    factors[l] = own.factor;
    slopes[l] = own.slope;
    shifts[l] = own.shift;
  }
  if (!a->dx) return;
  const v_t mean = v_load_up_to(a->mean + first, lanes), factor = v_load_up_to(factors, lanes);
  const v_t slope = v_load_up_to(slopes, lanes), shift = v_load_up_to(shifts, lanes);
  for (size_t at = 0; at < images * stride; at += stride) {
    const v_t distance = v_sub(v_load_up_to(x + at, lanes), mean);
    const v_t value = norm_slope(v_load_up_to(dy + at, lanes), distance, factor, slope, shift, cut);
    v_store_up_to(a->dx + first + at, value, lanes);
  }
}

static ALWAYS_INLINE void columns_gradient_cut(const ck_batch_norm_gradient_args *a, size_t first, size_t lanes) {
  const v_t scale = v_mul(v_load_up_to(a->inverse + first, lanes), v_load_up_to(a->gamma + first, lanes));
  const norm_cut cut = {scale, v_load_up_to(a->beta + first, lanes)};
  if (a->relu) columns_gradient(a, first, lanes, &cut);
  else columns_gradient(a, first, lanes, NULL);
}

static void batch_norm_gradient(const ck_batch_norm_gradient_args *a, size_t first, size_t end) {
  if (a->shape.area > 1) {
    for (size_t c = first; c < end; c++) {
      const norm_cut cut = {v_set1(a->inverse[c] * a->gamma[c]), v_set1(a->beta[c])};
      if (a->relu) channel_gradient(a, c, &cut);
      else channel_gradient(a, c, NULL);
    }
    return;
  }
  // Whole vectors by code of their own, which need not ask.
  for (size_t c = first; c < end; c += V_LANES) {
    if (end - c >= V_LANES) columns_gradient_cut(a, c, V_LANES);
    else columns_gradient_cut(a, c, end - c);
  }
}

static void layer_norm(size_t rows, size_t columns, float epsilon, const float *x, const float *gamma,
                       const float *beta, float *mean, float *inverse, float *y) {
  for (size_t row = 0; row < rows; row++, x += columns, y += columns) {
    const norm_sums s = norm_add(1, columns, 0, x, *x, NULL, NULL, NULL);
    const norm_moments moments = norm_finish((double)columns, *x, s.first_total, s.second_total, epsilon);
    mean[row] = (float)moments.mean;
    inverse[row] = (float)moments.inverse;
    const v_t m = v_set1(mean[row]), a = v_set1(inverse[row]);
    V_FOR(columns,
          v_store(y + i, v_fma(v_mul(v_sub(v_load(x + i), m), a), v_load(gamma + i), v_load(beta + i))),
          v_store_n(y + i, v_fma(v_mul(v_sub(v_load_n(x + i, tail), m), a), v_load_n(gamma + i, tail),
                                 v_load_n(beta + i, tail)), tail));
  }
}

static void layer_norm_gradient(size_t rows, size_t columns, const float *dy, const float *x, const float *gamma,
                                const float *mean, const float *inverse, float *dx) {
  for (size_t row = 0; row < rows; row++, dy += columns, x += columns, dx += columns) {
    const norm_sums s = norm_add(1, columns, 0, x, mean[row], dy, gamma, NULL);
    const norm_slopes slopes = norm_slopes_of((double)columns, s.first_total, s.second_total, inverse[row], 1);
    const v_t m = v_set1(mean[row]), a = v_set1(slopes.factor), b = v_set1(slopes.slope), c = v_set1(slopes.shift);
    V_FOR(columns,
          v_store(dx + i, v_fma(v_mul(v_load(dy + i), v_load(gamma + i)), a, v_fma(v_sub(v_load(x + i), m), b, c))),
          v_store_n(dx + i, v_fma(v_mul(v_load_n(dy + i, tail), v_load_n(gamma + i, tail)), a,
                                  v_fma(v_sub(v_load_n(x + i, tail), m), b, c)), tail));
  }
}

// Columns first ..< end.
static void layer_norm_sums(size_t rows, size_t columns, size_t first, size_t end, const float *dy, const float *x,
                            const float *mean, const float *inverse, float *dgamma, float *dbeta) {
  for (size_t j = first; j < end; j += V_LANES) {
    const size_t lanes = smaller(end - j, V_LANES);
    v_t dot = v_set1(0.0f), sum = v_set1(0.0f);
    for (size_t i = 0; i < rows; i++) {
      const v_t g = v_load_up_to(dy + i * columns + j, lanes), m = v_set1(mean[i]), a = v_set1(inverse[i]);
      dot = v_fma(g, v_mul(v_sub(v_load_up_to(x + i * columns + j, lanes), m), a), dot);
      sum = v_add(sum, g);
    }
    v_store_up_to(dgamma + j, dot, lanes);
    v_store_up_to(dbeta + j, sum, lanes);
  }
}
