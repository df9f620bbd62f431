// dw[f, (c, s, t)] = sum over images and positions of dy[n, f, position] x[n, c, position's tap (s, t)], filters in the
// lanes: a vector of filters' output gradients at one position times one number of the inputs.
//
//   for each block of images and positions
//     turn the output gradients of all filters: (vector of filters, position, lane); copy the inputs where they need
//     margins
//     for each vector of filters, whose gradients now fit L1, for each few taps: a tile, added to its sums
//   turn the sums
//
// There are no sums over lanes, and rows of any length and any stride are as good as others. Turning costs a filter's
// gradients as much as some ten taps, so narrow layers are better off with vectors along the sum.
//
// The blocks of the sum depend on the shapes alone, and threads split filters and channels: the same bits always.
#include "filters.h"

#include "../../runtime/workspace.h"
#include "../blocks.h"
#include "../totals.h"
#include "grid.h"

// Positions of a block: their gradients of two vectors of filters take most of L1.
enum { BLOCK_POSITIONS = 320 };

static const double parallel_threshold = 2e5;

typedef struct gradient {
  const ck_kernels *kernels;
  const ck_conv *conv;
  const float *x, *dy;
  float *dw, *sums;                 // sums: (group, vector of filters, channel, tap, lane)
  double *totals;                   // of the sums of many blocks, likewise; or NULL
  size_t channels, filters, taps;   // of a group
  size_t vectors;                   // of a group's filters
  grid_axis y_axis, x_axis;
  blocks blocks;
  bool in_place;                    // no margins: the inputs need no copy
  size_t pitch, channel, image;     // floats of the inputs, as tiles read them, from one to the next
  size_t channels_at_once;
  pieces item_vectors, item_channels;
} gradient;

// What one item owns of dw: some channels and vectors of filters of one group.
typedef struct item {
  size_t group, first_vector, vectors, channel, channels;
} item;

static item item_at(const gradient *g, size_t index) {
  const size_t vectors = index % g->item_vectors.count, rest = index / g->item_vectors.count;
  const size_t channels = rest % g->item_channels.count;
  return (item){.group = rest / g->item_channels.count,
                .first_vector = piece_first(g->item_vectors, vectors),
                .vectors = piece_length(g->item_vectors, vectors),
                .channel = piece_first(g->item_channels, channels),
                .channels = piece_length(g->item_channels, channels)};
}

static size_t filters_of(const gradient *g, size_t vector) {
  return smaller(g->kernels->lanes, g->filters - vector * g->kernels->lanes);
}

static float *sums_of(const gradient *g, size_t group, size_t vector, size_t channel) {
  return g->sums + ((group * g->vectors + vector) * g->channels + channel) * g->taps * g->kernels->lanes;
}

// turned[vector of the item, image, position, lane]
static void turn_gradients(const gradient *g, const item *it, const place *at, float *turned) {
  const size_t lanes = g->kernels->lanes, plane = g->y_axis.length * g->x_axis.length;
  const size_t height = at->y1 - at->y0, width = at->x1 - at->x0;
  for (size_t v = it->first_vector; v < it->first_vector + it->vectors; v++) {
    const ck_window w = {.by_image = true, .channels = 1, .images = filters_of(g, v), .image_stride = plane,
                         .height = g->y_axis.length, .width = g->x_axis.length, .top = (ptrdiff_t)at->y0,
                         .left = (ptrdiff_t)at->x0, .rows = height, .columns = width, .pitch = width * lanes};
    for (size_t n = 0; n < at->images; n++, turned += height * width * lanes) {
      const size_t filter = (at->image + n) * g->conv->filters + it->group * g->filters + v * lanes;
      g->kernels->conv->window(&w, g->dy + filter * plane, turned);
    }
  }
}

// All tiles of `width` vectors of filters and some channels.
static void run_tiles(const gradient *g, const place *at, size_t channels, const float *inputs, const float *turned,
                      size_t width, bool adds, float *sums, fetch_ahead ahead[2]) {
  const ck_conv *c = g->conv;
  const size_t lanes = g->kernels->lanes, rows = at->y1 - at->y0, columns = at->x1 - at->x0;
  const ck_filter_tile tile = {.width = width, .lengths = {at->images, rows, columns},
                               .source_steps = {(ptrdiff_t)g->image, (ptrdiff_t)(g->y_axis.step * g->pitch),
                                                (ptrdiff_t)g->x_axis.step},
                               .filter_steps = {(ptrdiff_t)(rows * columns * lanes), (ptrdiff_t)(columns * lanes),
                                                (ptrdiff_t)lanes},
                               .filters = turned, .next_filters = at->images * rows * columns * lanes,
                               .next_out = g->channels * g->taps * lanes, .adds = adds};
  filter_grid taps = {.planes = channels, .lines = c->kernel_height, .columns = c->kernel_width,
                      .source_plane = (ptrdiff_t)g->channel, .source_line = g->y_axis.spacing * (ptrdiff_t)g->pitch,
                      .source_column = g->x_axis.spacing, .out_plane = g->taps * lanes,
                      .out_line = c->kernel_width * lanes, .out_column = lanes};
  if (g->taps == 1) {  // tiles want columns
    taps.planes = 1, taps.columns = channels;
    taps.source_column = (ptrdiff_t)g->channel;
  }
  ck_run_filter_grid(g->kernels, &taps, tile, inputs, sums, ahead);
}

