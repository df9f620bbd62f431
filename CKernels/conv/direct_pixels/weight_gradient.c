// dw[f, (c, s, t)] = sum over images and positions of dy[n, f, position] x[n, c, position's tap (s, t)].
//
//   for each block of images and positions          (its output gradients of a few filters fit L1)
//     copy the inputs of some channels
//     for each few filters, for each few taps: a tile of inner products, added to its sums
//
// The blocks of the sum depend on the shapes alone, and threads split filters and channels: the same bits always.
//
// This is for few filters or few taps; where filters fill vectors, filters/ does without sums over lanes.
#include "direct_pixels.h"

#include "../../runtime/scratch.h"
#include "../blocks.h"
#include "../totals.h"

// Positions, over all images of a block, that one filter's vectors cover before their sums are taken.
enum { BLOCK_POSITIONS = 1280 };

static const double parallel_threshold = 2e5;

// The sums of one tile, in whole vectors.
static size_t tile_floats(const ck_kernels *k) {
  return round_up(k->conv->weight_rows * k->conv->weight_columns, k->lanes);
}

typedef struct gradient {
  const ck_kernels *kernels;
  const ck_conv *conv;
  const float *x, *dy;
  float *dw, *sums;
  double *totals;                    // of the sums of many blocks, laid out like them; or NULL
  size_t channels, filters, taps;    // of a group
  grid_axis y_axis, x_axis;
  blocks blocks;
  size_t channels_at_once;           // whose inputs take a comfortable share of scratch
  const uint32_t *offsets;           // of (channel, tap), for so many channels
  chunks filter_tiles;               // how the filters of a group go into tiles
  chunks task_channels, task_tiles;  // how channels and filter tiles go into tasks
} gradient;

// What one task owns of dw: some channels and filters of one group. Its channels are copied in chunks.
typedef struct task {
  size_t group, channel, first_tile, end_tile;
  chunks channel_chunks;
} task;

static task task_at(const gradient *g, size_t index) {
  const size_t tiles = index % g->task_tiles.count, channels = index / g->task_tiles.count % g->task_channels.count;
  task it = {.group = index / g->task_tiles.count / g->task_channels.count};
  it.channel = chunk_first(g->task_channels, channels);
  it.channel_chunks.total = chunk_length(g->task_channels, channels);
  it.channel_chunks.count = ceil_div(it.channel_chunks.total, g->channels_at_once);
  it.first_tile = chunk_first(g->task_tiles, tiles), it.end_tile = it.first_tile + chunk_length(g->task_tiles, tiles);
  return it;
}

// How the taps of some channels go into tiles.
static chunks tap_chunks(const gradient *g, size_t channels) {
  return (chunks){channels * g->taps, ceil_div(channels * g->taps, g->kernels->conv->weight_columns)};
}

// A task's sums for one chunk of its channels. There is room as if each channel's taps were tiled on their own, and no
// chunk takes more.
static float *chunk_sums(const gradient *g, const task *it, size_t chunk) {
  const size_t tiles = ceil_div(g->taps, g->kernels->conv->weight_columns);
  const size_t first = it->channel + chunk_first(it->channel_chunks, chunk);
  const size_t tile = ((it->group * g->channels + first) * g->filter_tiles.count +
                       it->first_tile * chunk_length(it->channel_chunks, chunk)) * tiles;
  return g->sums + tile * tile_floats(g->kernels);
}

// The output gradients of an task's first filter, at the first position of a block.
static const float *block_gradients(const gradient *g, const task *it, const block_range *at) {
  const size_t filter = it->group * g->filters + chunk_first(g->filter_tiles, it->first_tile);
  return g->dy + ((at->image * g->conv->filters + filter) * g->y_axis.length + at->y0) * g->x_axis.length + at->x0;
}

// Brings the output gradients of an task side by side where lanes are images: (filter, position, lane).
static void gather_gradients(const gradient *g, const task *it, const block_range *at, float *gathered) {
  const size_t filters = chunk_first(g->filter_tiles, it->end_tile) - chunk_first(g->filter_tiles, it->first_tile);
  const size_t width = at->x1 - at->x0, height = at->y1 - at->y0, pitch = width * g->kernels->lanes;
  const ck_window w = {.by_image = true, .channels = filters, .images = at->images,
                       .image_stride = g->conv->filters * g->y_axis.length * g->x_axis.length,
                       .height = g->y_axis.length, .width = g->x_axis.length, .top = (ptrdiff_t)at->y0,
                       .left = (ptrdiff_t)at->x0, .rows = height, .columns = width, .pitch = pitch,
                       .run_stride = height * pitch};
  const float *first = block_gradients(g, it, at) - at->y0 * g->x_axis.length - at->x0;
  g->kernels->conv->window(&w, first, gathered);
}

