// Outputs with filters in lanes: a vector of filters' weights of one tap times one number of the source.
//
//   pack the weights: (vector of filters, stride phase, channel, tap, lane)
//   for each block of images and output rows
//     copy the source, unless no tap reaches beyond it
//     for each vector of filters
//       for each stride phase of the output rows and columns: tiles, whose sums go to a staging buffer (position, lane)
//       transpose the staging buffer: a plane for each filter
//
// Rows of any length and any stride are as good as others, and what an input gradient's stride phases have written side
// by side leaves the staging buffer in one block. The price is transposing the outputs.
//
// An output is the same sum in the same order as in a correlation by positions, but for taps that meet zeros alone.
#include "direct_filters.h"

#include <stdint.h>
#include <string.h>

#include "../../runtime/scratch.h"
#include "../blocks.h"
#include "../chains.h"
#include "grid.h"

// Positions of the staging buffer, all images of a block together.
enum { STAGING_POSITIONS = 1024 };

static const double parallel_threshold = 2e5;

typedef struct plan {
  const filter_correlation *c;
  size_t channels, filters, taps, vectors;      // of a group; vectors of filters
  size_t source_height, source_width, height, width;  // of a plane of the source, of one of the output
  size_t y_phases, x_phases;                // of the output's rows and columns: one in a forward pass
  ptrdiff_t left, right;                        // columns of the source that any tap reads
  size_t y_unit, x_unit;                        // every so many rows and columns are copied: a stride, for one tap
  bool in_place;                                // no copy at all
  // of a block, at most; rows of the output, a multiple of the stride phases
  size_t images, rows;
  size_t image_blocks, row_blocks, blocks_in_all, tasks;
} plan;

static stride_phase row_phase(const plan *p, size_t index) {
  const ck_conv *v = p->c->conv;
  return p->c->gradient
             ? ck_phase_axis(index, v->height, ck_conv_output_height(v), v->kernel_height, v->stride_height,
                               v->dilation_height, v->padding_height)
             : (stride_phase){.axis = ck_forward_axis(v->height, v->kernel_height, v->stride_height, v->dilation_height,
                                                 v->padding_height),
                         .tap_period = 1};
}

static stride_phase column_phase(const plan *p, size_t index) {
  const ck_conv *v = p->c->conv;
  return p->c->gradient ? ck_phase_axis(index, v->width, ck_conv_output_width(v), v->kernel_width, v->stride_width,
                                          v->dilation_width, v->padding_width)
                        : (stride_phase){.axis = ck_forward_axis(v->width, v->kernel_width, v->stride_width,
                                                            v->dilation_width, v->padding_width),
                                    .tap_period = 1};
}

// Grid positions first ..< end of an axis, those whose outputs lie in from ..< to; `from` is a multiple of the stride.
typedef struct range {
  size_t first, end;
} range;
static range grid_range(const grid_axis *a, size_t from, size_t to) {
  const size_t end = to > a->start ? ceil_div(to - a->start, a->stride) : 0;
  return (range){from / a->stride, smaller(end, a->length)};
}

// Widens low ..< high to all source positions that the range's taps read.
static void reach(const grid_axis *a, range grid, ptrdiff_t *low, ptrdiff_t *high) {
  if (grid.first >= grid.end || a->taps == 0) return;
  const ptrdiff_t span = (ptrdiff_t)(a->taps - 1) * a->spacing;
  const ptrdiff_t lowest = (ptrdiff_t)(grid.first * a->step) + a->first + (span < 0 ? span : 0);
  const ptrdiff_t highest = (ptrdiff_t)((grid.end - 1) * a->step) + a->first + (span < 0 ? 0 : span);
  if (lowest < *low) *low = lowest;
  if (highest >= *high) *high = highest + 1;
}

