// Pooling, plane by plane. Windows of 2 x 2 side by side go by vectors: of two rows, the even and the odd columns.

static inline size_t pool_inputs(const ck_pool *p) { return p->height * p->width; }
static inline size_t pool_outputs(const ck_pool *p) { return p->output_height * p->output_width; }

static inline bool pool_is_pairs(const ck_pool *p) {
  return p->kernel_height == 2 && p->kernel_width == 2 && p->stride_height == 2 && p->stride_width == 2 &&
         p->padding_height == 0 && p->padding_width == 0;
}

// The four elements of up to a vector of windows: left and right of the upper row, then of the lower one.
typedef struct pool_pairs {
  v_t element[4];
} pool_pairs;

static inline pool_pairs pool_load(const float *top, size_t width, size_t lanes) {
  pool_pairs pairs;
  UNROLL for (int row = 0; row < 2; row++) {
    const float *p = top + (size_t)row * width;
    v_t a, b;
    if (lanes == V_LANES) {
      a = v_load(p);
      b = v_load(p + V_LANES);
    } else {
      const size_t n = 2 * lanes;
      a = v_load_n(p, smaller(n, V_LANES));
      b = n > V_LANES ? v_load_n(p + V_LANES, n - V_LANES) : v_set1(0.0f);
    }
    pairs.element[2 * row] = v_even(a, b);
    pairs.element[2 * row + 1] = v_odd(a, b);
  }
  return pairs;
}

static inline void pool_store(float *top, size_t width, size_t lanes, bool stream, pool_pairs pairs) {
  UNROLL for (int row = 0; row < 2; row++) {
    float *p = top + (size_t)row * width;
    const v_t left = pairs.element[2 * row], right = pairs.element[2 * row + 1];
    const v_t a = v_zip_low(left, right), b = v_zip_high(left, right);
    if (lanes == V_LANES && stream) {
      v_stream(p, a);
      v_stream(p + V_LANES, b);
    } else if (lanes == V_LANES) {
      v_store(p, a);
      v_store(p + V_LANES, b);
    } else {
      const size_t n = 2 * lanes;
      v_store_n(p, a, smaller(n, V_LANES));
      if (n > V_LANES) v_store_n(p + V_LANES, b, n - V_LANES);
    }
  }
}

// The larger of both, NaN where either is: v_max alone keeps the NaN of its second operand only.
static inline v_t pool_larger(v_t x, v_t kept) {
  const v_t larger = v_max(x, kept);
  // A NaN is the number that is neither above -1 nor below 1.
  return v_select(v_greater(x, v_set1(-1.0f)), larger, v_select(v_greater(v_set1(1.0f), x), larger, x));
}

// Runs what follows for `lanes` windows at a time: their outputs begin at `out`, their first element is at `in`.
#define POOL_FOR_PAIRS(p)                                                                                      \
  for (size_t r = 0; r < (p)->output_height; r++)                                                              \
    for (size_t s = 0, out, in, lanes;                                                                         \
         s < (p)->output_width && (lanes = pool_lanes((p)->output_width - s), out = r * (p)->output_width + s, \
                                   in = 2 * (r * (p)->width + s), true);                                       \
         s += lanes)

static inline size_t pool_lanes(size_t rest) { return smaller(rest, V_LANES); }

// The rows and columns of one window that lie within the plane.
typedef struct pool_window {
  size_t top, bottom, left, right;
} pool_window;

static inline void pool_clip(size_t start, size_t kernel, size_t padding, size_t length, size_t *first, size_t *end) {
  *first = start < padding ? 0 : start - padding;
  *end = start + kernel - padding < length ? start + kernel - padding : length;
}

static inline pool_window pool_window_of(const ck_pool *p, size_t r, size_t s) {
  pool_window w;
  pool_clip(r * p->stride_height, p->kernel_height, p->padding_height, p->height, &w.top, &w.bottom);
  pool_clip(s * p->stride_width, p->kernel_width, p->padding_width, p->width, &w.left, &w.right);
  return w;
}

