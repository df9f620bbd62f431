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
static ALWAYS_INLINE norm_sums norm_add(size_t runs, size_t n, size_t stride, const float *x, float pivot,
                                        const float *dy,
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

// Moments come from sums of x - pivot and of its square, and the pivot is the first element. Where that lies far from
// the mean, the squares lose the variance, and the sums are taken again around the mean; where squares leave float's
// range, in double.
//
// A mean of many deviations, rounded to float, loses what the deviations are made of. What rounding took, its rest,
// then goes into the shift; gradients find it again.

// Mean, biased variance and 1 / sqrt(variance + epsilon), from the sums of x - pivot and of its square.
typedef struct norm_moments {
  double mean, variance, inverse;
} norm_moments;

static norm_moments norm_finish(double n, double pivot, double sum, double squares, float epsilon) {
  const double offset = sum / n, spread = squares / n - offset * offset, variance = spread < 0 ? 0 : spread;
  return (norm_moments){pivot + offset, variance, 1 / sqrt(variance + (double)epsilon)};
}

// Whether float sums tell the moments: squares in float's range, or far below epsilon, and the pivot within four
// deviations of the mean.
static bool norm_is_trusted(double n, double sum, double squares, float epsilon) {
  const double between = sum * sum / n, added = n * (double)epsilon;
  const bool in_range = squares < 1e37 && (squares > 1e-30 || added > 1e-20);
  return in_range && between <= 16 * (squares - between + added);
}

static norm_moments norm_moments_in_double(size_t runs, size_t n, size_t stride, const float *x, float epsilon) {
  const double count = (double)(runs * n);
  double sum = 0, squares = 0;
  for (size_t run = 0; run < runs; run++) {
    for (size_t i = 0; i < n; i++) sum += x[run * stride + i];
  }
  const double mean = sum / count;
  for (size_t run = 0; run < runs; run++) {
    for (size_t i = 0; i < n; i++) squares += (x[run * stride + i] - mean) * (x[run * stride + i] - mean);
  }
  return norm_finish(count, mean, 0, squares, epsilon);
}

// Of all runs of a channel, or of the one run of a row. Runs of one element, a column, would all meet in one lane.
static norm_moments norm_moments_of(size_t runs, size_t n, size_t stride, const float *x, float epsilon) {
  if (n == 1) return norm_moments_in_double(runs, n, stride, x, epsilon);
  const double count = (double)(runs * n);
  float pivot = *x;
  for (int attempt = 0; attempt < 2; attempt++) {
    const norm_sums s = norm_add(runs, n, stride, x, pivot, NULL, NULL, NULL);
    if (norm_is_trusted(count, s.first_total, s.second_total, epsilon)) {
      return norm_finish(count, pivot, s.first_total, s.second_total, epsilon);
    }
    pivot += (float)(s.first_total / count);
    if (!(fabsf(pivot) <= FLT_MAX)) break;
  }
  return norm_moments_in_double(runs, n, stride, x, epsilon);
}

// As floats. A finite variance stays finite.
static inline void norm_store(norm_moments m, float *mean, float *variance, float *inverse) {
  *mean = (float)m.mean;
  *variance = m.variance > (double)FLT_MAX ? FLT_MAX : (float)m.variance;
  *inverse = (float)m.inverse;
}

// Whether the mean's rounding is worth a thought: it is more than a few deviations.
static inline bool norm_has_rest(float mean, float inverse) { return fabsf(mean) * inverse > 8.0f; }

static inline float norm_rest(norm_moments m, float mean, float inverse) {
  return norm_has_rest(mean, inverse) ? (float)(m.mean - (double)mean) : 0.0f;
}

// The rest that a forward pass found, or 0 where the mean is not that of x.
static float norm_rest_again(size_t runs, size_t n, size_t stride, const float *x, float mean, float inverse) {
  if (!norm_has_rest(mean, inverse)) return 0;
  const float rest = norm_rest(norm_moments_of(runs, n, stride, x, 0), mean, inverse);
  return fabsf(rest) <= FLT_EPSILON * fabsf(mean) ? rest : 0.0f;
}

// Whether differences from the mean, or powers of the deviation, leave float's range: such channels go in double.
static inline bool norm_is_extreme(float mean, float inverse) {
  return inverse < 1e-12f || inverse > 1e12f || fabsf(mean) > 1e37f;
}

// The function of one channel.
static inline norm_cut norm_cut_of(float inverse, float gamma, float beta, float rest) {
  const float scale = inverse * gamma;
  return (norm_cut){v_set1(scale), v_set1(rest == 0 ? beta : beta - rest * scale)};
}

// y = (x - mean) inverse gamma + beta in double, for a channel's runs of n elements.
static void norm_affine_in_double(size_t runs, size_t n, size_t stride, const float *x, double mean, float inverse,
                                  float gamma, float beta, float floor, float *y) {
  const double scale = (double)inverse * (double)gamma;
  for (size_t run = 0; run < runs; run++) {
    for (size_t at = run * stride; at < run * stride + n; at++) {
      const double value = (x[at] - mean) * scale + (double)beta;
      y[at] = value < (double)floor ? floor : (float)value;
    }
  }
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
      const norm_moments m = norm_moments_of(images, area, stride, x, a->epsilon);
      norm_store(m, a->mean + c, a->variance + c, a->inverse + c);
      if (norm_is_extreme(a->mean[c], a->inverse[c])) {
        norm_affine_in_double(images, area, stride, x, m.mean, a->inverse[c], a->gamma[c], a->beta[c],
                              norm_floor(a->relu), a->y + c * area);
        continue;
      }
      // At once, while the channel is in cache.
      const norm_cut f =
          norm_cut_of(a->inverse[c], a->gamma[c], a->beta[c], norm_rest(m, a->mean[c], a->inverse[c]));
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
    float scales[V_LANES], shifts[V_LANES];
    double means[V_LANES];
    bool extreme = false;
    for (size_t l = 0; l < lanes; l++) {
      float *const mean = a->mean + c + l, *const inverse = a->inverse + c + l;
      const norm_moments m = norm_is_trusted(n, s.first[l], s.second[l], a->epsilon)
                                 ? norm_finish(n, x[l], s.first[l], s.second[l], a->epsilon)
                                 : norm_moments_of(images, 1, stride, x + l, a->epsilon);
      norm_store(m, mean, a->variance + c + l, inverse);
      extreme |= norm_is_extreme(*mean, *inverse);
      means[l] = m.mean;
      const float rest = norm_rest(m, *mean, *inverse), beta = a->beta[c + l];
      scales[l] = *inverse * a->gamma[c + l];
      shifts[l] = rest == 0 ? beta : beta - rest * scales[l];
    }
    if (extreme) {
      for (size_t l = c; l < c + lanes; l++) {
        norm_affine_in_double(images, 1, stride, a->x + l, means[l - c], a->inverse[l], a->gamma[l], a->beta[l],
                              norm_floor(a->relu), a->y + l);
      }
      continue;
    }
    const v_t mean = v_load_up_to(a->mean + c, lanes), floor = v_set1(norm_floor(a->relu));
    const norm_cut f = {v_load_up_to(scales, lanes), v_load_up_to(shifts, lanes)};
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

// From the sums of g and of g (x - mean) over n elements. Slopes are of the distance from a float, which the mean
// exceeds by `rest`.
static norm_slopes norm_slopes_of(double n, double sum, double dot, double inverse, double gamma, float rest) {
  const double slope = -gamma * inverse * inverse * inverse * dot / n, shift = -gamma * inverse * sum / n;
  return (norm_slopes){(float)(gamma * inverse), (float)slope, (float)(shift - (double)rest * slope)};
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

// Gradients in double, where floats would leave their range: g is dy, times gamma[i] in a row, where the function
// scale xh + shift is above 0 if `relu`, and xh = (x - mean) inverse.
typedef struct norm_in_double {
  size_t runs, n, stride;
  const float *dy, *x, *gamma;  // gamma NULL in a channel, whose gamma is `scale`; a row's scale is 1
  bool relu;
  double mean, inverse, scale, shift;
} norm_in_double;

static double norm_g_in_double(const norm_in_double *d, size_t run, size_t i, double *xh) {
  const size_t at = run * d->stride + i;
  *xh = (d->x[at] - d->mean) * d->inverse;
  if (d->relu && !(*xh * d->scale + d->shift > 0)) return 0;
  return d->gamma ? (double)d->dy[at] * (double)d->gamma[i] : (double)d->dy[at];
}

// The sums of g and of g xh, and unless it is NULL dx = scale inverse (g - sum / n - xh dot / n).
static void norm_gradient_in_double(const norm_in_double *d, double *sum, double *dot, float *dx) {
  const double count = (double)(d->runs * d->n);
  double xh;
  *sum = *dot = 0;
  for (size_t run = 0; run < d->runs; run++) {
    for (size_t i = 0; i < d->n; i++) {
      const double g = norm_g_in_double(d, run, i, &xh);
      *sum += g;
      *dot += g * xh;
    }
  }
  for (size_t run = 0; run < d->runs && dx; run++) {
    for (size_t i = 0; i < d->n; i++) {
      const double g = norm_g_in_double(d, run, i, &xh);
      dx[run * d->stride + i] = (float)(d->scale * d->inverse * (g - *sum / count - xh * *dot / count));
    }
  }
}

static void channel_gradient_in_double(const ck_batch_norm_gradient_args *a, size_t channel, float rest) {
  const size_t area = a->shape.area, at = channel * area;
  const norm_in_double d = {.runs = a->shape.images, .n = area, .stride = a->shape.channels * area, .dy = a->dy + at,
                            .x = a->x + at, .relu = a->relu, .mean = (double)a->mean[channel] + (double)rest,
                            .inverse = a->inverse[channel], .scale = a->gamma[channel], .shift = a->beta[channel]};
  double sum, dot;
  norm_gradient_in_double(&d, &sum, &dot, a->dx ? a->dx + at : NULL);
  a->dbeta[channel] = (float)sum;
  a->dgamma[channel] = (float)dot;
}

static bool norm_sums_are_finite(double sum, double dot) {
  return fabs(sum) <= (double)FLT_MAX && fabs(dot) <= (double)FLT_MAX;
}

// One channel of an area above 1.
static ALWAYS_INLINE void channel_gradient(const ck_batch_norm_gradient_args *a, size_t channel, float rest,
                                           const norm_cut *cut) {
  const size_t area = a->shape.area, stride = a->shape.channels * area, images = a->shape.images;
  const float *x = a->x + channel * area, *dy = a->dy + channel * area;
  const double inverse = (double)a->inverse[channel];
  const norm_sums s = norm_add(images, area, stride, x, a->mean[channel], dy, NULL, cut);
  const double sum = s.first_total, dot = s.second_total - (double)rest * sum;
  if (!norm_sums_are_finite(sum, dot)) {
    channel_gradient_in_double(a, channel, rest);
    return;
  }
  a->dbeta[channel] = (float)sum;
  a->dgamma[channel] = (float)(dot * inverse);
  if (!a->dx) return;
  const norm_slopes slopes =
      norm_slopes_of((double)(images * area), sum, dot, inverse, (double)a->gamma[channel], rest);
  for (size_t at = 0; at < images * stride; at += stride) {
    gradient_run(area, a->stream, dy + at, x + at, a->mean[channel], slopes, cut, a->dx + channel * area + at);
  }
}

// Up to a vector of channels of area 1.
static ALWAYS_INLINE void columns_gradient(const ck_batch_norm_gradient_args *a, size_t first, size_t lanes,
                                           const float *rests, const norm_cut *cut) {
  const size_t stride = a->shape.channels, images = a->shape.images;
  const float *x = a->x + first, *dy = a->dy + first;
  const norm_columns s = norm_add_columns(images, lanes, stride, x, a->mean + first, dy, cut);
  float factors[V_LANES], slopes[V_LANES], shifts[V_LANES];
  for (size_t l = 0; l < lanes; l++) {
    const double inverse = (double)a->inverse[first + l], sum = s.first[l], dot = s.second[l] - (double)rests[l] * sum;
    if (!norm_sums_are_finite(sum, dot)) {
      for (l = 0; l < lanes; l++) channel_gradient_in_double(a, first + l, rests[l]);
      return;
    }
    a->dbeta[first + l] = (float)sum;
    a->dgamma[first + l] = (float)(dot * inverse);
    const norm_slopes own = norm_slopes_of((double)images, sum, dot, inverse, (double)a->gamma[first + l], rests[l]);
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
  float rests[V_LANES], scales[V_LANES], cuts[V_LANES];
  bool extreme = false;
  for (size_t l = 0; l < lanes; l++) {
    const float mean = a->mean[first + l], inverse = a->inverse[first + l], beta = a->beta[first + l];
    rests[l] = norm_rest_again(a->shape.images, 1, a->shape.channels, a->x + first + l, mean, inverse);
    extreme |= norm_is_extreme(mean, inverse);
    scales[l] = inverse * a->gamma[first + l];
    cuts[l] = rests[l] == 0 ? beta : beta - rests[l] * scales[l];
  }
  if (extreme) {
    for (size_t l = 0; l < lanes; l++) channel_gradient_in_double(a, first + l, rests[l]);
    return;
  }
  const norm_cut cut = {v_load_up_to(scales, lanes), v_load_up_to(cuts, lanes)};
  if (a->relu) columns_gradient(a, first, lanes, rests, &cut);
  else columns_gradient(a, first, lanes, rests, NULL);
}

static void batch_norm_gradient(const ck_batch_norm_gradient_args *a, size_t first, size_t end) {
  if (a->shape.area > 1) {
    for (size_t c = first; c < end; c++) {
      const float rest =
          norm_rest_again(a->shape.images, a->shape.area, a->shape.channels * a->shape.area, a->x + c * a->shape.area,
                          a->mean[c], a->inverse[c]);
      const norm_cut cut = norm_cut_of(a->inverse[c], a->gamma[c], a->beta[c], rest);
      if (norm_is_extreme(a->mean[c], a->inverse[c])) channel_gradient_in_double(a, c, rest);
      else if (a->relu) channel_gradient(a, c, rest, &cut);
      else channel_gradient(a, c, rest, NULL);
    }
    return;
  }
  // Whole vectors by code of their own, which need not ask.
  for (size_t c = first; c < end; c += V_LANES) {
    if (end - c >= V_LANES) columns_gradient_cut(a, c, V_LANES);
    else columns_gradient_cut(a, c, end - c);
  }
}

static void layer_norm_in_double(size_t n, const float *x, double mean, float inverse, const float *gamma,
                                 const float *beta, float *y) {
  for (size_t i = 0; i < n; i++) {
    y[i] = (float)((x[i] - mean) * (double)inverse * (double)gamma[i] + (double)beta[i]);
  }
}

static void layer_norm(size_t rows, size_t columns, float epsilon, const float *x, const float *gamma,
                       const float *beta, float *mean, float *inverse, float *y) {
  for (size_t row = 0; row < rows; row++, x += columns, y += columns) {
    const norm_moments moments = norm_moments_of(1, columns, 0, x, epsilon);
    mean[row] = (float)moments.mean;
    inverse[row] = (float)moments.inverse;
    if (norm_is_extreme(mean[row], inverse[row])) {
      layer_norm_in_double(columns, x, moments.mean, inverse[row], gamma, beta, y);
      continue;
    }
    const float rest = norm_rest(moments, mean[row], inverse[row]);
    const v_t m = v_set1(mean[row]), r = v_set1(rest), a = v_set1(inverse[row]);
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

static void layer_norm_gradient(size_t rows, size_t columns, const float *dy, const float *x, const float *gamma,
                                const float *mean, const float *inverse, float *dx) {
  for (size_t row = 0; row < rows; row++, dy += columns, x += columns, dx += columns) {
    const float rest = norm_rest_again(1, columns, 0, x, mean[row], inverse[row]);
    const norm_sums s = norm_add(1, columns, 0, x, mean[row], dy, gamma, NULL);
    const double sum = s.first_total, dot = s.second_total - (double)rest * sum;
    if (norm_is_extreme(mean[row], inverse[row]) || !norm_sums_are_finite(sum, dot)) {
      const norm_in_double d = {.runs = 1, .n = columns, .dy = dy, .x = x, .gamma = gamma,
                                .mean = (double)mean[row] + (double)rest, .inverse = inverse[row], .scale = 1};
      double exact_sum, exact_dot;
      norm_gradient_in_double(&d, &exact_sum, &exact_dot, dx);
      continue;
    }
    const norm_slopes slopes = norm_slopes_of((double)columns, sum, dot, inverse[row], 1, rest);
    const v_t m = v_set1(mean[row]), a = v_set1(slopes.factor), b = v_set1(slopes.slope), c = v_set1(slopes.shift);
    V_FOR(columns,
          v_store(dx + i, v_fma(v_mul(v_load(dy + i), v_load(gamma + i)), a, v_fma(v_sub(v_load(x + i), m), b, c))),
          v_store_n(dx + i, v_fma(v_mul(v_load_n(dy + i, tail), v_load_n(gamma + i, tail)), a,
                                  v_fma(v_sub(v_load_n(x + i, tail), m), b, c)), tail));
  }
}

// The sums of dy xh and of dy over at most NORM_ROWS rows, for up to a vector of columns, added to those so far. `rests`
// may be NULL.
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
static void layer_norm_sums(size_t rows, size_t columns, size_t first, size_t end, const float *dy, const float *x,
                            const float *mean, const float *inverse, float *dgamma, float *dbeta) {
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
      dgamma[j] = (float)*dot;
      dbeta[j] = (float)*sum;
    }
  }
}
