// Copies the inputs of a block into scratch memory, in the order in which tiles load vectors, with zeros where a tap
// lies outside the image. conv/blocks.h says which order, and why.
//
// Rows are written in ascending order and in whole vectors, so each may run over into what is written next.

// The compiler would call memset and memcpy for a handful of floats.
#pragma clang attribute push(__attribute__((no_builtin("memset", "memcpy", "memmove"))), apply_to = function)

enum { LINE_VECTORS = V_LANES < 16 ? 16 / V_LANES : 1 };  // of a line of 64 bytes

static inline void zero_vectors(float *out, size_t n) {
  for (size_t i = 0; i < n; i += V_LANES) v_store(out + i, v_set1(0.0f));
}

// out[j] = x[j * step], j < n; reads no further than that, writes whole vectors with zeros behind.
static inline void gather_row(const float *x, size_t n, size_t step, float *out) {
  if (step == 1) {
    V_FOR(n, v_store(out + i, v_load(x + i)), v_store(out + i, v_load_n(x + i, tail)));
  } else if (step == 2) {
    size_t j = 0;
    for (; 2 * (j + V_LANES) <= 2 * n - 1; j += V_LANES) {
      v_store(out + j, v_even(v_load(x + 2 * j), v_load(x + 2 * j + V_LANES)));
    }
    if (j < n) {  // up to 2 V_LANES - 1 floats are left to read
      const size_t rest = 2 * (n - j) - 1, low = smaller(rest, V_LANES);
      const v_t high = rest > V_LANES ? v_load_n(x + 2 * j + V_LANES, rest - V_LANES) : v_set1(0.0f);
      v_store(out + j, v_even(v_load_n(x + 2 * j, low), high));
    }
  } else {
    for (size_t j = 0; j < n; j++) out[j] = x[j * step];
    zero_vectors(out + n, V_LANES);
  }
}

// Rows as wide as the image, one after the other, are a single run of memory but for the columns that wrap around.
// |left| is less than the width and than a vector.
static inline void shifted_rows(const float *image, size_t rows, size_t width, ptrdiff_t left, float *out) {
  const size_t total = rows * width;
  if (total == 0) return;
  size_t i = 0, end = total;
  if (left < 0) {
    // Before the first pixel there is nothing to read; behind it, stores can be aligned again.
    const size_t skip = (size_t)-left, count = total - skip;
    v_store(out + skip, v_load_n(image, smaller(count, V_LANES)));
    i = V_LANES;
  } else {
    end -= (size_t)left;
  }
  const float *from = image + left;
  for (; i + V_LANES <= end; i += V_LANES) v_store(out + i, v_load(from + i));
  if (i < end) v_store(out + i, v_load_n(from + i, end - i));
  for (ptrdiff_t j = left; j < 0; j++) {
    for (size_t r = 0; r < total; r += width) out[(ptrdiff_t)r + j - left] = 0.0f;
  }
  for (ptrdiff_t j = 0; j < left; j++) {
    for (size_t r = 0; r < total; r += width) out[r + width - 1 - (size_t)j] = 0.0f;
  }
}

// Rows of an image with margins: `first` zeros, `count` pixels, zeros up to `columns`.
static inline void padded_rows(const float *from, size_t rows, size_t width, size_t first, size_t count, size_t columns,
                               float *out, size_t pitch) {
  const v_t zero = v_set1(0.0f);
  const size_t whole = count / V_LANES * V_LANES, tail = count - whole;
  const size_t behind = first + (tail ? whole + V_LANES : whole);
  for (size_t r = 0; r < rows; r++, from += width, out += pitch) {
    for (size_t i = 0; i < first; i += V_LANES) v_store(out + i, zero);
    for (size_t i = 0; i < whole; i += V_LANES) v_store(out + first + i, v_load(from + i));
    if (tail) v_store(out + first + whole, v_load_n(from + whole, tail));
    for (size_t i = behind; i < columns; i += V_LANES) v_store(out + i, zero);
  }
}

