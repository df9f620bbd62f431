// Normalization by channel, forward.

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
static void affine_run(size_t n, bool stream, const float *x, float mean, norm_cut f, float floor, float *y,
                       norm_ahead ahead) {
  const v_t m = v_set1(mean), low = v_set1(floor);
#define AFFINE(LOAD, STORE) STORE(y + i, v_max(low, norm_affine(v_sub(LOAD(x + i), m), f)))
  NORM_MAP(n, stream, y, ahead, AFFINE);
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

static void channel_affine(const void *task, size_t first, size_t end) {
  const ck_channel_affine_task *const t = task;
  const size_t channels = t->shape.channels, area = t->shape.area;
  const float floor = norm_floor(t->relu);
  for (size_t image = 0; image < t->shape.images; image++) {
    const size_t at = image * channels + first;
    if (area == 1) {
      affine_row(end - first, t->x + at, t->mean + first, t->scale + first, t->shift + first, floor, t->y + at);
      continue;
    }
    for (size_t c = first; c < end; c++) {
      const size_t run = (image * channels + c) * area;
      const norm_cut f = {v_set1(t->scale[c]), v_set1(t->shift[c])};
      affine_run(area, false, t->x + run, t->mean[c], f, floor, t->y + run, (norm_ahead){0});
    }
  }
}

// Channels first ..< end of an area above 1.
static void batch_norm_channels(const ck_batch_norm_task *t, size_t first, size_t end) {
  const size_t area = t->shape.area, stride = t->shape.channels * area, images = t->shape.images;
  const norm_ahead ahead = norm_ahead_of(images, area, stride);
  for (size_t c = first; c < end; c++) {
    const float *x = t->x + c * area;
    const norm_moments m = norm_moments_of(images, area, stride, x, t->epsilon);
    norm_store(m, t->mean + c, t->variance + c, t->inverse + c);
    if (norm_is_extreme(t->mean[c], t->inverse[c])) {
      norm_affine_in_double(images, area, stride, x, m.mean, t->inverse[c], t->gamma[c], t->beta[c],
                            norm_floor(t->relu), t->y + c * area);
      continue;
    }
    // At once, while the channel is in cache.
    const norm_cut f = norm_cut_of(t->inverse[c], t->gamma[c], t->beta[c], norm_rest(m, t->mean[c], t->inverse[c]));
    for (size_t at = 0; at < images * stride; at += stride) {
      affine_run(area, t->stream, x + at, t->mean[c], f, norm_floor(t->relu), t->y + c * area + at, ahead);
    }
  }
  if (t->stream) v_stream_end();
}

// Up to a vector of channels of area 1.
static void batch_norm_columns(const ck_batch_norm_task *t, size_t first, size_t lanes) {
  const size_t channels = t->shape.channels, images = t->shape.images;
  const float *const x = t->x + first;
  const norm_columns s = norm_add_columns(images, lanes, channels, x, x, NULL, NULL);
  float scales[V_LANES], shifts[V_LANES];
  double means[V_LANES];
  bool extreme = false;
  for (size_t l = 0; l < lanes; l++) {
    float *const mean = t->mean + first + l, *const inverse = t->inverse + first + l;
    const double n = (double)images;
    const norm_moments m = norm_is_trusted(n, s.first[l], s.second[l], t->epsilon)
                               ? norm_finish(n, x[l], s.first[l], s.second[l], t->epsilon)
                               : norm_moments_of(images, 1, channels, x + l, t->epsilon);
    norm_store(m, mean, t->variance + first + l, inverse);
    extreme |= norm_is_extreme(*mean, *inverse);
    means[l] = m.mean;
    const float rest = norm_rest(m, *mean, *inverse), beta = t->beta[first + l];
    scales[l] = *inverse * t->gamma[first + l];
    shifts[l] = rest == 0 ? beta : beta - rest * scales[l];
  }
  if (extreme) {
    for (size_t l = 0; l < lanes; l++) {
      const size_t c = first + l;
      norm_affine_in_double(images, 1, channels, t->x + c, means[l], t->inverse[c], t->gamma[c], t->beta[c],
                            norm_floor(t->relu), t->y + c);
    }
    return;
  }
  const v_t mean = v_load_up_to(t->mean + first, lanes), floor = v_set1(norm_floor(t->relu));
  const norm_cut f = {v_load_up_to(scales, lanes), v_load_up_to(shifts, lanes)};
  for (size_t at = 0; at < images * channels; at += channels) {
    const v_t distance = v_sub(v_load_up_to(x + at, lanes), mean);
    v_store_up_to(t->y + first + at, v_max(floor, norm_affine(distance, f)), lanes);
  }
}

static void batch_norm(const void *task, size_t first, size_t end) {
  const ck_batch_norm_task *const t = task;
  if (t->shape.area > 1) {
    batch_norm_channels(t, first, end);
    return;
  }
  for (size_t c = first; c < end; c += V_LANES) batch_norm_columns(t, c, smaller(end - c, V_LANES));
}