// Copies the inputs of one chunk of a task's channels, then adds all tiles of a block. `gathered` holds the task's
// output gradients where lanes are images.
static void run_block(const gradient *g, const task *it, const block_range *at, size_t chunk, bool adds,
                      const float *gathered, float *inputs) {
  const ck_conv *c = g->conv;
  const size_t in_plane = c->height * c->width, out_plane = g->y_axis.length * g->x_axis.length;
  const size_t first = it->channel + chunk_first(it->channel_chunks, chunk);
  const size_t channels = chunk_length(it->channel_chunks, chunk);
  const size_t height = at->y1 - at->y0, width = at->x1 - at->x0;
  ck_copy_inputs(g->kernels, &g->blocks, &g->y_axis, &g->x_axis, channels, at->images, c->channels * in_plane,
              g->x + (at->image * c->channels + it->group * g->channels + first) * in_plane, at->y0, at->y1, at->x0,
              at->x1, inputs);
  const iterator iterator = ck_iterator_of(g->kernels, &g->blocks, &g->y_axis, &g->x_axis, channels, at->images,
                                           height, width);
  ck_weight_tile tile = {.images = iterator.images, .runs = iterator.runs, .length = iterator.length, .source = inputs,
                         .source_image = iterator.image, .source_run = iterator.run, .source_vector = iterator.vector,
                         .adds = adds, .sums = chunk_sums(g, it, chunk)};
  const float *dy = gathered;
  tile.gradient_filter = height * iterator.length;
  if (!gathered) {
    dy = block_gradients(g, it, at);
    tile.gradient_image = c->filters * out_plane, tile.gradient_filter = out_plane;
  }
  const bool whole_planes = !gathered && at->images == 1 && height * width == out_plane;
  const chunks columns = tap_chunks(g, channels);
  for (size_t t = it->first_tile; t < it->end_tile; t++) {
    tile.rows = chunk_length(g->filter_tiles, t);
    tile.gradient = dy + (chunk_first(g->filter_tiles, t) - chunk_first(g->filter_tiles, it->first_tile)) *
                             tile.gradient_filter;
    // The next gradients lie behind these where blocks are whole planes: the next filters', or the next image's.
    const float *next = tile.gradient + tile.rows * tile.gradient_filter, *end = next + tile.rows * out_plane;
    for (size_t k = 0; k < columns.count; k++, tile.sums += tile_floats(g->kernels)) {
      tile.columns = chunk_length(columns, k);
      tile.ahead = whole_planes && next < end ? next : tile.gradient;
      next += iterator.images * iterator.runs * (iterator.length / g->kernels->lanes) * 16;
      tile.offsets = g->offsets + chunk_first(columns, k);
      g->kernels->conv->weight_tile(&tile);
    }
  }
}

static void store_sums(const gradient *g, const task *it, size_t chunk) {
  const size_t depth = g->channels * g->taps, channel = it->channel + chunk_first(it->channel_chunks, chunk);
  const chunks columns = tap_chunks(g, chunk_length(it->channel_chunks, chunk));
  const float *sums = chunk_sums(g, it, chunk);
  for (size_t t = it->first_tile; t < it->end_tile; t++) {
    const size_t rows = chunk_length(g->filter_tiles, t);
    const size_t filter = it->group * g->filters + chunk_first(g->filter_tiles, t);
    for (size_t k = 0; k < columns.count; k++, sums += tile_floats(g->kernels)) {
      const size_t width = chunk_length(columns, k);
      float *out = g->dw + filter * depth + channel * g->taps + chunk_first(columns, k);
      for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < width; j++) out[i * depth + j] = sums[i * width + j];
      }
    }
  }
}

static void run_task(void *context, size_t index, ck_scratch *thread_scratch) {
  const gradient *g = context;
  const task it = task_at(g, index);
  const size_t block_count = ck_block_count(&g->blocks, &g->y_axis, &g->x_axis, g->conv->images);
  for (size_t i = 0; i < block_count; i++) {
    const block_range at = ck_block_at(&g->blocks, &g->y_axis, &g->x_axis, g->conv->images, i);
    float *gathered = g->blocks.order == BY_IMAGE ? ck_scratch_packed_b(thread_scratch) : NULL;
    if (gathered) gather_gradients(g, &it, &at, gathered);
    for (size_t chunk = 0; chunk < it.channel_chunks.count; chunk++) {
      run_block(g, &it, &at, chunk, ck_block_adds(i), gathered, ck_scratch_packed_a(thread_scratch));
      float *const sums = chunk_sums(g, &it, chunk);
      const size_t tiles = (it.end_tile - it.first_tile) * tap_chunks(g, chunk_length(it.channel_chunks, chunk)).count;
      if (g->totals) {
        ck_add_to_totals(i, block_count, tiles * tile_floats(g->kernels), sums, g->totals + (sums - g->sums));
      }
    }
  }
  for (size_t chunk = 0; chunk < it.channel_chunks.count; chunk++) store_sums(g, &it, chunk);
}