// Source rows top ..< bottom that output rows `from` ..< `to` read.
static void source_rows(const plan *p, size_t from, size_t to, ptrdiff_t *top, ptrdiff_t *bottom) {
  *top = PTRDIFF_MAX, *bottom = PTRDIFF_MIN;
  for (size_t i = 0; i < p->y_phases; i++) {
    const stride_phase y = row_phase(p, i);
    reach(&y.axis, grid_range(&y.axis, from, to), top, bottom);
  }
  if (*top > *bottom) *top = *bottom = 0;
}

// Floats of one channel of a block, an odd number of cache lines: planes 4 KiB apart would share few sets of a cache.
static size_t channel_floats(const plan *p, size_t rows) {
  return (ceil_div(rows * ceil_div((size_t)(p->right - p->left), p->x_unit), 16) | 1) * 16;
}

static float *packed_weights(const plan *p, size_t group, size_t vector) {
  return p->c->workspace + (group * p->vectors + vector) * (p->channels * p->taps + 1) * p->c->kernels->lanes;
}

// The bias of a vector of filters lies behind its weights.
static const float *packed_bias(const plan *p, size_t group, size_t vector) {
  return packed_weights(p, group, vector) + p->channels * p->taps * p->c->kernels->lanes;
}

static size_t filters_of(const plan *p, size_t vector) {
  return smaller(p->c->kernels->lanes, p->filters - vector * p->c->kernels->lanes);
}

// Copies channels first ..< end, whose taps stand in the kernel's order (channel, tap, lane), to where their stride
// phases have them.
static void sort_by_phase(const plan *p, size_t first, size_t end, const float *taps, float *packed) {
  const size_t lanes = p->c->kernels->lanes, kernel_width = p->c->conv->kernel_width;
  for (size_t i = 0; i < p->y_phases; i++) {
    const stride_phase y = row_phase(p, i);
    for (size_t j = 0; j < p->x_phases; j++) {
      const stride_phase x = column_phase(p, j);
      const size_t of_phase = y.axis.taps * x.axis.taps;
      float *to = packed + first * of_phase * lanes;
      for (size_t c = first; c < end; c++) {
        for (size_t k = 0; k < of_phase; k++, to += lanes) {
          const size_t row = y.first_tap + k / x.axis.taps * y.tap_period;
          const size_t column = x.first_tap + k % x.axis.taps * x.tap_period;
          memcpy(to, taps + ((c - first) * p->taps + row * kernel_width + column) * lanes, lanes * sizeof *to);
        }
      }
      packed += p->channels * of_phase * lanes;
    }
  }
}

// An input gradient's weights of a vector of filters, whose filters are the convolution's channels: `window` makes
// vectors of one channel's taps.
static void pack_gradient_weights(const plan *p, const ck_window *window, const float *weights, float *packed,
                                  float *scratch) {
  const size_t channel = p->taps * p->c->kernels->lanes;
  const bool one_phase = p->y_phases * p->x_phases == 1;
  const size_t most = one_phase ? p->channels : (CK_PACKED_A_FLOATS - 64) / channel;
  float *const taps = one_phase ? packed : scratch;
  for (size_t first = 0, end; first < p->channels; first = end) {
    end = smaller(p->channels, first + most);
    for (size_t q = first; q < end; q++) {
      p->c->kernels->conv->window(window, weights + q * p->filters * p->taps, taps + (q - first) * channel);
    }
    if (!one_phase) sort_by_phase(p, first, end, taps, packed);
  }
}

static void pack_vector(void *context, size_t index, ck_scratch *thread_scratch) {
  const plan *p = context;
  const filter_correlation *c = p->c;
  const size_t group = index / p->vectors, vector = index % p->vectors, lanes = c->kernels->lanes;
  const size_t here = filters_of(p, vector), first = vector * lanes;
  const float *weights = c->weights + group * p->filters * p->channels * p->taps;
  float *packed = packed_weights(p, group, vector), *bias = packed + p->channels * p->taps * lanes;
  // What lies side by side: all weights of a filter, or those of one channel where the gradient's filters are channels.
  const size_t run = (c->gradient ? 1 : p->channels) * p->taps;
  const ck_window w = {.by_image = true, .channels = 1, .images = here, .image_stride = run, .height = 1, .width = run,
                       .rows = 1, .columns = run, .pitch = run * lanes};
  if (c->gradient) {
    pack_gradient_weights(p, &w, weights + first * run, packed, ck_scratch_packed_a(thread_scratch));
  } else {
    c->kernels->conv->window(&w, weights + first * run, packed);
  }
  for (size_t i = 0; i < lanes; i++) bias[i] = c->bias && i < here ? c->bias[group * p->filters + first + i] : 0.0f;
}

