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

static void batch_norm(const void *task, size_t first, size_t end) {
  const ck_batch_norm_task *const t = task;
  const size_t area = t->shape.area, stride = t->shape.channels * area, images = t->shape.images;
  const double n = (double)(images * area);
  if (area > 1) {
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
      const norm_cut f =
          norm_cut_of(t->inverse[c], t->gamma[c], t->beta[c], norm_rest(m, t->mean[c], t->inverse[c]));
      const norm_ahead ahead = norm_ahead_of(images, area, stride);
      for (size_t image = 0; image < images; image++) {
        affine_run(area, t->stream, x + image * stride, t->mean[c], f, norm_floor(t->relu),
                   t->y + c * area + image * stride, ahead);
      }
    }
    if (t->stream) v_stream_end();
    return;
  }
  for (size_t c = first; c < end; c += V_LANES) {
    const size_t lanes = smaller(end - c, V_LANES);
    const float *x = t->x + c;
    const norm_columns s = norm_add_columns(images, lanes, stride, x, x, NULL, NULL);
    float scales[V_LANES], shifts[V_LANES];
    double means[V_LANES];
    bool extreme = false;
    for (size_t l = 0; l < lanes; l++) {
      float *const mean = t->mean + c + l, *const inverse = t->inverse + c + l;
      const norm_moments m = norm_is_trusted(n, s.first[l], s.second[l], t->epsilon)
                                 ? norm_finish(n, x[l], s.first[l], s.second[l], t->epsilon)
                                 : norm_moments_of(images, 1, stride, x + l, t->epsilon);
      norm_store(m, mean, t->variance + c + l, inverse);
      extreme |= norm_is_extreme(*mean, *inverse);
      means[l] = m.mean;
      const float rest = norm_rest(m, *mean, *inverse), beta = t->beta[c + l];
      scales[l] = *inverse * t->gamma[c + l];
      shifts[l] = rest == 0 ? beta : beta - rest * scales[l];
    }
    if (extreme) {
      for (size_t l = c; l < c + lanes; l++) {
        norm_affine_in_double(images, 1, stride, t->x + l, means[l - c], t->inverse[l], t->gamma[l], t->beta[l],
                              norm_floor(t->relu), t->y + l);
      }
      continue;
    }
    const v_t mean = v_load_up_to(t->mean + c, lanes), floor = v_set1(norm_floor(t->relu));
    const norm_cut f = {v_load_up_to(scales, lanes), v_load_up_to(shifts, lanes)};
    for (size_t at = 0; at < images * stride; at += stride) {
      const v_t distance = v_sub(v_load_up_to(x + at, lanes), mean);
      v_store_up_to(t->y + c + at, v_max(floor, norm_affine(distance, f)), lanes);
    }
  }
}
