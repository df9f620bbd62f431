// Convolutions and their gradients: drawn at random, around vector, tile and block edges, and as networks have them.
#include "conv_case.h"

static void check_both(check *c, ck_conv conv) {
  conv_case k = {.conv = conv, .bias = check_index(c, 2), .whole = check_index(c, 4) != 0};
  k.nan = check_index(c, 8) == 0;
  check_conv_forward(c, &k);
  check_conv_gradients(c, &k);
}

static void draw_many(check *c, int count) {
  for (int i = 0; i < count; i++) check_both(c, draw_conv(c));
}

// Channels and filters that fill vectors, nearly or just not, with any strides, dilations and margins.
static void fill_vectors(check *c, int count) {
  static const size_t counts[] = {1, 4, 7, 8, 13, 14, 16, 17, 28, 32, 33, 48};
  for (int i = 0; i < count; i++) {
    ck_conv conv = draw_conv(c);
    conv.groups = 1 + check_index(c, 5) / 4;
    conv.channels = conv.groups * counts[check_index(c, COUNT(counts))];
    conv.filters = conv.groups * counts[check_index(c, COUNT(counts))];
    conv.images = check_index(c, 5), conv.width = check_index(c, 20);
    check_both(c, conv);
  }
}

// Widths around a vector, images around a vector, filters around a tile.
static void sweep_edges(check *c) {
  static const size_t widths[] = {1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 28, 31, 32, 33};
  static const size_t counts[] = {1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33};
  for (size_t i = 0; i < COUNT(widths); i += c->quick ? 3 : 1) {
    ck_conv conv = square_conv(counts[check_index(c, COUNT(counts))], 2, widths[i], 3, 3, 1, 1);
    conv.height = 3;
    check_both(c, conv);
    conv.stride_width = 2;
    check_both(c, conv);
  }
  for (size_t i = 0; i < COUNT(counts); i += c->quick ? 2 : 1) {
    check_both(c, square_conv(counts[i], 3, 6, 4, 3, 1, 1));
    check_both(c, square_conv(2, 2, 5, counts[i], 3, 2, 1));
    check_both(c, square_conv(2, counts[i], 5, 2, 2, 1, 0));
  }
}

// Blocks: images too large for one, sums that reach over several, channels and filters in several items.
static void cross_blocks(check *c) {
  check_both(c, square_conv(2, 3, 40, 5, 3, 1, 1));     // some images a block of a weight gradient, none whole
  check_both(c, square_conv(5, 2, 17, 3, 3, 1, 1));     // several whole images a block
  check_both(c, square_conv(18, 40, 7, 13, 3, 1, 1));   // images side by side, with two left over
  check_both(c, square_conv(1, 17, 70, 16, 3, 2, 1));   // vectors of filters, cut into bands of rows
  check_both(c, square_conv(9, 16, 14, 32, 1, 1, 0));   // inputs read where they are, several images a block
  for (int pixels = 0; pixels < 2; pixels++) {          // channels in two and three chains, by either way
    ck_conv chains = square_conv(2, 100, 7, 16, 3, 2, 1);
    chains.algorithm = pixels ? CK_CONV_DIRECT_PIXELS : CK_CONV_DIRECT;
    check_both(c, chains);
    chains.channels = 16, chains.filters = 200, chains.images = 17;
    check_both(c, chains);
  }
  if (c->quick) return;
  check_both(c, square_conv(3, 32, 34, 49, 2, 2, 0));
  check_both(c, square_conv(2, 150, 13, 130, 3, 2, 1));  // channels in parts
  check_both(c, square_conv(1, 40, 68, 6, 3, 1, 1));    // windows cut into bands of rows
  check_both(c, square_conv(16, 96, 20, 4, 3, 2, 1));   // images side by side, cut into bands of rows
  ck_conv wide = square_conv(1, 24, 3, 2, 3, 1, 1);     // windows cut across
  wide.width = 9000;
  check_both(c, wide);
  wide.filters = 16, wide.padding_width = 0, wide.stride_width = 2;
  check_both(c, wide);
  check_both(c, square_conv(3, 300, 4, 70, 1, 1, 0));
  check_both(c, square_conv(4, 20, 9, 300, 3, 1, 1));
  check_both(c, square_conv(1, 16, 5, 1700, 7, 2, 3));  // weights sorted by stride phase, a chunk of channels each
}

static void check_path(check *c, const ck_conv *conv, ck_conv_pass pass, const char *wanted) {
  check_that(c, wanted, strcmp(ck_conv_path_name(c->kernels, conv, pass), wanted) == 0);
}

