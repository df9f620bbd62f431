// Gradients of the normalization by channel.

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
                                       norm_slopes s, const norm_cut *cut, float *dx, norm_ahead ahead) {
  const v_t m = v_set1(mean), a = v_set1(s.factor), b = v_set1(s.slope), c = v_set1(s.shift);
#define GRADIENT(LOAD, STORE) STORE(dx + i, norm_slope(LOAD(dy + i), v_sub(LOAD(x + i), m), a, b, c, cut))
  NORM_MAP(n, stream, dx, ahead, GRADIENT);
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

static void channel_gradient_in_double(const ck_batch_norm_gradient_task *t, size_t channel, float rest) {
  const size_t area = t->shape.area, at = channel * area;
  const norm_in_double d = {.runs = t->shape.images, .n = area, .stride = t->shape.channels * area, .dy = t->dy + at,
                            .x = t->x + at, .relu = t->relu, .mean = (double)t->mean[channel] + (double)rest,
                            .inverse = t->inverse[channel], .scale = t->gamma[channel], .shift = t->beta[channel]};
  double sum, dot;
  norm_gradient_in_double(&d, &sum, &dot, t->dx ? t->dx + at : NULL);
  t->dbeta[channel] = (float)sum;
  t->dgamma[channel] = (float)dot;
}

static bool norm_sums_are_finite(double sum, double dot) {
  return fabs(sum) <= (double)FLT_MAX && fabs(dot) <= (double)FLT_MAX;
}

// One channel of an area above 1.
static ALWAYS_INLINE void channel_gradient(const ck_batch_norm_gradient_task *t, size_t channel, float rest,
                                           const norm_cut *cut) {
  const size_t area = t->shape.area, stride = t->shape.channels * area, images = t->shape.images;
  const float *x = t->x + channel * area, *dy = t->dy + channel * area;
  const double inverse = (double)t->inverse[channel];
  const norm_sums s = norm_add(images, area, stride, x, t->mean[channel], dy, NULL, cut);
  const double sum = s.first_total, dot = s.second_total - (double)rest * sum;
  if (!norm_sums_are_finite(sum, dot)) {
    channel_gradient_in_double(t, channel, rest);
    return;
  }
  t->dbeta[channel] = (float)sum;
  t->dgamma[channel] = (float)(dot * inverse);
  if (!t->dx) return;
  const norm_slopes slopes =
      norm_slopes_of((double)(images * area), sum, dot, inverse, (double)t->gamma[channel], rest);
  const norm_ahead ahead = norm_ahead_of(images, area, stride);
  for (size_t at = 0; at < images * stride; at += stride) {
    gradient_run(area, t->stream, dy + at, x + at, t->mean[channel], slopes, cut, t->dx + channel * area + at, ahead);
  }
}

// Up to a vector of channels of area 1.
static ALWAYS_INLINE void columns_gradient(const ck_batch_norm_gradient_task *t, size_t first, size_t lanes,
                                           const float *rests, const norm_cut *cut) {
  const size_t stride = t->shape.channels, images = t->shape.images;
  const float *x = t->x + first, *dy = t->dy + first;
  const norm_columns s = norm_add_columns(images, lanes, stride, x, t->mean + first, dy, cut);
  float factors[V_LANES], slopes[V_LANES], shifts[V_LANES];
  for (size_t l = 0; l < lanes; l++) {
    const double inverse = (double)t->inverse[first + l], sum = s.first[l], dot = s.second[l] - (double)rests[l] * sum;
    if (!norm_sums_are_finite(sum, dot)) {
      for (l = 0; l < lanes; l++) channel_gradient_in_double(t, first + l, rests[l]);
      return;
    }
    t->dbeta[first + l] = (float)sum;
    t->dgamma[first + l] = (float)(dot * inverse);
    const norm_slopes own = norm_slopes_of((double)images, sum, dot, inverse, (double)t->gamma[first + l], rests[l]);
    factors[l] = own.factor;
    slopes[l] = own.slope;
    shifts[l] = own.shift;
  }
  if (!t->dx) return;
  const v_t mean = v_load_up_to(t->mean + first, lanes), factor = v_load_up_to(factors, lanes);
  const v_t slope = v_load_up_to(slopes, lanes), shift = v_load_up_to(shifts, lanes);
  for (size_t at = 0; at < images * stride; at += stride) {
    const v_t distance = v_sub(v_load_up_to(x + at, lanes), mean);
    const v_t value = norm_slope(v_load_up_to(dy + at, lanes), distance, factor, slope, shift, cut);
    v_store_up_to(t->dx + first + at, value, lanes);
  }
}

static ALWAYS_INLINE void columns_gradient_cut(const ck_batch_norm_gradient_task *t, size_t first, size_t lanes) {
  float rests[V_LANES], scales[V_LANES], cuts[V_LANES];
  bool extreme = false;
  for (size_t l = 0; l < lanes; l++) {
    const float mean = t->mean[first + l], inverse = t->inverse[first + l], beta = t->beta[first + l];
    rests[l] = norm_rest_again(t->shape.images, 1, t->shape.channels, t->x + first + l, mean, inverse);
    extreme |= norm_is_extreme(mean, inverse);
    scales[l] = inverse * t->gamma[first + l];
    cuts[l] = rests[l] == 0 ? beta : beta - rests[l] * scales[l];
  }
  if (extreme) {
    for (size_t l = 0; l < lanes; l++) channel_gradient_in_double(t, first + l, rests[l]);
    return;
  }
  const norm_cut cut = {v_load_up_to(scales, lanes), v_load_up_to(cuts, lanes)};
  if (t->relu) columns_gradient(t, first, lanes, rests, &cut);
  else columns_gradient(t, first, lanes, rests, NULL);
}

static void batch_norm_gradient(const void *task, size_t first, size_t end) {
  const ck_batch_norm_gradient_task *const t = task;
  if (t->shape.area > 1) {
    for (size_t c = first; c < end; c++) {
      const float rest =
          norm_rest_again(t->shape.images, t->shape.area, t->shape.channels * t->shape.area, t->x + c * t->shape.area,
                          t->mean[c], t->inverse[c]);
      const norm_cut cut = norm_cut_of(t->inverse[c], t->gamma[c], t->beta[c], rest);
      if (norm_is_extreme(t->mean[c], t->inverse[c])) channel_gradient_in_double(t, c, rest);
      else if (t->relu) channel_gradient(t, c, rest, &cut);
      else channel_gradient(t, c, rest, NULL);
    }
    if (t->stream) v_stream_end();
    return;
  }
  // Whole vectors by code of their own, which need not ask.
  for (size_t c = first; c < end; c += V_LANES) {
    if (end - c >= V_LANES) columns_gradient_cut(t, c, V_LANES);
    else columns_gradient_cut(t, c, end - c);
  }
}