static void window_by_position(const ck_window *w, const float *image, float *scratch) {
  const bool whole_rows =
      w->step == 1 && w->runs == 1 && w->row_step == 1 && w->columns == w->width && w->pitch == w->width;
  // Rows above ..< inside of the only run lie in the image, where there is one run.
  const size_t above = w->top < 0 ? smaller((size_t)-w->top, w->rows) : 0;
  const ptrdiff_t below = (ptrdiff_t)w->height - w->top;
  const size_t inside = below < (ptrdiff_t)above ? above : smaller((size_t)below, w->rows);
  // The rows that the window meets.
  const ptrdiff_t bottom = w->top + (ptrdiff_t)(w->rows * w->row_step + w->runs - 1);
  const size_t first_row = w->top < 0 ? 0 : (size_t)w->top;
  const size_t end_row = bottom < 0 ? 0 : smaller((size_t)bottom, w->height);
  for (size_t c = 0; c < w->channels; c++) {
    const float *plane = image + c * w->height * w->width;
    if (c + 1 < w->channels) {
      const float *next = plane + w->height * w->width;
      for (size_t i = first_row * w->width; i < end_row * w->width; i += 16) __builtin_prefetch(next + i);
    }
    for (size_t t = 0; t < w->taps; t++) {
      float *out = scratch + (c * w->taps + t) * w->runs * w->run_stride;
      const ptrdiff_t left = w->left + (ptrdiff_t)t * w->spacing, reach = (ptrdiff_t)w->width - left;
      if (whole_rows && left > -(ptrdiff_t)w->width && reach > 0 && left > -V_LANES && left < V_LANES) {
        zero_vectors(out, above * w->width);
        shifted_rows(plane + (w->top + (ptrdiff_t)above) * (ptrdiff_t)w->width, inside - above, w->width, left,
                     out + above * w->width);
        zero_vectors(out + inside * w->width, (w->rows - inside) * w->width);
        continue;
      }
      // Columns first ..< end of this tap lie in the image.
      size_t first = left < 0 ? ((size_t)-left + w->step - 1) / w->step : 0;
      size_t end = reach <= 0 ? 0 : ((size_t)reach + w->step - 1) / w->step;
      if (end > w->columns) end = w->columns;
      if (first > end) first = end;
      const size_t count = end - first, copied = (count + V_LANES - 1) / V_LANES * V_LANES;
      const ptrdiff_t shift = left + (ptrdiff_t)(first * w->step);
      if (w->step == 1 && w->runs == 1 && w->row_step == 1) {
        zero_vectors(out, above * w->pitch);
        padded_rows(plane + (w->top + (ptrdiff_t)above) * (ptrdiff_t)w->width + shift, inside - above, w->width, first,
                    count, w->columns, out + above * w->pitch, w->pitch);
        zero_vectors(out + inside * w->pitch, (w->rows - inside) * w->pitch);
        continue;
      }
      for (size_t q = 0; q < w->runs; q++) {
        float *row = out + q * w->run_stride;
        for (size_t r = 0; r < w->rows; r++, row += w->pitch) {
          const ptrdiff_t y = w->top + (ptrdiff_t)(r * w->row_step + q);
          if (count == 0 || y < 0 || y >= (ptrdiff_t)w->height) {
            zero_vectors(row, w->columns);
            continue;
          }
          if (first) zero_vectors(row, first);
          gather_row(plane + y * (ptrdiff_t)w->width + shift, count, w->step, row + first);
          if (first + copied < w->columns) zero_vectors(row + first + copied, w->columns - first - copied);
        }
      }
    }
  }
}

// Zeros around rows first_row ..< end_row and columns -left ..< width - left of a window by image.
static void zero_margins(const ck_window *w, size_t first_row, size_t end_row, float *plane) {
  const size_t left = (size_t)-w->left * V_LANES, right = left + w->width * V_LANES, row = w->columns * V_LANES;
  for (size_t r = 0; r < w->rows; r++, plane += w->pitch) {
    if (r < first_row || r >= end_row) {
      zero_vectors(plane, row);
    } else {
      zero_vectors(plane, left);
      zero_vectors(plane + right, row - right);
    }
  }
}

// The same run of pixels of V_LANES images as one vector a pixel, those of images from `images` on zero. `count` pixels
// are read, at most V_LANES.
static ALWAYS_INLINE void transpose_pixels(const float *image, size_t image_stride, size_t images, size_t count,
                                      v_t block[V_LANES]) {
  if (images == V_LANES && count == V_LANES) {
    UNROLL for (size_t n = 0; n < V_LANES; n++) block[n] = v_load(image + n * image_stride);
  } else {
    for (size_t n = 0; n < V_LANES; n++) {
      block[n] = n < images ? v_load_up_to(image + n * image_stride, count) : v_set1(0.0f);
    }
  }
  v_transpose(block);
}

static ALWAYS_INLINE void fetch_pixels_ahead(const ck_window *w, const float *pixels) {
  for (size_t n = 0; w->ahead && n < w->images; n++) __builtin_prefetch(pixels + n * w->image_stride + w->ahead, 0, 2);
}

// Rows of whole vectors of pixels, all of which have a place in the window.
static void window_of_vectors(const ck_window *w, const float *from, size_t rows, float *to) {
  for (size_t r = 0; r < rows; r++, from += w->width, to += w->pitch) {
    for (size_t p = 0; p < w->width; p += V_LANES) {
      if ((r * w->width + p) % 16 == 0) fetch_pixels_ahead(w, from + p);
      v_t block[V_LANES];
      transpose_pixels(from + p, w->image_stride, w->images, V_LANES, block);
      UNROLL for (size_t j = 0; j < V_LANES; j++) v_store(to + (p + j) * V_LANES, block[j]);
    }
  }
}