static size_t sum_floats(const ck_kernels *k, const ck_conv *c) {
  const size_t filters = c->filters / c->groups, taps = c->kernel_height * c->kernel_width;
  return c->channels * ceil_div(taps, k->conv->weight_columns) * ceil_div(filters,
                                                                          k->conv->weight_rows) * tile_floats(k);
}

// How many blocks a weight is summed over; 0 where scratch memory holds none.
static size_t sum_block_count(const ck_kernels *k, const ck_conv *c) {
  const grid_axis y = ck_forward_axis(c->height, c->kernel_height, c->stride_height, c->dilation_height,
                                      c->padding_height);
  const grid_axis x = ck_forward_axis(c->width, c->kernel_width, c->stride_width, c->dilation_width, c->padding_width);
  if (!c->images || !y.length || !x.length) return 0;
  const blocks b = ck_plan_blocks(k, &y, &x, 1, c->images, BLOCK_POSITIONS, true);
  return b.height ? ck_block_count(&b, &y, &x, c->images) : 0;
}

bool ck_direct_pixels_suits_weight_gradient(const ck_kernels *kernels,
                                            const ck_conv *conv) { return sum_block_count(kernels, conv) > 0; }

// Sums and their totals, then offsets.
size_t ck_weight_gradient_workspace(const ck_kernels *k, const ck_conv *c) {
  const size_t offsets = c->channels / c->groups * c->kernel_height * c->kernel_width + CK_OFFSETS_AHEAD;
  return ck_with_totals(sum_floats(k, c), sum_block_count(k, c)) + offsets;
}

void ck_weight_gradient(const ck_kernels *kernels, const ck_conv *conv, const float *x, const float *dy, float *dw,
                        float *workspace) {
  gradient g = {.kernels = kernels, .conv = conv, .x = x, .dy = dy, .dw = dw,
                .channels = conv->channels / conv->groups, .filters = conv->filters / conv->groups,
                .taps = conv->kernel_height * conv->kernel_width,
                .y_axis = ck_forward_axis(conv->height, conv->kernel_height, conv->stride_height, conv->dilation_height,
                                       conv->padding_height),
                .x_axis = ck_forward_axis(conv->width, conv->kernel_width, conv->stride_width, conv->dilation_width,
                                       conv->padding_width)};
  g.blocks = ck_plan_blocks(kernels, &g.y_axis, &g.x_axis, 1, conv->images, BLOCK_POSITIONS, true);
  const size_t channel = g.blocks.channel * (g.blocks.order == BY_IMAGE ? 1 : g.blocks.images);
  g.channels_at_once = larger_size(1, smaller(g.channels, COMFORTABLE / channel));
  g.filter_tiles = (chunks){g.filters, ceil_div(g.filters, kernels->conv->weight_rows)};
  g.task_channels = (chunks){g.channels, 1}, g.task_tiles = (chunks){g.filter_tiles.count, 1};
  if (g.blocks.order == BY_IMAGE) {  // as many filters as their gathered gradients have room
    const size_t tiles = CK_PACKED_B_FLOATS / (BLOCK_POSITIONS * kernels->conv->weight_rows);
    g.task_tiles.count = ceil_div(g.filter_tiles.count, larger_size(1, tiles));
  }
  const double work = (double)(conv->images * conv->filters) * (double)(g.y_axis.length * g.x_axis.length) *
                      (double)(g.channels * g.taps);
  const size_t threads = work < parallel_threshold ? 1 : (size_t)ck_threads();
  if (threads > 1) {  // twice as many tasks as threads, by channels before filters: those copy nothing twice
    const size_t wanted = ceil_div(2 * threads, conv->groups);
    g.task_channels.count = smaller(ceil_div(wanted, g.task_tiles.count), g.channels);
    const size_t tiles = smaller(ceil_div(wanted, g.task_channels.count), g.filter_tiles.count);
    g.task_tiles.count = larger_size(g.task_tiles.count, tiles);
  }

  g.sums = workspace;
  const size_t sums = sum_floats(kernels, conv), block_count = ck_block_count(&g.blocks, &g.y_axis, &g.x_axis,
                                                                              conv->images);
  g.totals = ck_totals_behind(workspace, sums, block_count);
  uint32_t *offsets = (uint32_t *)(workspace + ck_with_totals(sums, block_count));
  ck_write_offsets(kernels, &g.blocks, &g.y_axis, &g.x_axis, g.channels_at_once, offsets);
  g.offsets = offsets;
  const size_t tasks = conv->groups * g.task_channels.count * g.task_tiles.count;
  (threads == 1 ? ck_serial_for : ck_parallel_for)(tasks, run_task, &g);
}