static void run_block(const gradient *g, const item *it, const place *at, bool adds, fetch_ahead ahead[2],
                      ck_workspace *workspace) {
  const ck_conv *c = g->conv;
  const size_t plane = c->height * c->width;
  float *turned = ck_workspace_packed_b(workspace), *scratch = ck_workspace_packed_a(workspace);
  turn_gradients(g, it, at, turned);
  const size_t vector_floats = at->images * (at->y1 - at->y0) * (at->x1 - at->x0) * g->kernels->lanes;
  const pieces parts = {it->channels, ceil_div(it->channels, g->channels_at_once)};
  for (size_t part = 0; part < parts.count; part++) {
    const size_t channel = it->channel + piece_first(parts, part), channels = piece_length(parts, part);
    const float *source = g->x + (at->image * c->channels + it->group * g->channels + channel) * plane;
    if (!g->in_place) {
      for (size_t n = 0; n < at->images; n++) {
        ck_copy_inputs(g->kernels, &g->blocks, &g->y_axis, &g->x_axis, channels, 1, 0, source + n * c->channels * plane,
                       at->y0, at->y1, at->x0, at->x1, scratch + n * g->image);
      }
    }
    const float *inputs =
        g->in_place ? source + at->y0 * g->y_axis.step * c->width + at->x0 * g->x_axis.step : scratch;
    for (size_t v = 0, width; v < it->vectors; v += width) {
      width = smaller(CK_FILTER_WIDTH, it->vectors - v);
      run_tiles(g, at, channels, inputs, turned + v * vector_floats, width, adds,
                sums_of(g, it->group, it->first_vector + v, channel), ahead);
    }
  }
}

// The operands of the images from `image` on, for the tiles of the block before.
static void fetch_images(const gradient *g, const item *it, size_t image, fetch_ahead ahead[2]) {
  const ck_conv *c = g->conv;
  const size_t lanes = g->kernels->lanes, plane = c->height * c->width, out_plane = g->y_axis.length * g->x_axis.length;
  const size_t images = smaller(g->blocks.images, c->images - image);
  const size_t tiles = ceil_div(it->vectors, CK_FILTER_WIDTH) * ceil_div(it->channels * g->taps, 12) *
                       ceil_div(g->y_axis.length, g->blocks.height);
  const size_t filters = smaller(it->vectors * lanes, g->filters - it->first_vector * lanes);
  const float *dy = g->dy + (image * c->filters + it->group * g->filters + it->first_vector * lanes) * out_plane;
  const float *x = g->x + (image * c->channels + it->group * g->channels + it->channel) * plane;
  ahead[0] = (fetch_ahead){dy, ceil_div(filters * out_plane, 16), c->filters * out_plane, images, 0, 0};
  ahead[1] = (fetch_ahead){x, ceil_div(it->channels * plane, 16), c->channels * plane, images, 0, 0};
  ahead[0].per_tile = ahead[1].per_tile = ceil_div((ahead[0].lines + ahead[1].lines) * images, tiles);
}

static void run_item(void *context, size_t index, ck_workspace *workspace) {
  const gradient *g = context;
  const item it = item_at(g, index);
  const size_t places = ck_place_count(&g->blocks, &g->y_axis, &g->x_axis, g->conv->images);
  fetch_ahead ahead[2];
  for (size_t i = 0; i < places; i++) {
    const place at = ck_place(&g->blocks, &g->y_axis, &g->x_axis, g->conv->images, i);
    if (at.y0 == 0 && at.x0 == 0) fetch_images(g, &it, at.image + at.images, ahead);
    run_block(g, &it, &at, ck_block_adds(i), ahead, workspace);
    for (size_t v = it.first_vector; g->totals && v < it.first_vector + it.vectors; v++) {
      float *const sums = sums_of(g, it.group, v, it.channel);
      ck_add_to_totals(i, places, it.channels * g->taps * g->kernels->lanes, sums, g->totals + (sums - g->sums));
    }
  }
  const size_t depth = g->channels * g->taps;
  for (size_t v = it.first_vector; v < it.first_vector + it.vectors; v++) {
    const size_t filter = it.group * g->filters + v * g->kernels->lanes;
    g->kernels->conv->images_from_vectors(filters_of(g, v), it.channels * g->taps, sums_of(g, it.group, v, it.channel),
                                    g->dw + filter * depth + it.channel * g->taps, depth, 1);
  }
}