// One block of one group.
typedef struct block_run {
  size_t group, image, images, from, to;  // output rows from ..< to
  ptrdiff_t top;                          // the first source row
  const float *inputs;
  size_t pitch, channel, image_floats;    // of the inputs
  float *staging;
} block_run;

// Drops the levels of steps that have but one, and cuts what is left into runs where that is a single one.
static void level_steps(ck_filter_tile *t) {
  for (int repeat = 0; repeat < 2 && t->lengths[2] == 1; repeat++) {
    for (int i = 2; i > 0; i--) t->lengths[i] = t->lengths[i - 1], t->source_steps[i] = t->source_steps[i - 1];
    t->lengths[0] = 1;
  }
  const size_t run = 8;
  if (t->lengths[0] == 1 && t->lengths[1] == 1 && t->lengths[2] % run == 0) {
    t->lengths[1] = t->lengths[2] / run, t->lengths[2] = run;
    t->source_steps[1] = t->source_steps[2] * (ptrdiff_t)run;
  }
}

// The tiles of `width` vectors of filters at output positions of one stride phase, grid rows `rows`, chain after chain.
// The phase's weights lie behind those of `taps_before` taps of all channels.
static void run_phase(const plan *p, const block_run *b, size_t vector, size_t width, const stride_phase *y,
                      const stride_phase *x, size_t taps_before, range rows, fetch_ahead ahead[2]) {
  const filter_correlation *c = p->c;
  const size_t lanes = c->kernels->lanes, row = p->width * lanes, taps = y->axis.taps * x->axis.taps;
  const size_t next = (p->channels * p->taps + 1) * lanes;
  const size_t y_step = y->axis.step / p->y_unit, x_step = x->axis.step / p->x_unit;
  const filter_grid grid = {.planes = b->images, .lines = rows.end - rows.first, .columns = x->axis.length,
                            .source_plane = (ptrdiff_t)b->image_floats, .source_line = (ptrdiff_t)(y_step * b->pitch),
                            .source_column = (ptrdiff_t)x_step, .out_plane = (b->to - b->from) * row,
                            .out_line = y->axis.stride * row, .out_column = x->axis.stride * lanes};
  const float *filters = packed_weights(p, b->group, vector) + taps_before * p->channels * lanes;
  const float *bias = c->bias ? packed_bias(p, b->group, vector) : NULL, *source = b->inputs;
  float *out = b->staging + (y->axis.start + rows.first * y->axis.stride - b->from) * row + x->axis.start * lanes;
  if (taps) {
    const ptrdiff_t down = (ptrdiff_t)(rows.first * y->axis.step) + y->axis.first - b->top;
    source += down / (ptrdiff_t)p->y_unit * (ptrdiff_t)b->pitch + (x->axis.first - p->left) / (ptrdiff_t)p->x_unit;
  }
  const chunks chains = ck_chains(p->channels, taps);
  for (size_t i = 0; i < chains.count; i++) {
    const size_t channel = chunk_first(chains, i);
    ck_filter_tile tile = {.width = width,
                           .source_steps = {(ptrdiff_t)b->channel, y->axis.spacing * (ptrdiff_t)b->pitch,
                                            x->axis.spacing},
                           .filters = filters + channel * taps * lanes, .next_filters = next,
                           .next_bias = next, .next_out = b->images * (b->to - b->from) * row, .adds = i > 0,
                           .bias = i + 1 == chains.count ? bias : NULL};
    if (taps) {
      tile.lengths[0] = chunk_length(chains, i), tile.lengths[1] = y->axis.taps, tile.lengths[2] = x->axis.taps;
    }
    level_steps(&tile);
    ck_run_filter_grid(c->kernels, &grid, tile, source + channel * b->channel, out, ahead);
  }
}

