#include "conv_case.h"

ck_conv square_conv(size_t images, size_t channels, size_t side, size_t filters, size_t kernel, size_t stride,
                    size_t padding) {
  return (ck_conv){.images = images, .channels = channels, .height = side, .width = side, .filters = filters,
                   .kernel_height = kernel, .kernel_width = kernel, .stride_height = stride, .stride_width = stride,
                   .dilation_height = 1, .dilation_width = 1, .padding_height = padding, .padding_width = padding,
                   .groups = 1, .algorithm = CK_CONV_DIRECT};
}

ck_conv draw_conv(check *c) {
  size_t groups = 1 + check_index(c, 3);
  ck_conv conv = {.groups = groups, .algorithm = CK_CONV_DIRECT};
  conv.images = check_index(c, 20);
  conv.channels = groups * (1 + check_index(c, 4)), conv.filters = groups * (1 + check_index(c, 14));
  conv.height = check_index(c, 12), conv.width = check_index(c, check_index(c, 4) ? 20 : 70);
  conv.kernel_height = 1 + check_index(c, 4), conv.kernel_width = 1 + check_index(c, 4);
  conv.stride_height = 1 + check_index(c, 3), conv.stride_width = 1 + check_index(c, 3);
  conv.dilation_height = 1 + check_index(c, 3), conv.dilation_width = 1 + check_index(c, 3);
  conv.padding_height = check_index(c, 4), conv.padding_width = check_index(c, 4);
  return conv;
}

ptrdiff_t conv_pixel(const ck_conv *conv, size_t i, size_t j, size_t s, size_t t) {
  ptrdiff_t row = (ptrdiff_t)(i * conv->stride_height + s * conv->dilation_height) - (ptrdiff_t)conv->padding_height;
  ptrdiff_t column = (ptrdiff_t)(j * conv->stride_width + t * conv->dilation_width) - (ptrdiff_t)conv->padding_width;
  if (row < 0 || row >= (ptrdiff_t)conv->height || column < 0 || column >= (ptrdiff_t)conv->width) return -1;
  return row * (ptrdiff_t)conv->width + column;
}

typedef struct sizes {
  size_t plane, input, weights, out_height, out_width, out_plane, output, depth;
} sizes;

static sizes sizes_of(const ck_conv *v) {
  sizes s = {.plane = v->height * v->width, .out_height = ck_conv_output_height(v),
             .out_width = ck_conv_output_width(v)};
  s.input = v->images * v->channels * s.plane;
  s.depth = v->channels / v->groups * v->kernel_height * v->kernel_width;
  s.weights = v->filters * s.depth;
  s.out_plane = s.out_height * s.out_width;
  s.output = v->images * v->filters * s.out_plane;
  return s;
}

static void open_case(check *c, const char *what, const conv_case *k) {
  const ck_conv *v = &k->conv;
  check_case(c,
             "conv %s %zux%zux%zux%zu -> %zu @%zux%zu stride %zu,%zu padding %zu,%zu dilation %zu,%zu groups %zu"
             " bias=%d %s%s%s:",
             what, v->images, v->channels, v->height, v->width, v->filters, v->kernel_height, v->kernel_width,
             v->stride_height, v->stride_width, v->padding_height, v->padding_width, v->dilation_height,
             v->dilation_width, v->groups, k->bias, k->whole ? "whole" : "real", k->nan ? " NaN" : "",
             v->algorithm == CK_CONV_WINOGRAD ? " Winograd" : v->algorithm == CK_CONV_REFERENCE ? " reference" : "");
}

static float *operand(check *c, size_t n, bool whole) {
  float *x = check_floats(c, n, check_index(c, 17));
  if (whole) check_fill_whole(c, n, x, 2);
  else check_fill_uniform(c, n, x, -1, 1);
  return x;
}

// Calls BODY for each term of each output: indices into y, x and w.
#define FOR_EACH_TERM(v, z, BODY)                                                                          \
  for (size_t n = 0; n < (v)->images; n++)                                                                 \
    for (size_t f = 0; f < (v)->filters; f++)                                                              \
      for (size_t i = 0; i < (z).out_height; i++)                                                          \
        for (size_t j = 0; j < (z).out_width; j++)                                                         \
          for (size_t q = 0; q < (v)->channels / (v)->groups; q++)                                         \
            for (size_t s = 0; s < (v)->kernel_height; s++)                                                \
              for (size_t t = 0; t < (v)->kernel_width; t++) {                                             \
                ptrdiff_t pixel = conv_pixel(v, i, j, s, t);                                               \
                if (pixel < 0) continue;                                                                   \
                size_t channel = f / ((v)->filters / (v)->groups) * ((v)->channels / (v)->groups) + q;     \
                size_t in_x = (n * (v)->channels + channel) * (z).plane + (size_t)pixel;                   \
                size_t in_w = f * (z).depth + (q * (v)->kernel_height + s) * (v)->kernel_width + t;        \
                size_t in_y = ((n * (v)->filters + f) * (z).out_height + i) * (z).out_width + j;           \
                BODY;                                                                                      \
              }

// Adds a * b to a sum, and its magnitude to another.
static void add_term(double *sums, double *magnitudes, size_t at, float a, float b) {
  double term = (double)a * (double)b;
  sums[at] += term;
  magnitudes[at] += fabs(term);
}