// The list of ways: each pass goes the first that suits it, or the one that is asked for.
static void check_paths(check *c) {
  check_case(c, "the way that each pass goes");
  ck_conv many = square_conv(4, 64, 16, 64, 3, 1, 1), strided = square_conv(4, 64, 15, 64, 3, 2, 1);
  ck_conv few = square_conv(2, 1, 28, 3, 5, 1, 2), dilated = square_conv(1, 2048, 33, 16, 3, 1, 12);
  many.algorithm = strided.algorithm = few.algorithm = dilated.algorithm = CK_CONV_AUTOMATIC;
  dilated.dilation_height = dilated.dilation_width = 12;
  for (int pass = CK_CONV_FORWARD; pass <= CK_CONV_WEIGHT_GRADIENT; pass++) {
    check_path(c, &many, (ck_conv_pass)pass, "winograd");
    check_path(c, &strided, (ck_conv_pass)pass, "direct_filters");
    check_path(c, &few, (ck_conv_pass)pass, "direct_pixels");
    ck_conv forced = strided;
    forced.algorithm = CK_CONV_DIRECT_PIXELS;
    check_path(c, &forced, (ck_conv_pass)pass, "direct_pixels");
    forced.algorithm = CK_CONV_REFERENCE;
    check_path(c, &forced, (ck_conv_pass)pass, "reference");
  }
  check_path(c, &dilated, CK_CONV_FORWARD, "reference");
}

// The matrix products over patches, and vectors of pixels where filters would fill them, take any shape: those that the
// other ways are drawn from, in more than one block of positions and of taps as well.
static void draw_reference(check *c, int count) {
  for (int i = 0; i < count; i++) {
    ck_conv conv = draw_conv(c);
    conv.algorithm = CK_CONV_REFERENCE;
    check_both(c, conv);
    conv.filters = conv.groups * 16, conv.channels = conv.groups * 8, conv.images = check_index(c, 3);
    conv.algorithm = CK_CONV_DIRECT_PIXELS;
    check_both(c, conv);
  }
  static const size_t shapes[][7] = {{2, 60, 19, 3, 3, 1, 1}, {1, 3, 40, 140, 3, 2, 1}, {2, 1, 30, 2, 27, 1, 13}};
  for (size_t s = 0; s < (c->quick ? 1 : COUNT(shapes)); s++) {
    const size_t *g = shapes[s];
    ck_conv conv = square_conv(g[0], g[1], g[2], g[3], g[4], g[5], g[6]);
    conv.algorithm = CK_CONV_REFERENCE;
    check_both(c, conv);
  }
}

// Windows that no scratch memory holds, or that are mostly margins of dilated kernels, are right as well.
static void overflow_scratch(check *c) {
  ck_conv dilated = square_conv(1, 600, 17, 3, 3, 1, 12);
  dilated.dilation_height = dilated.dilation_width = 12;
  check_both(c, dilated);
  dilated.channels = 3, dilated.filters = 600;
  check_both(c, dilated);
  ck_conv deep = square_conv(1, 13000, 3, 1, 3, 1, 1);
  check_both(c, deep);
  ck_conv spread = square_conv(1, 1, 2, 1, 3, 1, 800);
  spread.dilation_height = spread.dilation_width = 800;
  check_both(c, spread);
}

static void check_networks(check *c) {
  check_both(c, square_conv(c->quick ? 2 : 20, 1, 28, 6, 5, 1, 2));
  check_both(c, square_conv(c->quick ? 3 : 20, 6, 14, 16, 5, 1, 0));
  check_both(c, square_conv(16, 3, 20, 8, 5, 1, 0));  // an input gradient whose margins images side by side leave out
  check_both(c, square_conv(c->quick ? 1 : 3, 16, 32, 16, 3, 1, 1));
  check_both(c, square_conv(c->quick ? 1 : 3, 16, 32, 32, 1, 2, 0));
  check_both(c, square_conv(c->quick ? 1 : 17, 16, 16, 32, 3, 2, 1));
}

// Outputs that go past the caches, or would if they stood on a boundary.
static void check_large(check *c) {
  conv_case k = {.conv = square_conv(66, 1, 32, 32, 3, 1, 1), .bias = true, .whole = true};
  for (int aligned = 0; aligned < 2; aligned++) {
    k.aligned = aligned;
    check_conv_forward(c, &k);
  }
}

// Depthwise, and as many groups as it takes.
static void check_groups(check *c) {
  ck_conv depthwise = square_conv(3, 6, 9, 6, 3, 1, 1);
  depthwise.groups = 6;
  check_both(c, depthwise);
  depthwise.filters = 12;
  depthwise.stride_height = 2;
  check_both(c, depthwise);
}

