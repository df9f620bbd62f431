// dw[f, (c, s, t)] = sum over images and positions of dy[n, f, position] x[n, c, position's tap (s, t)], filters in the
// lanes: a vector of filters' output gradients at one position times one number of the inputs.
//
//   for each block of images and positions
//     transpose the output gradients of all filters: (vector of filters, position, lane)
//     copy the inputs where they need margins
//     for each vector of filters, whose gradients now fit L1, for each few taps: a tile, added to its sums
//   transpose the sums
//
// There are no sums over lanes, and rows of any length and any stride are as good as others. Transposing costs a
// filter's gradients as much as some ten taps, so narrow layers are better off with vectors along the sum.
//
// The blocks of the sum depend on the shapes alone, and threads split filters and channels: the same bits always.
#include "direct_filters.h"

#include "../../runtime/scratch.h"
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
  chunks task_vectors, task_channels;
} gradient;

// What one task owns of dw: some channels and vectors of filters of one group.
typedef struct task {
  size_t group, first_vector, vectors, channel, channels;
} task;

static task task_at(const gradient *g, size_t index) {
  const size_t vectors = index % g->task_vectors.count, rest = index / g->task_vectors.count;
  const size_t channels = rest % g->task_channels.count;
  return (task){.group = rest / g->task_channels.count,
                .first_vector = chunk_first(g->task_vectors, vectors),
                .vectors = chunk_length(g->task_vectors, vectors), .channel = chunk_first(g->task_channels, channels),
                .channels = chunk_length(g->task_channels, channels)};
}

static size_t filters_of(const gradient *g, size_t vector) {
  return smaller(g->kernels->lanes, g->filters - vector * g->kernels->lanes);
}

static float *sums_of(const gradient *g, size_t group, size_t vector, size_t channel) {
  return g->sums + ((group * g->vectors + vector) * g->channels + channel) * g->taps * g->kernels->lanes;
}

// transposed[vector of the task, image, position, lane]
static void transpose_gradients(const gradient *g, const task *it, const block_range *at, float *transposed) {
  const size_t lanes = g->kernels->lanes, plane = g->y_axis.length * g->x_axis.length;
  const size_t height = at->y1 - at->y0, width = at->x1 - at->x0;
  for (size_t v = it->first_vector; v < it->first_vector + it->vectors; v++) {
    const ck_window w = {.by_image = true, .channels = 1, .images = filters_of(g, v), .image_stride = plane,
                         .height = g->y_axis.length, .width = g->x_axis.length, .top = (ptrdiff_t)at->y0,
                         .left = (ptrdiff_t)at->x0, .rows = height, .columns = width, .pitch = width * lanes};
    for (size_t n = 0; n < at->images; n++, transposed += height * width * lanes) {
      const size_t filter = (at->image + n) * g->conv->filters + it->group * g->filters + v * lanes;
      g->kernels->conv->window(&w, g->dy + filter * plane, transposed);
    }
  }
}