void conv_sums(const ck_conv *v, const float *x, const float *w, const float *dy, double *y, double *dx, double *dw) {
  sizes z = sizes_of(v);
  for (size_t i = 0; i < z.output; i++) y[i] = 0;
  for (size_t i = 0; i < z.input; i++) dx[i] = 0;
  for (size_t i = 0; i < z.weights; i++) dw[i] = 0;
  FOR_EACH_TERM(v, z, {
    y[in_y] += (double)x[in_x] * (double)w[in_w];
    dx[in_x] += (double)dy[in_y] * (double)w[in_w];
    dw[in_w] += (double)dy[in_y] * (double)x[in_x];
  })
}

static double *zeros(check *c, size_t n) {
  double *x = check_doubles(c, n);
  for (size_t i = 0; i < n; i++) x[i] = 0;
  return x;
}

// The bound of each result. A direct sum of `terms` products may be added in any order, each rounded: a whole epsilon
// for each leaves room for second-order terms, and exact numbers need none.
//
// Winograd's results are differences of larger numbers, made of all that a tile looks at: their errors are alike
// wherever they stand. A worst case multiplies each of the dozens of roundings behind a result by up to 84 (the
// magnitudes of A', G and B' times each other, squared, over nine taps), a bound that hardly anything would fail.
// Twelve epsilons of the largest sum of magnitudes are twice the most that any instruction set needs for what the suite
// draws.
static double *bounds_of(check *c, const conv_case *k, size_t terms, size_t n, const double *magnitudes) {
  double *bounds = check_doubles(c, n), largest = 0;
  for (size_t i = 0; i < n; i++) largest = fmax(largest, isnan(magnitudes[i]) ? 0 : magnitudes[i]);
  for (size_t i = 0; i < n; i++) {
    if (k->conv.algorithm == CK_CONV_WINOGRAD) bounds[i] = 12 * (double)FLT_EPSILON * largest;
    else bounds[i] = k->whole || isnan(magnitudes[i]) ? 0 : (double)(terms + 2) * (double)FLT_EPSILON * magnitudes[i];
  }
  return bounds;
}

// Whether a NaN that no sum has is one that Winograd's way may spread.
static bool is_spread(const conv_case *k, float got, double wanted) {
  return k->nan && k->conv.algorithm == CK_CONV_WINOGRAD && isnan(got) && !isnan(wanted);
}

void check_conv_forward(check *c, const conv_case *k) {
  const ck_conv *v = &k->conv;
  sizes z = sizes_of(v);
  open_case(c, "forward", k);
  float *x = operand(c, z.input, k->whole), *w = operand(c, z.weights, k->whole);
  float *b = k->bias ? operand(c, v->filters, k->whole) : NULL;
  float *y = check_floats(c, z.output, k->aligned ? 0 : check_index(c, 17));
  float *workspace = check_floats(c, ck_conv_workspace(c->kernels, v), 0);
  if (k->nan && z.input) x[check_index(c, z.input)] = NAN;
  double *sums = zeros(c, z.output), *magnitudes = zeros(c, z.output);
  FOR_EACH_TERM(v, z, add_term(sums, magnitudes, in_y, x[in_x], w[in_w]))
  for (size_t i = 0; b && i < z.output; i++) {
    float shift = b[i / z.out_plane % v->filters];
    sums[i] += (double)shift;
    magnitudes[i] += fabs((double)shift);
  }
  ck_conv_forward(c->kernels, v, x, w, b, y, workspace);
  double *bounds = bounds_of(c, k, z.depth, z.output, magnitudes);
  size_t spread = 0;
  for (size_t i = 0; i < z.output; i++) {
    if (is_spread(k, y[i], sums[i])) spread++;
    else check_near(c, "y", i, (double)y[i], sums[i], bounds[i]);
  }
  check_that(c, "one NaN reaches four tiles of each filter at most", spread <= 4 * 16 * v->filters);
}

void check_conv_gradients(check *c, const conv_case *k) {
  const ck_conv *v = &k->conv;
  sizes z = sizes_of(v);
  open_case(c, "gradients", k);
  float *x = operand(c, z.input, k->whole), *w = operand(c, z.weights, k->whole);
  float *dy = operand(c, z.output, k->whole);
  float *dx = check_floats(c, z.input, check_index(c, 17)), *dw = check_floats(c, z.weights, check_index(c, 17));
  float *workspace = check_floats(c, ck_conv_workspace(c->kernels, v), 0);
  if (k->nan && z.input && z.output) x[check_index(c, z.input)] = NAN;
  double *sums = zeros(c, z.input), *magnitudes = zeros(c, z.input);
  FOR_EACH_TERM(v, z, add_term(sums, magnitudes, in_x, dy[in_y], w[in_w]))
  ck_conv_input_gradient(c->kernels, v, dy, w, dx, workspace);
  size_t terms = v->filters / v->groups * v->kernel_height * v->kernel_width;
  double *bounds = bounds_of(c, k, terms, z.input, magnitudes);
  for (size_t i = 0; i < z.input; i++) check_near(c, "dx", i, (double)dx[i], sums[i], bounds[i]);

  double *weight_sums = zeros(c, z.weights), *weight_magnitudes = zeros(c, z.weights);
  FOR_EACH_TERM(v, z, add_term(weight_sums, weight_magnitudes, in_w, dy[in_y], x[in_x]))
  ck_conv_weight_gradient(c->kernels, v, x, dy, dw, workspace);
  bounds = bounds_of(c, k, v->images * z.out_plane, z.weights, weight_magnitudes);
  size_t spread = 0;
  for (size_t i = 0; i < z.weights; i++) {
    if (is_spread(k, dw[i], weight_sums[i])) spread++;
    else check_near(c, "dw", i, (double)dw[i], weight_sums[i], bounds[i]);
  }
  check_that(c, "one NaN reaches the taps of one channel at most", spread <= 9 * v->filters);
}
