// Runs a correlation: packs the weights, then for each block of each image copies its window and computes its tiles.
#include "direct_pixels.h"
#include "../../gemm/gemm_kernels.h"

#include "../../runtime/ranges.h"
#include "../../runtime/scratch.h"
#include "../blocks.h"
#include "../chains.h"

// Below this many multiply-adds a second thread costs more than it brings.
static const double parallel_threshold = 2e5;

// Floats of a panel's weights that a first-level cache holds.
enum { NEAR_WEIGHTS = 10 * 1024 };

// Packing stores whole vectors, so a gap behind each panel keeps one thread out of another's.
enum { PANEL_GAP = 16 };

size_t ck_correlation_workspace(const ck_kernels *kernels, size_t groups, size_t filters, size_t depth) {
  const size_t gaps = groups * ceil_div(filters, kernels->gemm->mr) * PANEL_GAP;
  return groups * filters * depth + gaps + depth + CK_OFFSETS_AHEAD;
}

typedef struct plan {
  const correlation *c;
  blocks blocks;
  chunks panels;  // of the filters, as of the rows of a matrix product
  chunks chains;  // of the channels
  const uint32_t *offsets;
  bool stream;    // outputs go past the caches
  bool in_place;  // a kernel of 1x1 over whole images: a plain product, whose inputs need no copy
  size_t block_count, tasks;  // of a group; of all its blocks, for threads to claim
} plan;

static float *packed_panel(const plan *p, size_t group, size_t panel) {
  const correlation *c = p->c;
  return c->workspace + (group * c->filters + chunk_first(p->panels, panel)) * correlation_depth(c) +
         (group * p->panels.count + panel) * PANEL_GAP;
}

static void pack_panel(void *context, size_t index, ck_scratch *thread_scratch) {
  (void)thread_scratch;
  const plan *p = context;
  const correlation *c = p->c;
  const size_t group = index / p->panels.count, panel = index % p->panels.count, taps = c->y.taps * c->x.taps;
  const size_t rows = chunk_length(p->panels, panel), first = chunk_first(p->panels, panel);
  const float *weights = c->weights + group * c->weight_group + first * c->weight_filter;
  float *packed = packed_panel(p, group, panel);
  // The taps of a filter and a channel mostly lie side by side, and the channels of a filter too in a forward pass.
  const bool joined = c->weight_column == 1 && c->weight_row == c->x.taps;
  if (joined && c->weight_channel == taps) {
    c->kernels->gemm->pack_a(false, rows, c->channels * taps, weights, c->weight_filter, packed);
    return;
  }
  for (size_t channel = 0; channel < c->channels; channel++, packed += rows * taps) {
    const float *from = weights + channel * c->weight_channel;
    if (joined) {
      c->kernels->gemm->pack_a(false, rows, taps, from, c->weight_filter, packed);
      continue;
    }
    for (size_t s = 0; s < c->y.taps; s++) {
      for (size_t t = 0; t < c->x.taps; t++) {
        for (size_t i = 0; i < rows; i++) {
          packed[(s * c->x.taps + t) * rows + i] =
              from[i * c->weight_filter + s * c->weight_row + t * c->weight_column];
        }
      }
    }
  }
}

// One block of one group.
typedef struct block_run {
  const plan *plan;
  size_t group;
  block_range at;
  iterator iterator;
  const float *scratch;
  float *out;    // of the first filter of the group, at output row 0 and column 0
  float *staging;  // where results wait that do not lie side by side in the output, or NULL
} block_run;

// Positions of an axis, up to `end`, that the same taps reach the image from; the other taps meet zeros alone.
typedef struct segment {
  size_t end, first_tap, taps;
} segment;

