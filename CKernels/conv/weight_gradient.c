// dw[f, (c, s, t)] = sum over images and positions of dy[n, f, position] x[n, c, position's tap (s, t)].
//
//   for each block of images and positions          (its output gradients of a few filters fit L1)
//     copy the window of a block of channels
//     for each few filters, for each few taps: a tile of inner products, added to its sums
//
// The blocks of the sum depend on the shapes alone, and threads split filters and channels: the same bits always.
#include "weight_gradient.h"

#include "../runtime/sizes.h"
#include "../runtime/workspace.h"
#include "blocks.h"

// Positions, over all images of a block, that one filter's vectors cover before their sums are taken.
enum { BLOCK_POSITIONS = 1280 };

static const double parallel_threshold = 2e5;

// `total` cut into nearly equal pieces.
typedef struct pieces {
  size_t total, count;
} pieces;

static size_t piece_first(pieces p, size_t index) {
  return index * (p.total / p.count) + smaller(index, p.total % p.count);
}
static size_t piece_length(pieces p, size_t index) { return p.total / p.count + (index < p.total % p.count); }

// The sums of one tile, in whole vectors.
static size_t tile_floats(const ck_kernels *k) {
  return ceil_div(k->weight_rows * k->weight_columns, k->lanes) * k->lanes;
}

typedef struct gradient {
  const ck_kernels *kernels;
  const ck_conv *conv;
  const float *x, *dy;
  float *dw, *sums;
  size_t channels, filters, taps;  // of a group
  grid_axis y_axis, x_axis;
  blocks blocks;                   // of one image, or of as many as a vector has lanes
  size_t block_images;             // that go into one block of the sum
  const uint32_t *offsets;         // of (channel, tap), for the channels of an item
  pieces filter_tiles;             // how the filters of a group go into tiles
  pieces item_channels, item_tiles;  // how channels and filter tiles go into items
} gradient;

// What one item owns of dw: some channels and filters of one group.
typedef struct item {
  size_t group, channel, channels;
  size_t first_tile, end_tile, first_filter, filters;
  pieces columns;  // how its channels' taps go into tiles
  float *sums;
} item;

static size_t tap_tiles(const gradient *g) { return ceil_div(g->taps, g->kernels->weight_columns); }

static item item_at(const gradient *g, size_t index) {
  const size_t tiles = index % g->item_tiles.count, channels = index / g->item_tiles.count % g->item_channels.count;
  item it = {.group = index / g->item_tiles.count / g->item_channels.count};
  it.channel = piece_first(g->item_channels, channels), it.channels = piece_length(g->item_channels, channels);
  it.first_tile = piece_first(g->item_tiles, tiles), it.end_tile = it.first_tile + piece_length(g->item_tiles, tiles);
  it.first_filter = piece_first(g->filter_tiles, it.first_tile);
  it.filters = piece_first(g->filter_tiles, it.end_tile) - it.first_filter;
  it.columns.total = it.channels * g->taps;
  it.columns.count = ceil_div(it.columns.total, g->kernels->weight_columns);
  // Room as if each channel's taps were tiled on their own, which no item exceeds.
  const size_t tile = (it.group * g->channels + it.channel) * tap_tiles(g) * g->filter_tiles.count +
                      it.first_tile * it.channels * tap_tiles(g);
  it.sums = g->sums + tile * tile_floats(g->kernels);
  return it;
}

// The place of a block of the sum: images, grid rows, grid columns.
typedef struct place {
  size_t image, images, y0, y1, x0, x1;
} place;

// Brings the inputs of a block into scratch, and its output gradients too where lanes are images.
static ck_weight_tile prepare(const gradient *g, const item *it, const place *at, ck_workspace *workspace) {
  const ck_conv *c = g->conv;
  const blocks *b = &g->blocks;
  const size_t in_plane = c->height * c->width, out_plane = g->y_axis.output * g->x_axis.output;
  const size_t width = at->x1 - at->x0, lanes = g->kernels->lanes;
  const float *x = g->x + (at->image * c->channels + it->group * g->channels + it->channel) * in_plane;
  const float *dy = g->dy + (at->image * c->filters + it->group * g->filters + it->first_filter) * out_plane;
  float *const inputs = ck_workspace_packed_a(workspace), *const gradients = ck_workspace_packed_b(workspace);

  ck_window window = block_window(b, &g->y_axis, &g->x_axis, it->channels, c->channels * in_plane, at->images, at->y0,
                                  at->y1, at->x0, at->x1);
  ck_weight_tile tile = {.source = inputs, .height = at->y1 - at->y0, .source_row = g->y_axis.step * b->row_stride};
  if (b->by_image) {
    g->kernels->window(&window, x, inputs);
    const ck_window outputs = {.by_image = true, .channels = it->filters, .images = at->images,
                               .image_stride = c->filters * out_plane, .height = g->y_axis.output,
                               .width = g->x_axis.output, .top = (ptrdiff_t)at->y0, .left = (ptrdiff_t)at->x0,
                               .rows = tile.height, .columns = width, .step = 1, .row_stride = width * lanes,
                               .plane_stride = tile.height * width * lanes};
    g->kernels->window(&outputs, dy, gradients);
    tile.gradient = gradients, tile.gradient_row = outputs.row_stride, tile.gradient_filter = outputs.plane_stride;
    tile.images = 1, tile.length = width * lanes, tile.source_vector = g->x_axis.step * lanes;
  } else {
    tile.source_image = it->channels * b->plane_stride;
    for (size_t n = 0; n < at->images; n++) {
      g->kernels->window(&window, x + n * window.image_stride, inputs + n * tile.source_image);
    }
    tile.gradient = dy + at->y0 * g->x_axis.output + at->x0;
    tile.gradient_row = g->x_axis.output, tile.gradient_filter = out_plane;
    tile.gradient_image = c->filters * out_plane;
    tile.images = at->images, tile.length = width, tile.source_vector = lanes;
  }
  return tile;
}