// The tiles of `width` vectors of filters, stride phase after stride phase.
static void run_vectors(const plan *p, const block_run *b, size_t vector, size_t width, fetch_ahead ahead[2]) {
  size_t taps_before = 0;
  for (size_t i = 0; i < p->y_phases; i++) {
    const stride_phase y = row_phase(p, i);
    const range rows = grid_range(&y.axis, b->from, b->to);
    for (size_t j = 0; j < p->x_phases; j++) {
      const stride_phase x = column_phase(p, j);
      if (rows.first < rows.end && x.axis.length) run_phase(p, b, vector, width, &y, &x, taps_before, rows, ahead);
      taps_before += y.axis.taps * x.axis.taps;
    }
  }
}

// Copies the source rows of a block, unless tiles can read them where they are.
static void stage_inputs(const plan *p, block_run *b, float *scratch) {
  const filter_correlation *c = p->c;
  const size_t plane = p->source_height * p->source_width, image = c->conv->groups * p->channels * plane;
  const float *source = c->source + b->image * image + b->group * p->channels * plane;
  ptrdiff_t bottom;
  source_rows(p, b->from, b->to, &b->top, &bottom);
  if (p->in_place) {
    b->pitch = p->source_width, b->channel = plane, b->image_floats = image;
    b->inputs = source + b->top * (ptrdiff_t)p->source_width + p->left;
    return;
  }
  const size_t rows = ceil_div((size_t)(bottom - b->top), p->y_unit);
  b->pitch = ceil_div((size_t)(p->right - p->left), p->x_unit);
  b->channel = channel_floats(p, rows), b->image_floats = p->channels * b->channel;
  b->inputs = scratch;
  const ck_window w = {.channels = p->channels, .height = p->source_height, .width = p->source_width, .top = b->top,
                       .left = p->left, .taps = 1, .row_step = p->y_unit, .step = p->x_unit, .runs = 1, .rows = rows,
                       .columns = b->pitch, .pitch = b->pitch, .run_stride = b->channel};
  if (!rows) return;
  for (size_t n = 0; n < b->images; n++) c->kernels->conv->window(&w, source + n * image,
                                                                  scratch + n * b->image_floats);
}

// The source of the images after this block's.
static fetch_ahead next_images(const plan *p, const block_run *b) {
  const filter_correlation *c = p->c;
  const size_t first = b->image + b->images, images = smaller(b->images, c->conv->images - first);
  const size_t plane = p->source_height * p->source_width, image = c->conv->groups * p->channels * plane;
  return (fetch_ahead){.first = c->source + first * image + b->group * p->channels * plane,
                       .lines = ceil_div(p->channels * plane, 16), .stride = image, .segments = b->from ? 0 : images};
}

// What a block writes of `width` vectors of filters.
static fetch_ahead written(const plan *p, const block_run *b, size_t vector, size_t width) {
  const filter_correlation *c = p->c;
  const size_t lanes = c->kernels->lanes, plane = p->height * p->width;
  const size_t filter = (b->image * c->conv->groups + b->group) * p->filters + vector * lanes;
  const size_t filters = smaller(width * lanes, p->filters - vector * lanes), rows = (b->to - b->from) * p->width;
  fetch_ahead a = {.first = c->out + filter * plane + b->from * p->width, .lines = ceil_div(rows, 16), .stride = plane,
                   .segments = filters};
  if (rows == plane) {  // the planes of an image are one segment
    a.lines = ceil_div(filters * plane, 16), a.stride = c->conv->groups * p->filters * plane, a.segments = b->images;
  }
  return a;
}