// Runs what follows for every window, whose output is at `out`.
#define POOL_FOR_WINDOWS(p)                            \
  for (size_t r = 0, out = 0; r < (p)->output_height; r++) \
    for (size_t s = 0; s < (p)->output_width; s++, out++)

// Runs what follows for every element, at k, of a window.
#define POOL_FOR_ELEMENTS(p, window)                          \
  for (size_t h = (window).top; h < (window).bottom; h++)     \
    for (size_t k = h * (p)->width + (window).left, end = h * (p)->width + (window).right; k < end; k++)

static void max_pool_plane(const ck_pool *p, const float *x, float *y) {
  if (pool_is_pairs(p)) {
    POOL_FOR_PAIRS(p) {
      const pool_pairs a = pool_load(x + in, p->width, lanes);
      v_t best = a.element[0];
      UNROLL for (int e = 1; e < 4; e++) best = pool_larger(a.element[e], best);
      v_store_up_to(y + out, best, lanes);
    }
    return;
  }
  POOL_FOR_WINDOWS(p) {
    const pool_window window = pool_window_of(p, r, s);
    float best = x[window.top * p->width + window.left];
    POOL_FOR_ELEMENTS(p, window) if (x[k] > best || x[k] != x[k]) best = x[k];
    y[out] = best;
  }
}

static void max_pool(const void *task, size_t first, size_t end) {
  const ck_pool_task *const t = task;
  for (size_t plane = first; plane < end; plane++) {
    max_pool_plane(t->pool, t->x + plane * pool_inputs(t->pool), t->y + plane * pool_outputs(t->pool));
  }
}

// Where the largest element of a window stands: the first that the output does not exceed.
static size_t pool_place(const ck_pool *p, pool_window window, const float *x, float best) {
  POOL_FOR_ELEMENTS(p, window) if (!(best > x[k])) return k;
  return window.top * p->width + window.left;
}

// Whether every element lies in one of the pairs.
static inline bool pool_is_covered(const ck_pool *p) {
  return pool_is_pairs(p) && p->height % 2 == 0 && p->width % 2 == 0;
}

static void max_pool_gradient_plane(const ck_pool *p, bool stream, const float *x, const float *y, const float *dy,
                                    float *dx) {
  const bool is_covered = pool_is_covered(p);
  if (!is_covered) memset(dx, 0, p->height * p->width * sizeof(float));
  if (pool_is_pairs(p)) {
    const v_t zero = v_set1(0.0f);
    POOL_FOR_PAIRS(p) {
      pool_pairs a = pool_load(x + in, p->width, lanes);
      const v_t best = v_load_up_to(y + out, lanes);
      v_t rest = v_load_up_to(dy + out, lanes);
      UNROLL for (int e = 0; e < 3; e++) {
        const vm_t passes = v_greater(best, a.element[e]);
        a.element[e] = v_select(passes, zero, rest);
        rest = v_select(passes, rest, zero);
      }
      a.element[3] = rest;
      pool_store(dx + in, p->width, lanes, stream && is_covered, a);
    }
    return;
  }
  POOL_FOR_WINDOWS(p) dx[pool_place(p, pool_window_of(p, r, s), x, y[out])] += dy[out];
}

static void max_pool_gradient(const void *task, size_t first, size_t end) {
  const ck_max_pool_gradient_task *const t = task;
  for (size_t plane = first; plane < end; plane++) {
    const size_t in = plane * pool_inputs(t->pool), out = plane * pool_outputs(t->pool);
    max_pool_gradient_plane(t->pool, t->stream, t->x + in, t->y + out, t->dy + out, t->dx + in);
  }
  if (t->stream) v_stream_end();
}

// Elements of a window that are added one after the other in float; larger windows are summed in double.
enum { POOL_SMALL = 256 };

static double pool_sum_in_double(const ck_pool *p, pool_window w, const float *x) {
  double sum = 0;
  for (size_t h = w.top; h < w.bottom; h++) sum += sum_row(w.right - w.left, x + h * p->width + w.left);
  return sum;
}