static bool suits(const ck_kernels *kernels, const ck_conv *c) {
  const size_t filters = c->filters / c->groups, lanes = kernels->lanes;
  return filters && 8 * filters >= 7 * lanes * ceil_div(filters, lanes) &&
         c->channels / c->groups * c->kernel_height * c->kernel_width >= 32;
}

// How many blocks a weight is summed over.
static size_t block_count(const ck_kernels *kernels, const ck_conv *c) {
  const grid_axis y = ck_forward_axis(c->height, c->kernel_height, c->stride_height, c->dilation_height,
                                      c->padding_height);
  const grid_axis x = ck_forward_axis(c->width, c->kernel_width, c->stride_width, c->dilation_width, c->padding_width);
  if (!c->images || !y.length || !x.length) return 0;
  const bool in_place = c->padding_height == 0 && c->padding_width == 0;
  const blocks b = ck_plan_rows(kernels, &y, &x, in_place ? 0 : 1, c->images, BLOCK_POSITIONS);
  return b.height ? ck_place_count(&b, &y, &x, c->images) : 0;
}

static size_t sum_floats(const ck_kernels *kernels, const ck_conv *c) {
  const size_t vectors = ceil_div(c->filters / c->groups, kernels->lanes);
  return vectors * kernels->lanes * c->channels * c->kernel_height * c->kernel_width;
}

size_t ck_weight_filters_workspace(const ck_kernels *kernels, const ck_conv *c) {
  if (!suits(kernels, c)) return 0;
  return ck_with_totals(sum_floats(kernels, c), block_count(kernels, c));
}

bool ck_weight_filters(const ck_kernels *kernels, const ck_conv *c, const float *x, const float *dy, float *dw,
                       float *workspace) {
  if (!suits(kernels, c)) return false;
  gradient g = {.kernels = kernels, .conv = c, .x = x, .dy = dy, .dw = dw, .sums = workspace,
                .channels = c->channels / c->groups, .filters = c->filters / c->groups,
                .taps = c->kernel_height * c->kernel_width,
                .y_axis = ck_forward_axis(c->height, c->kernel_height, c->stride_height, c->dilation_height,
                                          c->padding_height),
                .x_axis = ck_forward_axis(c->width, c->kernel_width, c->stride_width, c->dilation_width,
                                          c->padding_width),
                .in_place = c->padding_height == 0 && c->padding_width == 0};
  g.vectors = ceil_div(g.filters, kernels->lanes);
  g.blocks = ck_plan_rows(kernels, &g.y_axis, &g.x_axis, g.in_place ? 0 : 1, c->images, BLOCK_POSITIONS);
  if (!g.blocks.height) return false;
  g.channels_at_once = g.channels;
  g.pitch = c->width, g.channel = c->height * c->width, g.image = c->channels * g.channel;
  if (!g.in_place) {
    g.channels_at_once = larger_size(1, smaller(g.channels, COMFORTABLE / (g.blocks.channel * g.blocks.images)));
    g.pitch = g.blocks.pitch, g.channel = g.blocks.channel, g.image = g.channels_at_once * g.channel;
  }

  g.totals = ck_totals_behind(workspace, sum_floats(kernels, c),
                              ck_place_count(&g.blocks, &g.y_axis, &g.x_axis, c->images));

  // As many filters as their turned gradients have room.
  const size_t most = CK_PACKED_B_FLOATS / (BLOCK_POSITIONS * kernels->lanes);
  g.item_vectors = (pieces){g.vectors, ceil_div(g.vectors, most)}, g.item_channels = (pieces){g.channels, 1};
  const double work = (double)(c->images * c->filters) * (double)(g.y_axis.length * g.x_axis.length) *
                      (double)(g.channels * g.taps);
  const size_t threads = work < parallel_threshold ? 1 : (size_t)ck_threads();
  if (threads > 1) {  // twice as many items as threads, by filters before channels: gradients are not turned twice
    const size_t wanted = ceil_div(2 * threads, c->groups);
    g.item_vectors.count = larger_size(g.item_vectors.count, smaller(wanted, g.vectors));
    g.item_channels.count = smaller(ceil_div(wanted, g.item_vectors.count), g.channels);
  }
  const size_t items = c->groups * g.item_vectors.count * g.item_channels.count;
  (threads == 1 ? ck_serial_for : ck_parallel_for)(items, run_item, &g);
  return true;
}