// All tiles of `width` vectors of filters and some channels.
static void run_tiles(const gradient *g, const block_range *at, size_t channels, const float *inputs,
                      const float *transposed, size_t width, bool adds, float *sums, fetch_ahead ahead[2]) {
  const ck_conv *c = g->conv;
  const size_t lanes = g->kernels->lanes, rows = at->y1 - at->y0, columns = at->x1 - at->x0;
  const ck_filter_tile tile = {.width = width, .lengths = {at->images, rows, columns},
                               .source_steps = {(ptrdiff_t)g->image, (ptrdiff_t)(g->y_axis.step * g->pitch),
                                                (ptrdiff_t)g->x_axis.step},
                               .filters = transposed, .next_filters = at->images * rows * columns * lanes,
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

static void run_block(const gradient *g, const task *it, const block_range *at, bool adds, fetch_ahead ahead[2],
                      ck_scratch *thread_scratch) {
  const ck_conv *c = g->conv;
  const size_t plane = c->height * c->width;
  float *transposed = ck_scratch_packed_b(thread_scratch), *scratch = ck_scratch_packed_a(thread_scratch);
  transpose_gradients(g, it, at, transposed);
  const size_t vector_floats = at->images * (at->y1 - at->y0) * (at->x1 - at->x0) * g->kernels->lanes;
  const chunks channel_chunks = {it->channels, ceil_div(it->channels, g->channels_at_once)};
  for (size_t chunk = 0; chunk < channel_chunks.count; chunk++) {
    const size_t channel = it->channel + chunk_first(channel_chunks, chunk);
    const size_t channels = chunk_length(channel_chunks, chunk);
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
      run_tiles(g, at, channels, inputs, transposed + v * vector_floats, width, adds,
                sums_of(g, it->group, it->first_vector + v, channel), ahead);
    }
  }
}

// The operands of the images from `image` on, for the tiles of the block before.
static void fetch_images(const gradient *g, const task *it, size_t image, fetch_ahead ahead[2]) {
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

static void run_task(void *context, size_t index, ck_scratch *thread_scratch) {
  const gradient *g = context;
  const task it = task_at(g, index);
  const size_t block_count = ck_block_count(&g->blocks, &g->y_axis, &g->x_axis, g->conv->images);
  fetch_ahead ahead[2];
  for (size_t i = 0; i < block_count; i++) {
    const block_range at = ck_block_at(&g->blocks, &g->y_axis, &g->x_axis, g->conv->images, i);
    if (at.y0 == 0 && at.x0 == 0) fetch_images(g, &it, at.image + at.images, ahead);
    run_block(g, &it, &at, ck_block_adds(i), ahead, thread_scratch);
    for (size_t v = it.first_vector; g->totals && v < it.first_vector + it.vectors; v++) {
      float *const sums = sums_of(g, it.group, v, it.channel);
      ck_add_to_totals(i, block_count, it.channels * g->taps * g->kernels->lanes, sums, g->totals + (sums - g->sums));
    }
  }
  const size_t depth = g->channels * g->taps;
  for (size_t v = it.first_vector; v < it.first_vector + it.vectors; v++) {
    const size_t filter = it.group * g->filters + v * g->kernels->lanes;
    g->kernels->conv->images_from_vectors(filters_of(g, v), it.channels * g->taps, sums_of(g, it.group, v, it.channel),
                                    g->dw + filter * depth + it.channel * g->taps, depth, 1, 0);
  }
}

static bool suits(const ck_kernels *kernels, const ck_conv *c) {
  const size_t filters = c->filters / c->groups, lanes = kernels->lanes;
  return filters && 8 * filters >= 7 * lanes * ceil_div(filters, lanes) &&
         c->channels / c->groups * c->kernel_height * c->kernel_width >= 32;
}

// How many blocks a weight is summed over.
static size_t sum_block_count(const ck_kernels *kernels, const ck_conv *c) {
  const grid_axis y = ck_forward_axis(c->height, c->kernel_height, c->stride_height, c->dilation_height,
                                      c->padding_height);
  const grid_axis x = ck_forward_axis(c->width, c->kernel_width, c->stride_width, c->dilation_width, c->padding_width);
  if (!c->images || !y.length || !x.length) return 0;
  const bool in_place = c->padding_height == 0 && c->padding_width == 0;
  const blocks b = ck_plan_rows(kernels, &y, &x, in_place ? 0 : 1, c->images, BLOCK_POSITIONS);
  return b.height ? ck_block_count(&b, &y, &x, c->images) : 0;
}

static size_t sum_floats(const ck_kernels *kernels, const ck_conv *c) {
  const size_t vectors = ceil_div(c->filters / c->groups, kernels->lanes);
  return vectors * kernels->lanes * c->channels * c->kernel_height * c->kernel_width;
}

size_t ck_weight_filters_workspace(const ck_kernels *kernels, const ck_conv *c) {
  const size_t blocks = suits(kernels, c) ? sum_block_count(kernels, c) : 0;
  return blocks ? ck_with_totals(sum_floats(kernels, c), blocks) : 0;
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
                              ck_block_count(&g.blocks, &g.y_axis, &g.x_axis, c->images));

  // As many filters as their transposed gradients have room.
  const size_t most = CK_PACKED_B_FLOATS / (BLOCK_POSITIONS * kernels->lanes);
  g.task_vectors = (chunks){g.vectors, ceil_div(g.vectors, most)}, g.task_channels = (chunks){g.channels, 1};
  const double work = (double)(c->images * c->filters) * (double)(g.y_axis.length * g.x_axis.length) *
                      (double)(g.channels * g.taps);
  const size_t threads = work < parallel_threshold ? 1 : (size_t)ck_threads();
  if (threads > 1) {  // twice as many tasks as threads, by filters before channels: gradients are not transposed twice
    const size_t wanted = ceil_div(2 * threads, c->groups);
    g.task_vectors.count = larger_size(g.task_vectors.count, smaller(wanted, g.vectors));
    g.task_channels.count = smaller(ceil_div(wanted, g.task_vectors.count), g.channels);
  }
  const size_t tasks = c->groups * g.task_vectors.count * g.task_channels.count;
  (threads == 1 ? ck_serial_for : ck_parallel_for)(tasks, run_task, &g);
  return true;
}