// Winograd's way: drawn at random, around tiles of outputs, tiles of products, vectors and chunks of channels.
static void check_winograd(check *c) {
  for (int i = 0; i < (c->quick ? 30 : 200); i++) {
    ck_conv conv = square_conv(check_index(c, 6), 1 + check_index(c, 40), 0, 1 + check_index(c, 40), 3, 1, 0);
    conv.padding_height = check_index(c, 4), conv.padding_width = check_index(c, 4);
    conv.height = check_index(c, 15), conv.width = check_index(c, check_index(c, 4) ? 17 : 43);
    conv.algorithm = CK_CONV_WINOGRAD;
    check_both(c, conv);
  }
  // Images that share blocks, kernels in chunks of channels and of filters, sums in parts.
  static const size_t shapes[][4] = {{17, 16, 8, 33}, {70, 20, 4, 17}, {3, 65, 9, 70}, {1, 130, 6, 12}, {2, 16, 70, 5}};
  for (size_t s = 0; s < COUNT(shapes); s++) {
    ck_conv conv = square_conv(shapes[s][0], shapes[s][1], shapes[s][2], shapes[s][3], 3, 1, 1);
    conv.algorithm = CK_CONV_WINOGRAD;
    if (s < 2 || !c->quick) check_both(c, conv);
  }
  if (c->quick) return;
  ck_conv wide = square_conv(1, 16, 5, 16, 3, 1, 1);  // rows of tiles cut in two
  wide.width = 500;
  wide.algorithm = CK_CONV_WINOGRAD;
  check_both(c, wide);
  ck_conv deep = square_conv(3, 300, 8, 20, 3, 1, 1);  // so many channels that a block holds fewer tiles
  deep.algorithm = CK_CONV_WINOGRAD;
  check_both(c, deep);
  ck_conv deeper = square_conv(1, 3000, 3, 2, 3, 1, 1);  // and so many that scratch memory holds none
  deeper.algorithm = CK_CONV_WINOGRAD;
  check_both(c, deeper);
}

// The root mean square of errors over that of the results.
static double relative_error(size_t n, const float *got, const double *wanted) {
  double errors = 0, squares = 0;
  for (size_t i = 0; i < n; i++) {
    errors += ((double)got[i] - wanted[i]) * ((double)got[i] - wanted[i]);
    squares += wanted[i] * wanted[i];
  }
  return sqrt(errors / squares);
}

// What the header promises of Winograd's accuracy.
static void check_winograd_accuracy(check *c, size_t channels) {
  ck_conv v = square_conv(2, channels, 10, 32, 3, 1, 1);
  v.algorithm = CK_CONV_WINOGRAD;
  check_case(c, "accuracy of Winograd's way with %zu channels", channels);
  size_t input = 2 * channels * 100, output = 2 * 32 * 100, weights = 32 * channels * 9;
  float *x = check_floats(c, input, 0), *w = check_floats(c, weights, 0), *dy = check_floats(c, output, 0);
  check_fill_normal(c, input, x, 0, 1);
  check_fill_normal(c, weights, w, 0, 1);
  check_fill_normal(c, output, dy, 0, 1);
  double *y_sums = check_doubles(c, output), *dx_sums = check_doubles(c, input), *dw_sums = check_doubles(c, weights);
  conv_sums(&v, x, w, dy, y_sums, dx_sums, dw_sums);
  float *y = check_floats(c, output, 0), *dx = check_floats(c, input, 0), *dw = check_floats(c, weights, 0);
  float *workspace = check_floats(c, ck_conv_workspace(c->kernels, &v), 0);
  ck_conv_forward(c->kernels, &v, x, w, NULL, y, workspace);
  ck_conv_input_gradient(c->kernels, &v, dy, w, dx, workspace);
  ck_conv_weight_gradient(c->kernels, &v, x, dy, dw, workspace);
  check_near(c, "error of y", 0, relative_error(output, y, y_sums), 0, 1e-6);
  check_near(c, "error of dx", 0, relative_error(input, dx, dx_sums), 0, 1e-6);
  check_near(c, "error of dw", 0, relative_error(weights, dw, dw_sums), 0, 1e-6);
}