static void run_block(const plan *p, size_t block, ck_scratch *thread_scratch) {
  const filter_correlation *c = p->c;
  const size_t rest = block / p->row_blocks, lanes = c->kernels->lanes, plane = p->height * p->width;
  block_run b = {.group = rest / p->image_blocks, .image = rest % p->image_blocks * p->images,
                 .from = block % p->row_blocks * p->rows, .staging = ck_scratch_packed_b(thread_scratch)};
  b.images = smaller(p->images, c->conv->images - b.image), b.to = smaller(b.from + p->rows, p->height);
  stage_inputs(p, &b, ck_scratch_packed_a(thread_scratch));
  const size_t floats = (b.to - b.from) * p->width;
  const size_t tiles = ceil_div(b.images * floats, 12);
  fetch_ahead ahead[2] = {{.first = NULL}, next_images(p, &b)};
  for (size_t v = 0, width; v < p->vectors; v += width) {
    width = smaller(CK_FILTER_WIDTH, p->vectors - v);
    ahead[0] = written(p, &b, v, width);
    const size_t lines = ahead[0].lines * ahead[0].segments + ahead[1].lines * ahead[1].segments * width / p->vectors;
    ahead[0].per_tile = ahead[1].per_tile = ceil_div(lines, tiles);
    run_vectors(p, &b, v, width, ahead);
    for (size_t i = 0; i < width * b.images; i++) {
      const size_t n = i % b.images, here = v + i / b.images;
      const size_t filter = ((b.image + n) * c->conv->groups + b.group) * p->filters + here * lanes;
      c->kernels->conv->images_from_vectors(filters_of(p, here), floats, b.staging + i * floats * lanes,
                                            c->out + filter * plane + b.from * p->width, plane, 1, 0);
    }
  }
}

static void run_task(void *context, size_t index, ck_scratch *thread_scratch) {
  const plan *p = context;
  const size_t end = (index + 1) * p->blocks_in_all / p->tasks;
  for (size_t block = index * p->blocks_in_all / p->tasks; block < end; block++) run_block(p, block, thread_scratch);
}