static segment taps_at(const grid_axis *axis, size_t position) {
  segment s = {.end = position + 1};
  for (size_t t = 0; t < axis->taps; t++) {
    const ptrdiff_t at = (ptrdiff_t)(position * axis->step) + axis->first + (ptrdiff_t)t * axis->spacing;
    if (at < 0 || at >= (ptrdiff_t)axis->source) continue;
    if (s.taps++ == 0) s.first_tap = t;
  }
  return s;
}

// The segment from `from` on, no further than `to`; all of it where vectors hold unequal positions.
static segment segment_from(const grid_axis *axis, size_t from, size_t to, bool equal) {
  if (!equal) return (segment){to, 0, axis->taps};
  segment s = taps_at(axis, from);
  while (s.end < to) {
    const segment next = taps_at(axis, s.end);
    if (next.first_tap != s.first_tap || next.taps != s.taps) break;
    s.end = next.end;
  }
  return s;
}

// Which taps `tile` sums, of one chain; the packed weights of all begin at `weights`.
static void select_taps(ck_conv_tile *tile, const plan *p, const float *weights, size_t chain, segment rows,
                        segment columns) {
  const correlation *c = p->c;
  const size_t first = (chunk_first(p->chains, chain) * c->y.taps + rows.first_tap) * c->x.taps + columns.first_tap;
  tile->weights = weights + first * tile->rows, tile->offsets = p->offsets + first;
  tile->channels = chunk_length(p->chains, chain), tile->channel = c->y.taps * c->x.taps;
  tile->lines = rows.taps, tile->line = c->x.taps, tile->length = columns.taps;
  // What lies side by side is one line.
  if (tile->length == tile->line) tile->line = tile->length *= tile->lines, tile->lines = 1;
  if (tile->length == tile->channel) tile->channel = tile->line = tile->length *= tile->channels, tile->channels = 1;
}

// Where a panel's results go: from one image, one filter and one run to the next.
typedef struct results {
  float *first;
  size_t image, filter, run;
} results;

static results results_of(const block_run *run, size_t panel) {
  const correlation *c = run->plan->c;
  const iterator *w = &run->iterator;
  if (run->staging) return (results){run->staging, w->runs * w->length, w->images * w->runs * w->length, w->length};
  const size_t plane = c->y.output * c->x.output;
  return (results){run->out + chunk_first(run->plan->panels, panel) * plane + run->at.y0 * c->x.output + run->at.x0,
                   c->groups * c->filters * plane, plane, c->x.output};
}

// The vectors of floats from ..< to of runs first ..< end, in tiles.
static void run_vectors(const block_run *run, ck_conv_tile *tile, results out, size_t first, size_t end, size_t from,
                        size_t to) {
  const ck_kernels *kernels = run->plan->c->kernels;
  const iterator *w = &run->iterator;
  const size_t lanes = kernels->lanes, at_once = kernels->conv->conv_vectors(tile->rows);
  tile->vectors = 0;
  for (size_t image = 0; image < w->images; image++) {
    for (size_t r = first; r < end; r++) {
      const float *source = run->scratch + image * w->image + r * w->run + from / lanes * w->vector;
      for (size_t at = from; at < to; at += lanes, source += w->vector) {
        tile->source[tile->vectors] = source;
        tile->lanes[tile->vectors] = smaller(lanes, to - at);
        tile->out[tile->vectors] = out.first + image * out.image + r * out.run + at;
        if (++tile->vectors == at_once) {
          kernels->conv->conv_tile(tile);
          tile->vectors = 0;
        }
      }
    }
  }
  if (tile->vectors) kernels->conv->conv_tile(tile);
}

