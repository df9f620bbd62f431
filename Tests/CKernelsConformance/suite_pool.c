// Pooling against its definition: every window, element by element.
#include "check.h"

enum { PLANES = 3 };

static ck_pool pool_of(size_t height, size_t width, size_t kh, size_t kw, size_t sh, size_t sw, size_t ph, size_t pw) {
  return (ck_pool){height, width, (height + 2 * ph - kh) / sh + 1, (width + 2 * pw - kw) / sw + 1, kh, kw, sh, sw,
                   ph,     pw};
}

// Whether element (i, j) of window (r, s) lies within the plane; where, if so.
static bool within(const ck_pool *p, size_t r, size_t s, size_t i, size_t j, size_t *at) {
  size_t h = r * p->stride_height + i, w = s * p->stride_width + j;
  if (h < p->padding_height || w < p->padding_width) return false;
  if (h - p->padding_height >= p->height || w - p->padding_width >= p->width) return false;
  *at = (h - p->padding_height) * p->width + w - p->padding_width;
  return true;
}

static void name(check *c, const char *kernel, const ck_pool *p) {
  check_case(c, "%s plane %zux%zu kernel %zux%zu stride %zux%zu padding %zux%zu", kernel, p->height, p->width,
             p->kernel_height, p->kernel_width, p->stride_height, p->stride_width, p->padding_height, p->padding_width);
}

// Few different numbers, so that windows have several largest, and some that are none.
static void test_max(check *c, ck_pool p, bool specials) {
  name(c, specials ? "max_pool with specials" : "max_pool", &p);
  size_t in = p.height * p.width, out = p.output_height * p.output_width;
  float *x = check_floats(c, PLANES * in, 1), *y = check_floats(c, PLANES * out, 2);
  float *dy = check_floats(c, PLANES * out, 3), *dx = check_floats(c, PLANES * in, 1);
  float *wanted = check_floats(c, PLANES * out, 0), *wanted_dx = check_floats(c, PLANES * in, 0);
  check_fill_whole(c, PLANES * in, x, 3);
  check_fill_whole(c, PLANES * out, dy, 9);
  static const float odd[] = {NAN, INFINITY, -INFINITY, -0.0f};
  for (size_t i = 0; specials && i < PLANES * in; i++) {
    if (check_index(c, 5) == 0) x[i] = odd[check_index(c, COUNT(odd))];
  }
  for (size_t i = 0; i < PLANES * in; i++) wanted_dx[i] = 0;
  for (size_t plane = 0; plane < PLANES; plane++) {
    for (size_t r = 0, o = plane * out; r < p.output_height; r++) {
      for (size_t s = 0; s < p.output_width; s++, o++) {
        bool nan = false, found = false;
        size_t best = 0, first = 0, at = 0;
        for (size_t i = 0; i < p.kernel_height; i++) {
          for (size_t j = 0; j < p.kernel_width; j++) {
            if (!within(&p, r, s, i, j, &at)) continue;
            at += plane * in;
            if (!found) first = best = at;
            found = true;
            nan |= isnan(x[at]);
            if (x[at] > x[best]) best = at;
          }
        }
        wanted[o] = nan ? NAN : x[best];
        wanted_dx[nan ? first : best] += dy[o];
      }
    }
  }
  ck_max_pool(c->kernels, &p, PLANES, x, y);
  check_exact(c, "y", PLANES * out, y, wanted);
  ck_max_pool_gradient(c->kernels, &p, PLANES, x, y, dy, dx);
  check_exact(c, "dx", PLANES * in, dx, wanted_dx);
}