// Left to itself, a convolution is one of the two to the bit: Winograd's where it has many channels, else the other.
static void check_choice(check *c) {
  for (int many = 0; many < 2; many++) {
    size_t channels = many ? 32 : 2;
    ck_conv conv = square_conv(3, channels, 12, channels, 3, 1, 1);
    check_case(c, "choice of %zu channels", channels);
    size_t n = 3 * channels * 144, weights = 9 * channels * channels;
    float *x = check_floats(c, n, 3), *w = check_floats(c, weights, 5);
    float *chosen = check_floats(c, n, 0), *wanted = check_floats(c, n, 0);
    check_fill_uniform(c, n, x, -1, 1);
    check_fill_uniform(c, weights, w, -1, 1);
    conv.algorithm = many ? CK_CONV_WINOGRAD : CK_CONV_DIRECT;
    float *workspace = check_floats(c, ck_conv_workspace(c->kernels, &conv), 0);
    ck_conv_forward(c->kernels, &conv, x, w, NULL, wanted, workspace);
    conv.algorithm = CK_CONV_AUTOMATIC;
    workspace = check_floats(c, ck_conv_workspace(c->kernels, &conv), 0);
    ck_conv_forward(c->kernels, &conv, x, w, NULL, chosen, workspace);
    check_bits(c, "y", n * sizeof(float), chosen, wanted);
  }
}

static void check_columns(check *c) {
  for (int repeat = 0; repeat < (c->quick ? 20 : 60); repeat++) {
    ck_conv v = draw_conv(c);
    size_t positions = ck_conv_output_height(&v) * ck_conv_output_width(&v), pixels = v.height * v.width;
    size_t taps = v.kernel_height * v.kernel_width;
    check_case(c, "im2col, draw %d", repeat);
    float *x = check_floats(c, v.channels * pixels, 3), *columns = check_floats(c, v.channels * taps * positions, 5);
    check_fill_uniform(c, v.channels * pixels, x, -1, 1);
    ck_im2col(&v, x, columns);
    float *back = check_floats(c, v.channels * pixels, 1);
    ck_col2im(&v, columns, back);
    for (size_t channel = 0; channel < v.channels; channel++) {
      double *uses = check_doubles(c, pixels);
      for (size_t i = 0; i < pixels; i++) uses[i] = 0;
      for (size_t tap = 0; tap < taps; tap++) {
        for (size_t p = 0; p < positions; p++) {
          size_t width = ck_conv_output_width(&v);
          ptrdiff_t pixel = conv_pixel(&v, p / width, p % width, tap / v.kernel_width, tap % v.kernel_width);
          float wanted = pixel < 0 ? 0 : x[channel * pixels + (size_t)pixel];
          check_near(c, "column entry", p, (double)columns[(channel * taps + tap) * positions + p], (double)wanted, 0);
          if (pixel >= 0) uses[pixel] += 1;
        }
      }
      for (size_t i = 0; i < pixels; i++) {
        // As many equal terms as entries came from it: each addition is rounded.
        double sum = uses[i] * (double)x[channel * pixels + i];
        check_near(c, "pixel", i, (double)back[channel * pixels + i], sum, uses[i] * (double)FLT_EPSILON * fabs(sum));
      }
      check_release(c);
    }
  }
}

static void check_channel_sums(check *c) {
  static const size_t shapes[][3] = {{1, 1, 1},    {3, 2, 5}, {2, 17, 16}, {5, 3, 784},
                                     {2, 2, 9001}, {4, 5, 0}, {70, 33, 64}};
  for (size_t s = 0; s < COUNT(shapes); s++) {
    size_t images = shapes[s][0], channels = shapes[s][1], pixels = shapes[s][2];
    check_case(c, "channel sums %zux%zux%zu", images, channels, pixels);
    float *x = check_floats(c, images * channels * pixels, 2), *sums = check_floats(c, channels, 1);
    check_fill_whole(c, images * channels * pixels, x, 3);
    ck_channel_sums(c->kernels, images, channels, pixels, x, sums);
    for (size_t channel = 0; channel < channels; channel++) {
      double wanted = 0;
      for (size_t n = 0; n < images; n++) {
        for (size_t p = 0; p < pixels; p++) wanted += (double)x[(n * channels + channel) * pixels + p];
      }
      check_near(c, "sum", channel, (double)sums[channel], wanted, 0);
    }
  }
}

void suite_conv(check *c) {
  draw_many(c, c->quick ? 60 : 400);
  fill_vectors(c, c->quick ? 30 : 200);
  sweep_edges(c);
  cross_blocks(c);
  check_networks(c);
  check_groups(c);
  check_paths(c);
  draw_reference(c, c->quick ? 40 : 200);
  check_winograd(c);
  check_winograd_accuracy(c, 16);
  if (!c->quick) check_winograd_accuracy(c, 64);
  if (!c->quick) check_winograd_accuracy(c, 512);
  check_choice(c);
  check_columns(c);
  check_channel_sums(c);
  if (!c->quick) check_large(c);
  if (!c->quick) overflow_scratch(c);
}