// All tiles of one panel and one chain: their weights stay in a first-level cache, and the inputs pass by.
static void run_chain(const block_run *run, size_t panel, size_t chain) {
  const plan *p = run->plan;
  const correlation *c = p->c;
  const size_t lanes = c->kernels->lanes;
  const block_range *at = &run->at;
  const results out = results_of(run, panel);
  const bool biased = c->bias && chain + 1 == p->chains.count;
  ck_conv_tile tile = {.rows = chunk_length(p->panels, panel), .adds = chain > 0,
                       .stream = p->stream && !run->staging,
                       .bias = biased ? c->bias + run->group * c->filters + chunk_first(p->panels, panel) : NULL,
                       .out_stride = out.filter};
  // A tile holds vectors of equal taps. A run is a row of the grid unless it goes by position, and a vector one column
  // where it goes by image. Cutting by columns makes tiles of few vectors, which want their weights near.
  const bool equal_rows = p->blocks.order != BY_POSITION;
  const bool equal_columns = p->blocks.order == BY_IMAGE && tile.rows * correlation_depth(c) <= NEAR_WEIGHTS;
  const size_t y1 = equal_rows ? at->y1 : at->y0 + 1;
  segment rows, columns;
  for (size_t y = at->y0; y < y1; y = rows.end) {
    rows = segment_from(&c->y, y, y1, equal_rows);
    for (size_t x = at->x0; x < at->x1; x = columns.end) {
      columns = segment_from(&c->x, x, at->x1, equal_columns);
      select_taps(&tile, p, packed_panel(p, run->group, panel), chain, rows, columns);
      const size_t from = equal_columns ? (x - at->x0) * lanes : 0;
      const size_t to = equal_columns ? (columns.end - at->x0) * lanes : run->iterator.length;
      run_vectors(run, &tile, out, y - at->y0, rows.end - at->y0, from, to);
    }
  }
}

// Takes one panel's results from the staging buffer to where they belong.
static void write_staged(const block_run *run, size_t panel) {
  const plan *p = run->plan;
  const correlation *c = p->c;
  const bool by_image = p->blocks.order == BY_IMAGE;
  const size_t plane = c->y.output * c->x.output, image = c->groups * c->filters * plane;
  // Rows that follow each other in the output are one.
  const size_t height = run->at.y1 - run->at.y0, columns = run->at.x1 - run->at.x0;
  const bool joined = c->x.stride == 1 && columns == c->x.output && c->y.stride == 1;
  const size_t rows = joined ? 1 : height, width = joined ? height * columns : columns;
  const float *from = run->staging;
  for (size_t i = 0; i < chunk_length(p->panels, panel); i++) {
    float *out = run->out + (chunk_first(p->panels, panel) + i) * plane + c->x.start + run->at.x0 * c->x.stride;
    for (size_t n = 0; n < (by_image ? 1 : run->at.images); n++, out += image) {
      for (size_t y = 0; y < rows; y++) {
        float *to = out + (c->y.start + (run->at.y0 + y) * c->y.stride) * c->x.output;
        if (by_image) {
          c->kernels->conv->images_from_vectors(run->at.images, width, from, to, image, c->x.stride, 0);
        } else {
          for (size_t x = 0; x < width; x++) to[x * c->x.stride] = from[x];
        }
        from += width * (by_image ? c->kernels->lanes : 1);
      }
    }
  }
}

static void run_block(const plan *p, size_t block, ck_scratch *thread_scratch) {
  const correlation *c = p->c;
  const size_t source_plane = c->y.source * c->x.source, out_plane = c->y.output * c->x.output;
  const block_range at = ck_block_at(&p->blocks, &c->y, &c->x, c->images, block % p->block_count);
  block_run run = {.plan = p, .group = block / p->block_count, .at = at};
  run.iterator = ck_iterator_of(c->kernels, &p->blocks, &c->y, &c->x, c->channels, at.images, at.y1 - at.y0,
                                at.x1 - at.x0);
  run.out = c->out + (at.image * c->groups + run.group) * c->filters * out_plane;
  const float *source = c->source + (at.image * c->groups + run.group) * c->channels * source_plane;
  float *scratch = ck_scratch_packed_a(thread_scratch);
  run.scratch = p->in_place ? source : scratch;
  if (correlation_depth(c) && !p->in_place) {
    ck_copy_inputs(c->kernels, &p->blocks, &c->y, &c->x, c->channels, at.images,
                   c->groups * c->channels * source_plane, source, at.y0, at.y1, at.x0, at.x1, scratch);
  }
  if (p->blocks.order == BY_IMAGE || c->y.stride > 1 || c->x.stride > 1) run.staging =
      ck_scratch_packed_b(thread_scratch);
  for (size_t panel = 0; panel < p->panels.count; panel++) {
    for (size_t chain = 0; chain < p->chains.count; chain++) run_chain(&run, panel, chain);
    if (run.staging) write_staged(&run, panel);
  }
}