static float pool_mean(const ck_pool *p, pool_window window, const float *x) {
  const size_t count = p->kernel_height * p->kernel_width;
  if (count <= POOL_SMALL) {
    float sum = 0;
    POOL_FOR_ELEMENTS(p, window) sum += x[k];
    if (fabsf(sum) <= FLT_MAX) return sum * (1.0f / (float)count);
  }
  return (float)(pool_sum_in_double(p, window, x) / (double)count);
}

static void average_pool_plane(const ck_pool *p, const float *x, float *y) {
  const float share = 1.0f / (float)(p->kernel_height * p->kernel_width);
  if (pool_is_pairs(p)) {
    POOL_FOR_PAIRS(p) {
      const pool_pairs a = pool_load(x + in, p->width, lanes);
      // Quarters first, which are exact, so that no sum overflows.
      const v_t quarter = v_set1(share);
      const v_t upper = v_fma(quarter, a.element[1], v_mul(quarter, a.element[0]));
      const v_t lower = v_fma(quarter, a.element[3], v_mul(quarter, a.element[2]));
      v_store_up_to(y + out, v_add(upper, lower), lanes);
    }
    return;
  }
  POOL_FOR_WINDOWS(p) y[out] = pool_mean(p, pool_window_of(p, r, s), x);
}

static void average_pool(const void *task, size_t first, size_t end) {
  const ck_pool_task *const t = task;
  for (size_t plane = first; plane < end; plane++) {
    average_pool_plane(t->pool, t->x + plane * pool_inputs(t->pool), t->y + plane * pool_outputs(t->pool));
  }
}

static void average_pool_gradient_plane(const ck_pool *p, bool stream, const float *dy, float *dx) {
  const float share = 1.0f / (float)(p->kernel_height * p->kernel_width);
  const bool is_covered = pool_is_covered(p);
  if (!is_covered) memset(dx, 0, p->height * p->width * sizeof(float));
  if (pool_is_pairs(p)) {
    POOL_FOR_PAIRS(p) {
      const v_t g = v_mul(v_load_up_to(dy + out, lanes), v_set1(share));
      pool_store(dx + in, p->width, lanes, stream && is_covered, (pool_pairs){{g, g, g, g}});
    }
    return;
  }
  POOL_FOR_WINDOWS(p) {
    const pool_window window = pool_window_of(p, r, s);
    POOL_FOR_ELEMENTS(p, window) dx[k] += dy[out] * share;
  }
}

static void average_pool_gradient(const void *task, size_t first, size_t end) {
  const ck_average_pool_gradient_task *const t = task;
  for (size_t plane = first; plane < end; plane++) {
    average_pool_gradient_plane(t->pool, t->stream, t->dy + plane * pool_outputs(t->pool),
                                t->dx + plane * pool_inputs(t->pool));
  }
  if (t->stream) v_stream_end();
}

static void row_means(const void *task, size_t first, size_t end) {
  const ck_row_means_task *const t = task;
  for (size_t row = first; row < end; row++) {
    t->y[row] = (float)(sum_row(t->columns, t->x + row * t->columns) / (double)t->columns);
  }
}

static void fill_rows(const void *task, size_t first, size_t end) {
  const ck_fill_rows_task *const t = task;
  for (size_t row = first; row < end; row++) {
    float *const y = t->y + row * t->columns;
    const v_t value = v_set1(t->alpha * t->value[row]);
    V_FOR(t->columns, v_store(y + i, value), v_store_n(y + i, value, tail));
  }
}

static void mask_rows(const void *task, size_t first, size_t end) {
  const ck_mask_rows_task *const t = task;
  for (size_t row = first; row < end; row++) {
    const float *const x = t->x + row * t->columns;
    float *const y = t->y + row * t->columns;
    if (!(t->mask[row] > 0)) {
      memset(y, 0, t->columns * sizeof *y);
      continue;
    }
    const v_t factor = v_set1(t->mask[row]);
    V_FOR(t->columns, v_store(y + i, v_mul(factor, v_load(x + i))),
          v_store_n(y + i, v_mul(factor, v_load_n(x + i, tail)), tail));
  }
}
