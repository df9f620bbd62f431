// Copies a window of images into scratch memory, with zeros where it reaches beyond them, in the order in which the
// tiles of a convolution load vectors; and brings finished vectors back into the order of images.

static inline void zero_floats(float *x, size_t n) {
  V_FOR(n, v_store(x + i, v_set1(0.0f)), v_store_n(x + i, v_set1(0.0f), tail));
}

static inline void copy_floats(const float *x, float *y, size_t n) {
  V_FOR(n, v_store(y + i, v_load(x + i)), v_store_n(y + i, v_load_n(x + i, tail), tail));
}

// Every `step`-th of n floats from each of the first `step` ones on: run r holds x[r], x[r + step], ...
static void deal(const float *x, size_t n, size_t step, float *runs, size_t run_stride) {
  size_t done = 0;
  if (step == 2) {
    for (; done + 2 * V_LANES <= n; done += 2 * V_LANES) {
      const v_t low = v_load(x + done), high = v_load(x + done + V_LANES);
      v_store(runs + done / 2, v_even(low, high));
      v_store(runs + run_stride + done / 2, v_odd(low, high));
    }
  }
  for (; done < n; done++) runs[done % step * run_stride + done / step] = x[done];
}

// One row of the window: source row `row`, or zeros where it is NULL.
static void window_row(const ck_window *w, const float *row, float *out) {
  const size_t length = w->step * w->run;
  if (!row) {
    zero_floats(out, length);
    return;
  }
  // Columns first ..< end of the window lie in the image.
  const size_t first = w->left < 0 ? (size_t)-w->left : 0;
  const ptrdiff_t reach = (ptrdiff_t)w->width - w->left;
  const size_t end = reach < (ptrdiff_t)w->columns ? (reach < 0 ? 0 : (size_t)reach) : w->columns;
  if (first >= end) {
    zero_floats(out, length);
  } else if (w->step == 1) {
    zero_floats(out, first);
    copy_floats(row + (w->left + (ptrdiff_t)first), out + first, end - first);
    zero_floats(out + end, length - end);
  } else {
    // Whole steps first, so that the image's part can be dealt out from a first run on.
    const size_t skipped = first / w->step * w->step;
    zero_floats(out, length);
    for (size_t j = first; j < end && j < skipped + w->step; j++) {
      out[j % w->step * w->run + j / w->step] = row[w->left + (ptrdiff_t)j];
    }
    if (end > skipped + w->step) {
      const size_t start = skipped + w->step;
      deal(row + (w->left + (ptrdiff_t)start), end - start, w->step, out + start / w->step, w->run);
    }
  }
}

static void window_by_row(const ck_window *w, const float *image, float *scratch) {
  for (size_t c = 0; c < w->channels; c++) {
    for (size_t r = 0; r < w->rows; r++) {
      const ptrdiff_t y = w->top + (ptrdiff_t)r;
      const bool inside = y >= 0 && y < (ptrdiff_t)w->height;
      window_row(w, inside ? image + (c * w->height + (size_t)y) * w->width : NULL,
                 scratch + c * w->plane_stride + r * w->row_stride);
    }
  }
}

// One vector for every pixel: the same pixel of V_LANES images, those from `images` on zero.
static void window_by_image(const ck_window *w, const float *image, float *scratch) {
  const size_t first_row = w->top < 0 ? 0 : (size_t)w->top;
  const ptrdiff_t bottom = w->top + (ptrdiff_t)w->rows;
  const size_t end_row = bottom < 0 ? 0 : (size_t)bottom < w->height ? (size_t)bottom : w->height;
  const bool bordered = w->top < 0 || w->left < 0 || bottom > (ptrdiff_t)w->height ||
                        w->left + (ptrdiff_t)w->columns > (ptrdiff_t)w->width;
  for (size_t c = 0; c < w->channels; c++) {
    float *plane = scratch + c * w->plane_stride;
    if (bordered) zero_floats(plane, w->rows * w->row_stride);
    if (first_row >= end_row) continue;
    const float *source = image + (c * w->height + first_row) * w->width;
    const size_t pixels = (end_row - first_row) * w->width;
    ptrdiff_t row = (ptrdiff_t)first_row - w->top, column = -w->left;  // in the window
    for (size_t p = 0; p < pixels; p += V_LANES) {
      const size_t count = pixels - p < V_LANES ? pixels - p : (size_t)V_LANES;
      v_t block[V_LANES];
      for (size_t n = 0; n < V_LANES; n++) {
        const float *from = source + n * w->image_stride + p;
        block[n] = n >= w->images ? v_set1(0.0f) : count == V_LANES ? v_load(from) : v_load_n(from, count);
      }
      v_transpose(block);
      for (size_t j = 0; j < count; j++) {
        if (column >= 0 && column < (ptrdiff_t)w->columns) {
          v_store(plane + (size_t)row * w->row_stride + (size_t)column * V_LANES, block[j]);
        }
        if (++column == (ptrdiff_t)w->width - w->left) {
          column = -w->left;
          row++;
        }
      }
    }
  }
}

static void window(const ck_window *w, const float *image, float *scratch) {
  if (w->by_image) window_by_image(w, image, scratch);
  else window_by_row(w, image, scratch);
}

// Brings `count` positions, one vector each, back to `images` images: out[n * image_stride + j * spacing] is lane n of
// vector j.
static void images_from_vectors(size_t images, size_t count, const float *vectors, float *out, size_t image_stride,
                                size_t spacing) {
  for (size_t first = 0; first < count; first += V_LANES) {
    const size_t here = count - first < V_LANES ? count - first : (size_t)V_LANES;
    v_t block[V_LANES];
    for (size_t j = 0; j < V_LANES; j++) block[j] = j < here ? v_load(vectors + (first + j) * V_LANES) : v_set1(0.0f);
    v_transpose(block);
    for (size_t n = 0; n < images; n++) {
      float *to = out + n * image_stride + first * spacing;
      if (spacing == 1 && here == V_LANES) {
        v_store(to, block[n]);
      } else if (spacing == 1) {
        v_store_n(to, block[n], here);
      } else {
        float lanes[V_LANES];
        v_store(lanes, block[n]);
        for (size_t j = 0; j < here; j++) to[j * spacing] = lanes[j];
      }
    }
  }
}