static void run_block(const gradient *g, const item *it, const place *at, bool adds, ck_workspace *workspace) {
  ck_weight_tile tile = prepare(g, it, at, workspace);
  const float *const gradients = tile.gradient;
  tile.adds = adds;
  tile.sums = it->sums;
  for (size_t t = it->first_tile; t < it->end_tile; t++) {
    tile.rows = piece_length(g->filter_tiles, t);
    tile.gradient = gradients + (piece_first(g->filter_tiles, t) - it->first_filter) * tile.gradient_filter;
    for (size_t k = 0; k < it->columns.count; k++) {
      tile.columns = piece_length(it->columns, k);
      tile.offsets = g->offsets + piece_first(it->columns, k);
      g->kernels->weight_tile(&tile);
      tile.sums += tile_floats(g->kernels);
    }
  }
}

static void store_sums(const gradient *g, const item *it, bool any) {
  const size_t depth = g->channels * g->taps;
  const float *sums = it->sums;
  for (size_t t = it->first_tile; t < it->end_tile; t++) {
    const size_t rows = piece_length(g->filter_tiles, t), filter = it->group * g->filters + piece_first(g->filter_tiles, t);
    for (size_t k = 0; k < it->columns.count; k++, sums += tile_floats(g->kernels)) {
      const size_t columns = piece_length(it->columns, k);
      float *out = g->dw + filter * depth + it->channel * g->taps + piece_first(it->columns, k);
      for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) out[i * depth + j] = any ? sums[i * columns + j] : 0.0f;
      }
    }
  }
}

static void run_item(void *context, size_t index, ck_workspace *workspace) {
  const gradient *g = context;
  const item it = item_at(g, index);
  bool any = false;
  for (size_t image = 0; image < g->conv->images; image += g->block_images) {
    place at = {.image = image, .images = smaller(g->block_images, g->conv->images - image)};
    for (at.y0 = 0; at.y0 < g->y_axis.length; at.y0 = at.y1) {
      at.y1 = smaller(at.y0 + g->blocks.height, g->y_axis.length);
      for (at.x0 = 0; at.x0 < g->x_axis.length; at.x0 = at.x1, any = true) {
        at.x1 = smaller(at.x0 + g->blocks.width, g->x_axis.length);
        run_block(g, &it, &at, any, workspace);
      }
    }
  }
  store_sums(g, &it, any);
}

size_t weight_gradient_workspace(const ck_kernels *k, const ck_conv *c) {
  const size_t filters = c->filters / c->groups, taps = c->kernel_height * c->kernel_width;
  const size_t tiles = c->channels * ceil_div(taps, k->weight_columns) * ceil_div(filters, k->weight_rows);
  return tiles * tile_floats(k) + c->channels / c->groups * taps;
}

// One weight after the other, for windows that no scratch memory holds.
static void gradient_plainly(const gradient *g) {
  const ck_conv *c = g->conv;
  const grid_axis *y = &g->y_axis, *x = &g->x_axis;
  for (size_t w = 0; w < c->filters * g->channels * g->taps; w++) {
    const size_t tap = w % g->taps, filter = w / g->taps / g->channels;
    const size_t channel = filter / g->filters * g->channels + w / g->taps % g->channels;
    const ptrdiff_t down = y->first + (ptrdiff_t)(tap / c->kernel_width) * y->spacing;
    const ptrdiff_t across = x->first + (ptrdiff_t)(tap % c->kernel_width) * x->spacing;
    double sum = 0;
    for (size_t image = 0; image < c->images; image++) {
      const float *dy = g->dy + (image * c->filters + filter) * y->length * x->length;
      const float *source = g->x + (image * c->channels + channel) * c->height * c->width;
      for (size_t i = 0; i < y->length; i++) {
        const ptrdiff_t row = (ptrdiff_t)(i * y->step) + down;
        if (row < 0 || row >= (ptrdiff_t)c->height) continue;
        for (size_t j = 0; j < x->length; j++) {
          const ptrdiff_t column = (ptrdiff_t)(j * x->step) + across;
          if (column < 0 || column >= (ptrdiff_t)c->width) continue;
          sum += (double)dy[i * x->length + j] * (double)source[(size_t)row * c->width + (size_t)column];
        }
      }
    }
    g->dw[w] = (float)sum;
  }
}

