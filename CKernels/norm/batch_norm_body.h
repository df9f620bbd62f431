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
