// When Winograd's way is taken.
#include "tiles.h"
#include "../../gemm/gemm_kernels.h"
#include "winograd.h"

// Whether it should beat one sum per output, by cycles of a vector unit as measured: of products, of transforms of
// tiles, and of those of kernels, made anew for every block of 64 tiles or once. By shapes alone, so that neither
// threads nor addresses change a bit; lanes that hold no channel cost as much as the others.
static bool pays(const ck_kernels *k, size_t channels, size_t filters, double tiles, double outputs, double blocks) {
  const double in = (double)round_up(channels, k->lanes);
  const double out = (double)round_up(filters, k->lanes);
  const double winograd = tiles * (20 * in * out + 370 * (in + out)) + 200 * blocks * in * out;
  return winograd < 5.9 * (double)(channels * filters) * outputs;
}

static double tiles_for(size_t images, size_t height, size_t width) {
  return (double)(images * ceil_div(height, CK_WINOGRAD_TILE) * ceil_div(width, CK_WINOGRAD_TILE));
}

bool ck_winograd_suits_correlation(const correlation *c) {
  const grid_axis *y = &c->y, *x = &c->x;
  if (c->groups != 1 || y->taps != 3 || x->taps != 3 || y->step != 1 ||
      x->step != 1 || y->stride != 1 || x->stride != 1 || y->spacing != x->spacing ||
      (x->spacing != 1 && x->spacing != -1) || !c->images || !y->length || !x->length ||
      ck_winograd_block(c->kernels, c->channels) < c->kernels->gemm->mr) {
    return false;
  }
  const double tiles = tiles_for(c->images, y->length, x->length), blocks = tiles < 64 ? 1 : tiles / 64;
  return c->algorithm == CK_CONV_WINOGRAD ||
         pays(c->kernels, c->channels, c->filters, tiles, (double)(c->images * y->length * x->length), blocks);
}

bool ck_winograd_suits(const ck_conv *conv) {
  return conv->groups == 1 && conv->kernel_height == 3 && conv->kernel_width == 3 && conv->stride_height == 1 &&
         conv->stride_width == 1 && conv->dilation_height == 1 && conv->dilation_width == 1;
}

bool ck_winograd_suits_weight_gradient(const ck_kernels *kernels, const ck_conv *conv) {
  const size_t height = ck_conv_output_height(conv), width = ck_conv_output_width(conv);
  if (!ck_winograd_suits(conv) || !conv->images || !height || !width) return false;
  return conv->algorithm == CK_CONV_WINOGRAD ||
         pays(kernels, conv->channels, conv->filters, tiles_for(conv->images, height, width),
              (double)(conv->images * height * width), 1);
}