// One vector for every pixel: the same pixel of V_LANES images.
static void window_by_image(const ck_window *w, const float *image, float *scratch) {
  const size_t first_row = w->top < 0 ? 0 : (size_t)w->top;
  const ptrdiff_t bottom = w->top + (ptrdiff_t)w->rows;
  const size_t end_row = larger_size(bottom < 0 ? 0 : smaller((size_t)bottom, w->height), first_row);
  // Mostly the window is as wide as the image or wider, and every pixel read has a place in it.
  const bool wide = w->left <= 0 && w->left + (ptrdiff_t)w->columns >= (ptrdiff_t)w->width;
  const bool bordered = w->top < 0 || w->left < 0 || bottom > (ptrdiff_t)w->height ||
                        w->left + (ptrdiff_t)w->columns > (ptrdiff_t)w->width;
  const size_t width = w->width, skip = w->pitch - width * V_LANES;
  for (size_t c = 0; c < w->channels; c++) {
    float *plane = scratch + c * w->run_stride;
    if (wide) zero_margins(w, (size_t)((ptrdiff_t)first_row - w->top), (size_t)((ptrdiff_t)end_row - w->top), plane);
    else if (bordered) zero_vectors(plane, w->rows * w->pitch);
    const float *source = image + (c * w->height + first_row) * w->width;
    const size_t pixels = (end_row - first_row) * w->width;
    ptrdiff_t row = (ptrdiff_t)first_row - w->top, column = -w->left;  // in the window
    float *to = plane + row * (ptrdiff_t)w->pitch - w->left * V_LANES;
    if (wide && width % V_LANES == 0) {
      window_of_vectors(w, source, end_row - first_row, to);
      continue;
    }
    size_t left_in_row = width;
    for (size_t p = 0; p < pixels; p += V_LANES) {
      const size_t count = smaller(pixels - p, V_LANES);
      if (p % 16 == 0) fetch_pixels_ahead(w, source + p);
      v_t block[V_LANES];
      transpose_pixels(source + p, w->image_stride, w->images, count, block);
      if (wide) {
        UNROLL for (size_t j = 0; j < V_LANES; j++) {
          if (j < count) v_store(to, block[j]);
          to += V_LANES;
          if (--left_in_row == 0) left_in_row = width, to += skip;
        }
        continue;
      }
      for (size_t j = 0; j < count; j++) {
        if (column >= 0 && column < (ptrdiff_t)w->columns) {
          v_store(plane + (size_t)row * w->pitch + (size_t)column * V_LANES, block[j]);
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
  else window_by_position(w, image, scratch);
}

// Brings `count` positions, one vector each, back to `images` images: out[n * image_stride + j * spacing] is lane n of
// vector j.
static void images_from_vectors(size_t images, size_t count, const float *vectors, float *out, size_t image_stride,
                                size_t spacing, size_t ahead) {
  size_t first = 0;
  if (spacing == 1 && images == V_LANES) {
    // A line of 64 bytes at once: images often lie so far apart that all of theirs fall into one set of a cache.
    for (; first + LINE_VECTORS * V_LANES <= count; first += LINE_VECTORS * V_LANES, out += LINE_VECTORS * V_LANES) {
      v_t block[LINE_VECTORS][V_LANES];
      UNROLL for (size_t v = 0; v < LINE_VECTORS; v++) {
        UNROLL for (size_t j = 0; j < V_LANES; j++) block[v][j] = v_load(vectors + (first + v * V_LANES + j) * V_LANES);
        v_transpose(block[v]);
      }
      UNROLL for (size_t n = 0; n < V_LANES; n++) {
        if (ahead) __builtin_prefetch(out + n * image_stride + ahead, 1, 2);
        UNROLL for (size_t v = 0; v < LINE_VECTORS; v++) v_store(out + n * image_stride + v * V_LANES, block[v][n]);
      }
    }
  }
  for (; first < count; first += V_LANES, out += V_LANES * spacing) {
    const size_t here = smaller(count - first, V_LANES);
    v_t block[V_LANES];
    transpose_pixels(vectors + first * V_LANES, V_LANES, here, V_LANES, block);
    for (size_t n = 0; n < images; n++) {
      float *to = out + n * image_stride;
      if (spacing == 1) {
        v_store_up_to(to, block[n], here);
      } else {
        float lanes[V_LANES];
        v_store(lanes, block[n]);
        for (size_t j = 0; j < here; j++) to[j * spacing] = lanes[j];
      }
    }
  }
}

#pragma clang attribute pop
