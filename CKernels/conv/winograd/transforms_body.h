// The transforms of Winograd's minimal filtering F(4x4, 3x3): 16 outputs of a 3x3 kernel from 36 products per channel
// instead of 144 (Winograd 1980; Lavin and Gray, CVPR 2016).
//
// Along one axis a tile of six inputs d, three taps g and four outputs y are polynomials; they are evaluated at the
// points 0, a, -a, b, -b and infinity, multiplied there, and interpolated:
//   y = A' ((G g) * (B' d))
//   rows of B': what vanishes at all other points; of G: 1 p p^2 over the product of p's distances to the others;
//   columns of A': 1 p p^2 p^3
// in both axes. The transposes of the same three carry gradients. Points +-3/4 and +-3/2 halve the error of the usual
// +-1 and +-2, and all that B' and A' multiply by is exact in binary.
//
// Vectors are channels or filters, so every step is the same for all lanes. The 36 results of a tile go to, or come
// from, as many matrices, `frequency_stride` apart.

#define POINT_A 0.75f
#define POINT_B 1.5f
#define POINT_A2 (POINT_A * POINT_A)
#define POINT_B2 (POINT_B * POINT_B)
// 1 / the product of a point's distances to the other finite ones.
#define WEIGHT_0 (1.0f / (POINT_A2 * POINT_B2))
#define WEIGHT_A (1.0f / (2.0f * POINT_A2 * (POINT_A2 - POINT_B2)))
#define WEIGHT_B (1.0f / (2.0f * POINT_B2 * (POINT_B2 - POINT_A2)))

// out = B' d
static ALWAYS_INLINE void winograd_evaluate_inputs(const v_t *d, v_t *out) {
  const v_t a2 = v_set1(POINT_A2), b2 = v_set1(POINT_B2), sum = v_set1(POINT_A2 + POINT_B2);
  const v_t product = v_set1(POINT_A2 * POINT_B2), a = v_set1(POINT_A), b = v_set1(POINT_B);
  const v_t even_a = v_fnma(b2, d[2], d[4]), odd_a = v_fnma(b2, d[1], d[3]);
  const v_t even_b = v_fnma(a2, d[2], d[4]), odd_b = v_fnma(a2, d[1], d[3]);
  out[0] = v_fma(product, d[0], v_fnma(sum, d[2], d[4]));
  out[1] = v_fma(a, odd_a, even_a);
  out[2] = v_fnma(a, odd_a, even_a);
  out[3] = v_fma(b, odd_b, even_b);
  out[4] = v_fnma(b, odd_b, even_b);
  out[5] = v_fma(product, d[1], v_fnma(sum, d[3], d[5]));
}

// out = G g
static ALWAYS_INLINE void winograd_evaluate_taps(const v_t *g, v_t *out) {
  const v_t even_a = v_mul(v_set1(WEIGHT_A), v_fma(v_set1(POINT_A2), g[2], g[0]));
  const v_t even_b = v_mul(v_set1(WEIGHT_B), v_fma(v_set1(POINT_B2), g[2], g[0]));
  const v_t odd_a = v_set1(WEIGHT_A * POINT_A), odd_b = v_set1(WEIGHT_B * POINT_B);
  out[0] = v_mul(v_set1(WEIGHT_0), g[0]);
  out[1] = v_fma(odd_a, g[1], even_a);
  out[2] = v_fnma(odd_a, g[1], even_a);
  out[3] = v_fma(odd_b, g[1], even_b);
  out[4] = v_fnma(odd_b, g[1], even_b);
  out[5] = g[2];
}

// out = A y: the transpose of interpolation.
static ALWAYS_INLINE void winograd_evaluate_gradients(const v_t *y, v_t *out) {
  const v_t a2 = v_set1(POINT_A2), b2 = v_set1(POINT_B2), a = v_set1(POINT_A), b = v_set1(POINT_B);
  const v_t even_a = v_fma(a2, y[2], y[0]), odd_a = v_fma(a2, y[3], y[1]);
  const v_t even_b = v_fma(b2, y[2], y[0]), odd_b = v_fma(b2, y[3], y[1]);
  out[0] = y[0];
  out[1] = v_fma(a, odd_a, even_a);
  out[2] = v_fnma(a, odd_a, even_a);
  out[3] = v_fma(b, odd_b, even_b);
  out[4] = v_fnma(b, odd_b, even_b);
  out[5] = y[3];
}

// out = A' m
static ALWAYS_INLINE void winograd_interpolate_outputs(const v_t *m, v_t *out) {
  const v_t sum_a = v_add(m[1], m[2]), sum_b = v_add(m[3], m[4]);
  const v_t odd_a = v_sub(m[1], m[2]), odd_b = v_sub(m[3], m[4]);
  out[0] = v_add(m[0], v_add(sum_a, sum_b));
  out[1] = v_fma(v_set1(POINT_A), odd_a, v_mul(v_set1(POINT_B), odd_b));
  out[2] = v_fma(v_set1(POINT_A2), sum_a, v_mul(v_set1(POINT_B2), sum_b));
  out[3] = v_fma(v_set1(POINT_A * POINT_A2), odd_a, v_fma(v_set1(POINT_B * POINT_B2), odd_b, m[5]));
}