static void test_average(check *c, ck_pool p) {
  name(c, "average_pool", &p);
  size_t in = p.height * p.width, out = p.output_height * p.output_width;
  double size = (double)(p.kernel_height * p.kernel_width);
  float *x = check_floats(c, PLANES * in, 1), *y = check_floats(c, PLANES * out, 2);
  float *dy = check_floats(c, PLANES * out, 3), *dx = check_floats(c, PLANES * in, 1);
  double *sums = check_doubles(c, PLANES * in), *magnitudes = check_doubles(c, PLANES * in);
  check_fill_normal(c, PLANES * in, x, 0.5f, 1);
  check_fill_normal(c, PLANES * out, dy, 0.5f, 1);
  ck_average_pool(c->kernels, &p, PLANES, x, y);
  for (size_t i = 0; i < PLANES * in; i++) sums[i] = magnitudes[i] = 0;
  for (size_t plane = 0; plane < PLANES; plane++) {
    for (size_t r = 0, o = plane * out; r < p.output_height; r++) {
      for (size_t s = 0; s < p.output_width; s++, o++) {
        double sum = 0, magnitude = 0;
        size_t at = 0;
        for (size_t i = 0; i < p.kernel_height; i++) {
          for (size_t j = 0; j < p.kernel_width; j++) {
            if (!within(&p, r, s, i, j, &at)) continue;
            at += plane * in;
            sum += (double)x[at];
            magnitude += fabs((double)x[at]);
            sums[at] += (double)dy[o] / size;
            magnitudes[at] += fabs((double)dy[o]) / size;
          }
        }
        // Every addition is rounded, the share and the product.
        check_near(c, "y", o, (double)y[o], sum / size, (size + 3) * ROUNDING * magnitude / size);
      }
    }
  }
  ck_average_pool_gradient(c->kernels, &p, PLANES, dy, dx);
  for (size_t i = 0; i < PLANES * in; i++) {
    check_near(c, "dx", i, (double)dx[i], sums[i], (size + 3) * ROUNDING * magnitudes[i]);
  }
}

static void test_rows(check *c, size_t rows, size_t columns) {
  check_case(c, "row_means, fill_rows and mask_rows (%zu, %zu)", rows, columns);
  size_t n = rows * columns;
  float *x = check_floats(c, n, 1), *means = check_floats(c, rows, 2), *value = check_floats(c, rows, 3);
  float *filled = check_floats(c, n, 1), *scaled = check_floats(c, n, 2);
  check_fill_normal(c, n, x, 0.5f, 1);
  check_fill_normal(c, rows, value, 0, 1);
  ck_row_means(c->kernels, rows, columns, x, means);
  ck_fill_rows(c->kernels, rows, columns, 0.37f, value, filled);
  float *mask = check_copy(c, rows, value), *masked = check_copy(c, n, x);
  for (size_t i = 0; i < rows; i++) mask[i] = i % 2 ? 0 : fabsf(value[i]);
  for (size_t k = 0; k < n; k += 3) masked[k] = k / columns % 2 ? k % 2 ? NAN : INFINITY : masked[k];
  ck_mask_rows(c->kernels, rows, columns, mask, masked, scaled);
  for (size_t i = 0; i < rows; i++) {
    double sum = 0, magnitude = 0;
    for (size_t j = 0; j < columns; j++) {
      size_t k = i * columns + j;
      sum += (double)x[k];
      magnitude += fabs((double)x[k]);
      check_near(c, "filled", k, (double)filled[k], (double)(0.37f * value[i]), 0);
      check_near(c, "masked", k, (double)scaled[k], i % 2 ? 0 : (double)(mask[i] * x[k]), 0);
    }
    double additions = (double)(columns < 4096 ? columns : 4096) + 2, size = (double)columns;
    check_near(c, "mean", i, (double)means[i], sum / size, additions * ROUNDING * magnitude / size);
  }
}

void suite_pool(check *c) {
  static const size_t pools[][8] = {
      {5, 7, 3, 3, 2, 2, 1, 1}, {6, 6, 3, 3, 1, 1, 1, 1}, {9, 4, 2, 2, 1, 1, 0, 0}, {7, 8, 5, 3, 2, 3, 2, 1},
      {4, 4, 4, 4, 4, 4, 0, 0}, {8, 9, 2, 2, 2, 2, 1, 1}, {1, 1, 1, 1, 1, 1, 0, 0}, {9, 9, 2, 3, 3, 4, 0, 0},
      {12, 33, 3, 1, 3, 1, 1, 0}, {2, 3, 2, 2, 2, 2, 0, 0}};
  for (size_t s = 0; s < COUNT(pools); s++) {
    const size_t *g = pools[s];
    ck_pool p = pool_of(g[0], g[1], g[2], g[3], g[4], g[5], g[6], g[7]);
    test_max(c, p, false);
    test_max(c, p, true);
    test_average(c, p);
  }
  // Windows side by side, at widths around those of vectors.
  for (size_t width = 2; width < 70; width += c->quick ? 5 : 1) {
    ck_pool p = pool_of(2 + width % 4, width, 2, 2, 2, 2, 0, 0);
    test_max(c, p, false);
    test_max(c, p, true);
    test_average(c, p);
  }
  for (size_t l = 1; l < check_length_count; l++) {
    test_rows(c, 0, check_lengths[l]);
    test_rows(c, 4, check_lengths[l]);
  }
  test_rows(c, 2, 10007);
}