// Fills in what depends on the shapes alone. Returns false where another way is better.
static bool plan_shapes(plan *p) {
  const ck_conv *v = p->c->conv;
  const size_t lanes = p->c->kernels->lanes;
  const size_t out_height = ck_conv_output_height(v), out_width = ck_conv_output_width(v);
  const bool gradient = p->c->gradient;
  p->channels = (gradient ? v->filters : v->channels) / v->groups;
  p->filters = (gradient ? v->channels : v->filters) / v->groups;
  p->taps = v->kernel_height * v->kernel_width, p->vectors = ceil_div(p->filters, lanes);
  p->source_height = gradient ? out_height : v->height, p->source_width = gradient ? out_width : v->width;
  p->height = gradient ? v->height : out_height, p->width = gradient ? v->width : out_width;
  p->y_phases = gradient ? v->stride_height : 1, p->x_phases = gradient ? v->stride_width : 1;
  if (!out_height || !out_width || !p->height || !p->width || !v->images || !p->filters) return false;
  // Vectors must be full, and transposing the outputs must cost less than the copies for each kernel column that
  // vectors of positions need where there are strides, or rows are no whole vectors. Images side by side need none of
  // these; they are worth less than no copy at all, and than strides in rows of half a vector.
  const bool fills = 8 * p->filters >= 7 * lanes * p->vectors;
  if (!fills || p->channels * p->taps < 32 || 2 * p->channels * v->kernel_width < p->filters) return false;
  const bool margins = v->padding_height || v->padding_width || (gradient && p->taps > 1);
  const bool strided = v->stride_height * v->stride_width > 1;
  if (!strided && p->width % lanes == 0) return false;
  const bool rows_suffice = strided && (gradient || 2 * p->width >= lanes);
  const stride_phase y = row_phase(p, 0), x = column_phase(p, 0);
  if (margins && !rows_suffice && ck_images_fill_lanes(p->c->kernels, &y.axis, &x.axis, v->images, false)) return false;

  p->left = PTRDIFF_MAX, p->right = PTRDIFF_MIN;
  for (size_t i = 0; i < p->x_phases; i++) {
    const stride_phase x = column_phase(p, i);
    reach(&x.axis, (range){0, x.axis.length}, &p->left, &p->right);
  }
  if (p->left > p->right) p->left = p->right = 0;
  const bool compact = p->taps == 1 && !gradient;
  p->y_unit = compact ? v->stride_height : 1, p->x_unit = compact ? v->stride_width : 1;
  p->in_place = !margins && p->y_unit == 1 && p->x_unit == 1 && p->source_height * p->source_width % 256 != 0;

  for (p->rows = p->height;; p->rows = ceil_div(ceil_div(p->rows, 2), p->y_phases) * p->y_phases) {
    // The first blocks reach as far as any.
    size_t inputs = 0;
    for (size_t from = 0; from < p->height; from += p->rows) {
      ptrdiff_t top, bottom;
      source_rows(p, from, smaller(from + p->rows, p->height), &top, &bottom);
      inputs = larger_size(inputs, p->channels * channel_floats(p, ceil_div((size_t)(bottom - top), p->y_unit)));
    }
    if (p->in_place) inputs = 0;
    const size_t positions = p->rows * p->width;
    const bool comfortable = inputs <= COMFORTABLE && positions <= STAGING_POSITIONS;
    if (!comfortable && p->rows > p->y_phases) continue;
    // Some rows may need so many around them that patches of the image would be copied sooner.
    if (p->rows < p->height && inputs > p->channels * p->taps * positions) return false;
    if (larger_size(inputs, p->taps * lanes) + 64 > CK_PACKED_A_FLOATS) return false;
    if (CK_FILTER_WIDTH * positions * lanes > CK_PACKED_B_FLOATS) return false;
    p->images = 1;
    if (p->rows >= p->height) {
      p->images = larger_size(1, smaller(STAGING_POSITIONS / positions, COMFORTABLE / (inputs + 1)));
    }
    return true;
  }
}

size_t ck_correlate_filters_workspace(const ck_kernels *kernels, const ck_conv *conv, bool gradient) {
  const filter_correlation c = {.kernels = kernels, .conv = conv, .gradient = gradient};
  plan p = {.c = &c};
  return plan_shapes(&p) ? conv->groups * p.vectors * (p.channels * p.taps + 1) * kernels->lanes : 0;
}

bool ck_correlate_filters(const filter_correlation *c) {
  plan p = {.c = c};
  if (!plan_shapes(&p)) return false;
  const ck_conv *v = c->conv;
  const double work = (double)(v->images * v->filters) * (double)(v->channels / v->groups * p.taps) *
                      (double)(ck_conv_output_height(v) * ck_conv_output_width(v));
  const size_t threads = work < parallel_threshold ? 1 : (size_t)ck_threads();
  if ((double)(v->filters * p.channels) * (double)p.taps < parallel_threshold) {
    ck_serial_for(v->groups * p.vectors, pack_vector, &p);
  } else {
    ck_parallel_for(v->groups * p.vectors, pack_vector, &p);
  }
  if (threads > 1) {
    const block_size size =
        ck_balanced_size((block_size){p.images, p.rows}, v->groups, v->images, p.height, p.y_phases, threads);
    p.images = size.images, p.rows = size.rows;
  }
  p.image_blocks = ceil_div(v->images, p.images), p.row_blocks = ceil_div(p.height, p.rows);
  p.blocks_in_all = v->groups * p.image_blocks * p.row_blocks;
  // A task is a run of neighbours, since each fetches the images of the next; a thread's blocks are whole such runs.
  const size_t own = ceil_div(p.blocks_in_all, threads);
  size_t run = larger_size(1, own / 4);
  while (own % run) run--;
  p.tasks = threads == 1 ? 1 : ceil_div(p.blocks_in_all, run);
  ck_parallel_for(p.tasks, run_task, &p);
  return true;
}
