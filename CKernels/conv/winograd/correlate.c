// Forward passes and input gradients: transforms the kernels, then block by block the inputs, multiplies, and transforms
// the products back.
//
//   for each block of tiles                     V[q][tile][channel], q < 36
//     for each group of filters                 U[q][channel][filter], M[q] = V[q] U[q]
//       for each vector of filters: outputs from M
#include "../../runtime/workspace.h"
#include "tiles.h"
#include "winograd.h"

// Room in scratch memory: V fills the larger part; M, a window and a row of finished tiles share the other.
enum {
  RESULT_FLOATS = 144 * 1024,
  STAGE_FLOATS = 16 * CK_WINOGRAD_TILE * CK_WINOGRAD_TILE * CK_WINOGRAD_COLUMNS,
  CHANNELS_AT_ONCE = 32,  // of the kernels
};
_Static_assert(RESULT_FLOATS + CK_WINDOW_FLOATS + STAGE_FLOATS <= CK_PACKED_B_FLOATS, "scratch memory");

typedef struct plan {
  const correlation *c;
  tiling tiling;
  size_t columns;            // of filters: whole tiles of a product
  size_t depth, v_frequency; // floats of one tile's channels in V; from one frequency to the next
  size_t u_frequency;
  size_t group;              // filters whose products are held at once, in tiles of a product
} plan;

// Floats of one tile's channels in V: whole vectors, and rows that do not all fall into a few sets of a cache.
static size_t padded_depth(const ck_kernels *kernels, size_t channels) {
  const size_t depth = ceil_div(channels, kernels->lanes) * kernels->lanes;
  return depth % 256 == 0 ? depth + 16 : depth;
}

static size_t filter_tiles(const correlation *c) { return ceil_div(c->filters, c->kernels->tile_columns); }

static size_t u_frequency(const ck_kernels *kernels, size_t channels) {
  return ck_frequency_stride(channels * kernels->tile_columns);
}

static size_t most_tiles(const ck_kernels *kernels, size_t channels) {
  const size_t fitting = (CK_PACKED_A_FLOATS / CK_WINOGRAD_FREQUENCIES - 32) / padded_depth(kernels, channels);
  const size_t results = (RESULT_FLOATS / CK_WINOGRAD_FREQUENCIES - 32) / kernels->tile_columns;
  return smaller(smaller(fitting, results), 64);
}

static size_t correlation_workspace(const ck_kernels *kernels, size_t filters, size_t channels) {
  return ceil_div(filters, kernels->tile_columns) * CK_WINOGRAD_FREQUENCIES * u_frequency(kernels, channels);
}

size_t ck_winograd_workspace(const ck_kernels *kernels, const ck_conv *conv) {
  return larger_size(correlation_workspace(kernels, conv->filters, conv->channels),
                     correlation_workspace(kernels, conv->channels, conv->filters));
}

bool ck_winograd_correlates(const correlation *c) {
  const grid_axis *y = &c->y, *x = &c->x;
  return c->algorithm != CK_CONV_DIRECT && c->groups == 1 && y->taps == 3 && x->taps == 3 && y->step == 1 && x->step == 1 && y->stride == 1 &&
         x->stride == 1 && y->spacing == x->spacing && (x->spacing == 1 || x->spacing == -1) &&
         most_tiles(c->kernels, c->channels) >= c->kernels->tile_rows && c->channels >= c->kernels->lanes &&
         c->filters >= c->kernels->lanes;
}

// Transforms some channels of one tile of filters.
static void transform_filters(void *context, size_t index, ck_workspace *workspace) {
  const plan *p = context;
  const correlation *c = p->c;
  const size_t chunks = ceil_div(c->channels, CHANNELS_AT_ONCE), width = c->kernels->tile_columns;
  const size_t tile = index / chunks, channel = index % chunks * CHANNELS_AT_ONCE;
  const size_t channels = smaller(CHANNELS_AT_ONCE, c->channels - channel);
  const size_t filters = smaller(width, c->filters - tile * width);
  const float *weights = c->weights + tile * width * c->weight_filter + channel * c->weight_channel;
  float *taps = ck_workspace_packed_b(workspace);
  if (c->weight_channel == 9) {
    c->kernels->pack_b(true, filters, 9 * channels, weights, c->weight_filter, taps);
  } else {
    for (size_t i = 0; i < channels; i++) {
      c->kernels->pack_b(true, filters, 9, weights + i * c->weight_channel, c->weight_filter, taps + 9 * width * i);
    }
  }
  float *u = c->workspace + tile * CK_WINOGRAD_FREQUENCIES * p->u_frequency + channel * width;
  c->kernels->winograd_filters(channels, ceil_div(filters, c->kernels->lanes), c->x.spacing < 0, taps, u,
                               p->u_frequency);
}