// out = G' m: the transpose of evaluating taps.
static ALWAYS_INLINE void winograd_interpolate_taps(const v_t *m, v_t *out) {
  const v_t sum_a = v_add(m[1], m[2]), sum_b = v_add(m[3], m[4]);
  const v_t odd_a = v_sub(m[1], m[2]), odd_b = v_sub(m[3], m[4]);
  out[0] = v_fma(v_set1(WEIGHT_0), m[0], v_fma(v_set1(WEIGHT_A), sum_a, v_mul(v_set1(WEIGHT_B), sum_b)));
  out[1] = v_fma(v_set1(WEIGHT_A * POINT_A), odd_a, v_mul(v_set1(WEIGHT_B * POINT_B), odd_b));
  out[2] = v_fma(v_set1(WEIGHT_A * POINT_A2), sum_a, v_fma(v_set1(WEIGHT_B * POINT_B2), sum_b, m[5]));
}

// out = ALONG in ALONG', of `from` x `from` and `to` x `to` vectors, plus `shift` if there is one: columns first, then
// rows. Rows and columns of either lie so many floats apart.
//
// Where there are six rows of results they are made two at a time, those that share terms: all that is between columns
// and rows would be more than there are registers, and storing it takes longer than reading a column again. What two
// rows do not need of it, the compiler leaves out.
static ALWAYS_INLINE void winograd_transform(const size_t from, const size_t to, void (*along)(const v_t *, v_t *),
                                             const float *in, ptrdiff_t in_row, ptrdiff_t in_column, const v_t *shift,
                                             float *out, size_t out_row, size_t out_column) {
  static const size_t pairs[6] = {1, 2, 3, 4, 0, 5};
  const size_t at_once = to == 6 ? 2 : to;
  v_t half[6][6], line[6], image[6];
  UNROLL for (size_t first = 0; first < to; first += at_once) {
    UNROLL for (size_t j = 0; j < from; j++) {
      UNROLL for (size_t i = 0; i < from; i++) line[i] = v_load(in + (ptrdiff_t)i * in_row + (ptrdiff_t)j * in_column);
      along(line, image);
      UNROLL for (size_t k = first; k < first + at_once; k++) half[k][j] = image[to == 6 ? pairs[k] : k];
    }
    UNROLL for (size_t k = first; k < first + at_once; k++) {
      float *const row = out + (to == 6 ? pairs[k] : k) * out_row;
      along(half[k], image);
      UNROLL for (size_t j = 0; j < to; j++) {
        v_store(row + j * out_column, shift ? v_add(image[j], *shift) : image[j]);
      }
    }
  }
}

// A row of tiles of `side` x `side` pixels.
static ALWAYS_INLINE void winograd_sources(const size_t side, void (*along)(const v_t *, v_t *),
                                           const ck_winograd_tiles *t) {
  const size_t row = t->pitch * V_LANES, frequency = t->frequency_stride;
  for (size_t n = 0; n < t->tiles; n++) {
    winograd_transform(side, 6, along, t->pixels + n * 4 * V_LANES, (ptrdiff_t)row, V_LANES, NULL,
                       t->transformed + n * t->tile_stride, 6 * frequency, frequency);
  }
}

static void winograd_inputs(const ck_winograd_tiles *t) { winograd_sources(6, winograd_evaluate_inputs, t); }

static void winograd_gradients(const ck_winograd_tiles *t) { winograd_sources(4, winograd_evaluate_gradients, t); }

static void winograd_outputs(const ck_winograd_tiles *t, const float *bias) {
  const size_t row = t->pitch * V_LANES;
  const ptrdiff_t frequency = (ptrdiff_t)t->frequency_stride;
  const v_t shift = v_load(bias);
  for (size_t n = 0; n < t->tiles; n++) {
    const float *products = t->transformed + n * t->tile_stride;
    float *pixels = t->pixels + n * 4 * V_LANES;
    const size_t columns = smaller(4, t->columns - 4 * n);
    if (t->rows == 4 && columns == 4) {
      winograd_transform(6, 4, winograd_interpolate_outputs, products, 6 * frequency, frequency, &shift, pixels, row,
                         V_LANES);
      continue;
    }
    float out[4 * 4 * V_LANES];
    winograd_transform(6, 4, winograd_interpolate_outputs, products, 6 * frequency, frequency, &shift, out,
                       4 * V_LANES, V_LANES);
    for (size_t i = 0; i < t->rows; i++) {
      for (size_t j = 0; j < columns; j++) v_store(pixels + i * row + j * V_LANES, v_load(out + (i * 4 + j) * V_LANES));
    }
  }
}

// taps: (channel, 9, nr); u: (frequency, channel, nr), of which `vectors` are filled.
static void winograd_filters(size_t channels, size_t vectors, bool reversed, const float *taps, float *u,
                             size_t frequency_stride) {
  // A reversed kernel is one whose nine taps are read from the last to the first.
  const ptrdiff_t next = reversed ? -(ptrdiff_t)NR : (ptrdiff_t)NR;
  const float *first = reversed ? taps + 8 * NR : taps;
  for (size_t c = 0; c < channels; c++) {
    for (size_t v = 0; v < vectors; v++) {
      winograd_transform(3, 6, winograd_evaluate_taps, first + c * 9 * NR + v * V_LANES, 3 * next, next, NULL,
                         u + c * NR + v * V_LANES, 6 * frequency_stride, frequency_stride);
    }
  }
}

// The gradients of nine taps by one filter and V_LANES channels: taps[(s * 3 + t) * V_LANES + lane].
static void winograd_taps(const float *products, size_t frequency_stride, float *taps) {
  const ptrdiff_t frequency = (ptrdiff_t)frequency_stride;
  winograd_transform(6, 3, winograd_interpolate_taps, products, 6 * frequency, frequency, NULL, taps,
                     3 * V_LANES, V_LANES);
}