static void run_task(void *context, size_t index, ck_scratch *thread_scratch) {
  const plan *p = context;
  const size_t blocks_in_all = p->c->groups * p->block_count, end = (index + 1) * blocks_in_all / p->tasks;
  for (size_t block = index * blocks_in_all / p->tasks; block < end; block++) run_block(p, block, thread_scratch);
  if (p->stream) p->c->kernels->stream_end();
}

// Whether grid and source are the same along an axis.
static bool is_identity(const grid_axis *a) {
  return a->taps == 1 && a->step == 1 && a->first == 0 && a->length == a->source;
}

static blocks blocks_of(const correlation *c) {
  return ck_plan_blocks(c->kernels, &c->y, &c->x, c->channels, c->images, CK_PACKED_B_FLOATS / c->kernels->gemm->mr,
                        false);
}

bool ck_direct_pixels_suits_correlation(const correlation *c) {
  if (!c->images || !c->filters || !c->y.length || !c->x.length) return true;
  const blocks b = blocks_of(c);
  // A part of an image may need so many rows around it that patches of it would be copied sooner.
  return b.height == c->y.length || (b.height && b.channel <= c->y.taps * c->x.taps * ck_block_positions(c->kernels,
                                                                                                         &b));
}

void ck_correlate(const correlation *c) {
  if (!c->images || !c->filters || !c->y.length || !c->x.length) return;
  const size_t depth = correlation_depth(c);
  plan p = {.c = c, .panels = {c->filters, ceil_div(c->filters, c->kernels->gemm->mr)},
            .chains = ck_chains(c->channels, c->y.taps * c->x.taps)};
  p.blocks = blocks_of(c);
  if ((double)depth * (double)c->filters * (double)c->groups < parallel_threshold) {
    for (size_t i = 0; i < c->groups * p.panels.count; i++) pack_panel(&p, i, NULL);
  } else {
    ck_parallel_for(c->groups * p.panels.count, pack_panel, &p);
  }
  const double work = (double)(c->images * c->groups * c->filters) * (double)(c->y.length * c->x.length) *
                      (double)(depth + 1);
  const size_t threads = work < parallel_threshold ? 1 : (size_t)ck_threads();
  p.blocks = ck_balanced_blocks(c->kernels, &p.blocks, &c->y, &c->x, c->groups, c->images, threads);
  uint32_t *offsets = (uint32_t *)packed_panel(&p, c->groups, 0);
  ck_write_offsets(c->kernels, &p.blocks, &c->y, &c->x, c->channels, offsets);
  p.offsets = offsets;
  // Vectors may not reach beyond the last plane.
  p.in_place = is_identity(&c->y) && is_identity(&c->x) && c->groups == 1 && p.blocks.order != BY_IMAGE &&
               p.blocks.height == c->y.length && p.blocks.width == c->x.length &&
               c->y.length * c->x.length % c->kernels->lanes == 0;
  p.stream = p.blocks.order == BY_ROW && p.chains.count == 1 &&
             ck_streams(c->images * c->groups * c->filters * c->y.output * c->x.output, c->x.output, c->out);
  p.block_count = ck_block_count(&p.blocks, &c->y, &c->x, c->images);
  p.tasks = threads == 1 ? 1 : c->groups * p.block_count;
  ck_parallel_for(p.tasks, run_task, &p);
}