// The outputs of up to `lanes` filters from their products.
static void transform_products(const plan *p, const tile_block *b, size_t filter, const float *products,
                               size_t tile_stride, size_t frequency, float *stage) {
  const correlation *c = p->c;
  const size_t lanes = c->kernels->lanes, count = smaller(lanes, c->filters - filter);
  const size_t plane = c->y.length * c->x.length, left = b->column * CK_WINOGRAD_TILE;
  const size_t width = smaller(b->columns * CK_WINOGRAD_TILE, c->x.length - left);
  float bias[16];
  for (size_t i = 0; i < lanes; i++) bias[i] = c->bias && i < count ? c->bias[filter + i] : 0.0f;
  ck_winograd_tiles tiles = {.tiles = b->columns, .pitch = width, .columns = width, .tile_stride = tile_stride,
                             .frequency_stride = frequency, .pixels = stage};
  for (size_t image = 0; image < b->images; image++) {
    float *out = c->out + ((b->image + image) * c->filters + filter) * plane + left;
    for (size_t row = 0; row < b->rows; row++, products += b->columns * tile_stride) {
      const size_t top = (b->row + row) * CK_WINOGRAD_TILE;
      tiles.rows = smaller(CK_WINOGRAD_TILE, c->y.length - top);
      tiles.transformed = (float *)products;
      c->kernels->winograd_outputs(&tiles, bias, c->relu);
      // Whole rows follow each other in the output.
      const size_t runs = width == c->x.length ? 1 : tiles.rows, length = tiles.rows * width / runs;
      for (size_t r = 0; r < runs; r++) {
        c->kernels->images_from_vectors(count, length, stage + r * length * lanes, out + (top + r) * c->x.length,
                                        plane, 1);
      }
    }
  }
}

static void run_block(void *context, size_t index, ck_workspace *workspace) {
  const plan *p = context;
  const correlation *c = p->c;
  const ck_kernels *k = c->kernels;
  const tile_block b = ck_tile_block(&p->tiling, index);
  const size_t tiles = tiles_of(&b), width = k->tile_columns, lanes = k->lanes;
  float *const v = ck_workspace_packed_a(workspace), *const m = ck_workspace_packed_b(workspace);
  float *const window = m + RESULT_FLOATS, *const stage = window + CK_WINDOW_FLOATS;

  // Taps of a reversed kernel reach from the other side.
  const ptrdiff_t back = c->x.spacing < 0 ? 2 : 0;
  const tile_source source = {.kernels = k, .pixels = c->source, .planes = c->channels, .height = c->y.source,
                              .width = c->x.source, .top = c->y.first - back, .left = c->x.first - back, .side = 6,
                              .transform = k->winograd_inputs};
  for (size_t channel = 0; channel < c->channels; channel += lanes) {
    ck_transform_block(&source, &b, channel, smaller(lanes, c->channels - channel), window, v + channel, p->depth,
                       p->v_frequency);
  }

  const pieces panels = {tiles, ceil_div(tiles, k->tile_rows)};
  for (size_t filter = 0; filter < c->filters; filter += p->group * width) {
    const size_t filters = smaller(p->group * width, c->filters - filter);
    const size_t m_stride = ceil_div(filters, lanes) * lanes, m_frequency = ck_frequency_stride(tiles * m_stride);
    for (size_t q = 0; q < CK_WINOGRAD_FREQUENCIES; q++) {
      ck_panel panel = {.columns = filters, .k = c->channels, .alpha = 1, .a_stride = p->depth,
                        .b = c->workspace + filter / width * CK_WINOGRAD_FREQUENCIES * p->u_frequency +
                             q * p->u_frequency,
                        .b_stride = width, .b_tile = CK_WINOGRAD_FREQUENCIES * p->u_frequency, .ldc = m_stride};
      for (size_t i = 0; i < panels.count; i++) {
        const size_t tile = piece_first(panels, i);
        panel.rows = piece_length(panels, i);
        panel.a = v + q * p->v_frequency + tile * p->depth;
        panel.c = m + q * m_frequency + tile * m_stride;
        k->gemm_panel(&panel);
      }
    }
    for (size_t f = 0; f < filters; f += lanes) {
      transform_products(p, &b, filter + f, m + f, m_stride, m_frequency, stage);
    }
  }
}

void ck_winograd_correlate(const correlation *c) {
  const ck_kernels *k = c->kernels;
  plan p = {.c = c, .depth = padded_depth(k, c->channels), .u_frequency = u_frequency(k, c->channels)};
  p.tiling = ck_tile(c->images, c->y.length, c->x.length, most_tiles(k, c->channels));
  const size_t tiles = p.tiling.block_images * p.tiling.block_rows * p.tiling.block_columns;
  p.v_frequency = ck_frequency_stride(tiles * p.depth);
  p.group = larger_size(1, (RESULT_FLOATS / CK_WINOGRAD_FREQUENCIES - 32) / tiles / k->tile_columns);
  p.group = smaller(p.group, 2);
  ck_parallel_for(filter_tiles(c) * ceil_div(c->channels, CHANNELS_AT_ONCE), transform_filters, &p);
  ck_parallel_for(p.tiling.count, run_block, &p);
}