void ck_conv_weight_gradient(const ck_kernels *kernels, const ck_conv *conv, const float *x, const float *dy, float *dw,
                             float *workspace) {
  gradient g = {.kernels = kernels, .conv = conv, .x = x, .dy = dy, .dw = dw,
                .channels = conv->channels / conv->groups, .filters = conv->filters / conv->groups,
                .taps = conv->kernel_height * conv->kernel_width,
                .y_axis = forward_axis(conv->height, conv->kernel_height, conv->stride_height, conv->dilation_height,
                                       conv->padding_height),
                .x_axis = forward_axis(conv->width, conv->kernel_width, conv->stride_width, conv->dilation_width,
                                       conv->padding_width)};
  if (!conv->images || !g.y_axis.length || !g.x_axis.length) {
    for (size_t i = 0; i < conv->filters * g.channels * g.taps; i++) dw[i] = 0.0f;
    return;
  }
  g.blocks = plan_blocks(kernels, &g.y_axis, &g.x_axis, 1, conv->images, CK_PACKED_A_FLOATS, BLOCK_POSITIONS);
  if (!g.blocks.height) {
    gradient_plainly(&g);
    return;
  }
  // Small images join into one block of the sum, as long as the windows of all channels fit.
  const bool whole = g.blocks.height == g.y_axis.length && g.blocks.width == g.x_axis.length;
  g.block_images = g.blocks.images;
  if (!g.blocks.by_image && whole) {
    const size_t fit = larger_size(CK_PACKED_A_FLOATS / (g.blocks.plane_stride * g.channels), 1);
    g.block_images = smaller(larger_size(BLOCK_POSITIONS / (g.y_axis.length * g.x_axis.length), 1), fit);
  }

  g.filter_tiles = (pieces){g.filters, ceil_div(g.filters, kernels->weight_rows)};
  const size_t window = g.blocks.plane_stride * (g.blocks.by_image ? 1 : g.block_images);
  const size_t channels = smaller(CK_PACKED_A_FLOATS / window, g.channels);
  const size_t tiles = smaller(CK_PACKED_B_FLOATS / (BLOCK_POSITIONS * kernels->weight_rows), g.filter_tiles.count);
  g.item_channels = (pieces){g.channels, ceil_div(g.channels, channels)};
  g.item_tiles = (pieces){g.filter_tiles.count, g.blocks.by_image ? ceil_div(g.filter_tiles.count, tiles) : 1};
  const double work = (double)(conv->images * conv->filters) * (double)(g.y_axis.length * g.x_axis.length) *
                      (double)(g.channels * g.taps);
  const size_t threads = work < parallel_threshold ? 1 : (size_t)ck_threads();
  if (threads > 1) {  // twice as many items as threads, by channels before filters: those copy nothing twice
    const size_t wanted = ceil_div(2 * threads, conv->groups);
    g.item_channels.count = larger_size(g.item_channels.count, smaller(ceil_div(wanted, g.item_tiles.count), g.channels));
    g.item_tiles.count = larger_size(g.item_tiles.count,
                                     smaller(ceil_div(wanted, g.item_channels.count), g.filter_tiles.count));
  }

  g.sums = workspace;
  const size_t room = conv->channels * tap_tiles(&g) * g.filter_tiles.count * tile_floats(kernels);
  uint32_t *offsets = (uint32_t *)(workspace + room);
  g.offsets = offsets;
  for (size_t c = 0; c < channels; c++) {
    for (size_t s = 0; s < conv->kernel_height; s++) {
      for (size_t t = 0; t < conv->kernel_width; t++) {
        *offsets++ = (uint32_t)tap_offset(&g.blocks, &g.y_axis, &g.x_axis, c, s, t);
      }
    }
  }
  const size_t items = conv->groups * g.item_channels.count * g.item_tiles.count;
  if (threads == 1) {
    ck_workspace *scratch = ck_workspace_acquire();
    for (size_t i = 0; i < items; i++) run_item(&g, i, scratch);
    ck_workspace_release(scratch);
  } else {
    ck_parallel_for(items, run_item, &g);
  }
}
