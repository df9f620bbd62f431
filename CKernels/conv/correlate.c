// Runs a correlation: packs the weights, then for each block of each image copies its window and computes its tiles.
#include "correlate.h"

#include "../runtime/sizes.h"
#include "../runtime/workspace.h"
#include "blocks.h"

// Below this many multiply-adds a second thread costs more than it brings.
static const double parallel_threshold = 2e5;

// Packed weights up to this many floats stay in a second-level cache while the tiles of an image pass over them.
enum { CACHED_WEIGHTS = 96 * 1024 };

// Filters in panels of nearly equal height, as the rows of a matrix product.
typedef struct panels {
  size_t count, height, taller;
} panels;

static panels cut_panels(size_t filters, size_t tile_rows) {
  const size_t count = ceil_div(filters, tile_rows);
  return (panels){count, filters / count, filters % count};
}
static size_t panel_rows(const panels *p, size_t panel) { return p->height + (panel < p->taller); }
static size_t panel_first(const panels *p, size_t panel) { return panel * p->height + smaller(panel, p->taller); }

size_t correlation_workspace(size_t groups, size_t filters, size_t depth) {
  return groups * filters * depth + 2 * depth;
}

// The images of a call that one plan serves.
typedef struct part {
  const correlation *c;
  blocks blocks;
  panels panels;
  const float *packed;
  const uint32_t *offsets;
  size_t first_image, images;
  size_t image_blocks, y_blocks, x_blocks;
  size_t items, shares;
} part;

static void pack_panel(void *context, size_t index, ck_workspace *workspace) {
  (void)workspace;
  const part *p = context;
  const correlation *c = p->c;
  const size_t group = index / p->panels.count, panel = index % p->panels.count, depth = correlation_depth(c);
  const size_t rows = panel_rows(&p->panels, panel), first = panel_first(&p->panels, panel);
  const float *weights = c->weights + (ptrdiff_t)group * c->weight_group + (ptrdiff_t)first * c->weight_filter;
  float *packed = (float *)p->packed + (group * c->filters + first) * depth;
  for (size_t channel = 0; channel < c->channels; channel++) {
    for (size_t s = 0; s < c->y.taps; s++) {
      for (size_t t = 0; t < c->x.taps; t++) {
        const float *from = weights + (ptrdiff_t)channel * c->weight_channel + (ptrdiff_t)s * c->weight_row +
                            (ptrdiff_t)t * c->weight_column;
        for (size_t i = 0; i < rows; i++) *packed++ = from[(ptrdiff_t)i * c->weight_filter];
      }
    }
  }
}

// One block of one image, or of as many as a vector has lanes.
typedef struct block_run {
  const part *part;
  size_t group, y0, y1, x0, x1;
  const float *window;
  float *stage;  // where results wait that the tiles cannot store in place, or NULL
  size_t stage_row;
  float *out;    // of the first filter of the group, at output row 0 and column 0
} block_run;

static void run_panels(const block_run *run, ck_conv_tile *tile, size_t first, size_t end) {
  const part *p = run->part;
  const correlation *c = p->c;
  float *out[CK_CONV_VECTORS];
  for (size_t v = 0; v < tile->vectors; v++) out[v] = tile->out[v];
  for (size_t panel = first; panel < end; panel++) {
    const size_t filter = panel_first(&p->panels, panel);
    tile->rows = panel_rows(&p->panels, panel);
    tile->weights = p->packed + (run->group * c->filters + filter) * tile->depth;
    tile->bias = c->bias ? c->bias + run->group * c->filters + filter : NULL;
    if (!run->stage) {
      for (size_t v = 0; v < tile->vectors; v++) tile->out[v] = out[v] + filter * tile->out_stride;
    }
    c->kernels->conv_tile(tile);
  }
  tile->vectors = 0;
}

static void run_tiles(const block_run *run, size_t first_panel, size_t end_panel) {
  const part *p = run->part;
  const correlation *c = p->c;
  const size_t lanes = c->kernels->lanes, at_once = p->blocks.by_image ? 1 : lanes;
  const size_t height = run->y1 - run->y0, width = run->x1 - run->x0;
  ck_conv_tile tile = {.depth = correlation_depth(c), .offsets = p->offsets, .relu = c->relu,
                       .out_stride = run->stage ? run->stage_row : c->y.output * c->x.output};
  float *stage = run->stage;
  for (size_t y = 0; y < height; y++) {
    const float *row = run->window + position_base(&p->blocks, &c->y, &c->x, y, 0);
    const size_t between = p->blocks.by_image ? position_base(&p->blocks, &c->y, &c->x, 0, 1) : 1;
    float *out = run->out + (c->y.start + (run->y0 + y) * c->y.stride) * c->x.output + c->x.start + run->x0;
    for (size_t x = 0; x < width; x += at_once) {
      tile.source[tile.vectors] = row + x * between;
      tile.lanes[tile.vectors] = p->blocks.by_image ? lanes : smaller(lanes, width - x);
      tile.out[tile.vectors] = stage ? stage : out + x;
      if (stage) stage += at_once == 1 ? lanes : tile.lanes[tile.vectors];
      if (++tile.vectors == c->kernels->tile_vectors) run_panels(run, &tile, first_panel, end_panel);
    }
  }
  if (tile.vectors) run_panels(run, &tile, first_panel, end_panel);
}

// Takes one panel's results from the stage to where they belong.
static void unstage(const block_run *run, size_t images, size_t panel) {
  const part *p = run->part;
  const correlation *c = p->c;
  const size_t plane = c->y.output * c->x.output, width = run->x1 - run->x0;
  const size_t image_stride = c->groups * c->filters * plane;
  const size_t position = p->blocks.by_image ? c->kernels->lanes : 1;
  for (size_t i = 0; i < panel_rows(&p->panels, panel); i++) {
    const float *from = run->stage + i * run->stage_row;
    for (size_t y = run->y0; y < run->y1; y++, from += width * position) {
      float *to = run->out + (panel_first(&p->panels, panel) + i) * plane +
                  (c->y.start + y * c->y.stride) * c->x.output + c->x.start + run->x0 * c->x.stride;
      if (p->blocks.by_image) {
        c->kernels->images_from_vectors(images, width, from, to, image_stride, c->x.stride);
      } else {
        for (size_t x = 0; x < width; x++) to[x * c->x.stride] = from[x];
      }
    }
  }
}

static void run_block(const part *p, size_t item, ck_workspace *workspace) {
  const correlation *c = p->c;
  const size_t x_block = item % p->x_blocks, y_block = item / p->x_blocks % p->y_blocks;
  const size_t rest = item / p->x_blocks / p->y_blocks;
  const size_t image = p->first_image + rest % p->image_blocks * p->blocks.images;
  const size_t images = smaller(p->blocks.images, p->first_image + p->images - image);
  const size_t source_plane = c->y.source * c->x.source, out_plane = c->y.output * c->x.output;

  block_run run = {.part = p, .group = rest / p->image_blocks};
  run.y0 = y_block * p->blocks.height, run.y1 = smaller(run.y0 + p->blocks.height, c->y.length);
  run.x0 = x_block * p->blocks.width, run.x1 = smaller(run.x0 + p->blocks.width, c->x.length);
  run.out = c->out + (image * c->groups + run.group) * c->filters * out_plane;
  if (correlation_depth(c)) {
    const ck_window window = block_window(&p->blocks, &c->y, &c->x, c->channels, c->groups * c->channels * source_plane,
                                          images, run.y0, run.y1, run.x0, run.x1);
    float *scratch = ck_workspace_packed_a(workspace);
    c->kernels->window(&window, c->source + (image * c->groups + run.group) * c->channels * source_plane, scratch);
    run.window = scratch;
  } else {
    run.window = ck_workspace_packed_a(workspace);  // no tap reads it
  }

  if (p->blocks.by_image || c->x.stride > 1) {
    run.stage = ck_workspace_packed_b(workspace);
    run.stage_row = (run.y1 - run.y0) * (run.x1 - run.x0) * (p->blocks.by_image ? c->kernels->lanes : 1);
    for (size_t panel = 0; panel < p->panels.count; panel++) {
      run_tiles(&run, panel, panel + 1);
      unstage(&run, images, panel);
    }
  } else if (c->filters * correlation_depth(c) <= CACHED_WEIGHTS) {
    run_tiles(&run, 0, p->panels.count);
  } else {
    for (size_t panel = 0; panel < p->panels.count; panel++) run_tiles(&run, panel, panel + 1);
  }
}

static void run_share(void *context, size_t index, ck_workspace *workspace) {
  const part *p = context;
  const size_t end = (index + 1) * p->items / p->shares;
  for (size_t item = index * p->items / p->shares; item < end; item++) run_block(p, item, workspace);
}

// One output after the other, for windows that no scratch memory holds.
static void correlate_plainly(const part *p) {
  const correlation *c = p->c;
  for (size_t image = p->first_image; image < p->first_image + p->images; image++) {
    for (size_t filter = 0; filter < c->groups * c->filters; filter++) {
      const size_t group = filter / c->filters;
      const float *source = c->source + (image * c->groups + group) * c->channels * c->y.source * c->x.source;
      float *out = c->out + (image * c->groups * c->filters + filter) * c->y.output * c->x.output;
      for (size_t y = 0; y < c->y.length; y++) {
        for (size_t x = 0; x < c->x.length; x++) {
          float sum = 0;
          for (size_t channel = 0; channel < c->channels; channel++) {
            for (size_t s = 0; s < c->y.taps; s++) {
              const ptrdiff_t row = (ptrdiff_t)(y * c->y.step) + c->y.first + (ptrdiff_t)s * c->y.spacing;
              if (row < 0 || row >= (ptrdiff_t)c->y.source) continue;
              for (size_t t = 0; t < c->x.taps; t++) {
                const ptrdiff_t column = (ptrdiff_t)(x * c->x.step) + c->x.first + (ptrdiff_t)t * c->x.spacing;
                if (column < 0 || column >= (ptrdiff_t)c->x.source) continue;
                sum += source[(channel * c->y.source + (size_t)row) * c->x.source + (size_t)column] *
                       c->weights[(ptrdiff_t)group * c->weight_group +
                                  (ptrdiff_t)(filter % c->filters) * c->weight_filter +
                                  (ptrdiff_t)channel * c->weight_channel + (ptrdiff_t)s * c->weight_row +
                                  (ptrdiff_t)t * c->weight_column];
              }
            }
          }
          if (c->bias) sum += c->bias[filter];
          if (c->relu) sum = 0.0f > sum ? 0.0f : sum;
          out[(c->y.start + y * c->y.stride) * c->x.output + c->x.start + x * c->x.stride] = sum;
        }
      }
    }
  }
}

static void run_part(part *p, uint32_t *offsets) {
  const correlation *c = p->c;
  if (!p->images) return;
  p->blocks = plan_blocks(c->kernels, &c->y, &c->x, c->channels, p->images, CK_PACKED_A_FLOATS,
                          CK_PACKED_B_FLOATS / c->kernels->tile_rows);
  if (!p->blocks.height) {
    correlate_plainly(p);
    return;
  }
  p->offsets = offsets;
  for (size_t channel = 0; channel < c->channels; channel++) {
    for (size_t s = 0; s < c->y.taps; s++) {
      for (size_t t = 0; t < c->x.taps; t++) *offsets++ = (uint32_t)tap_offset(&p->blocks, &c->y, &c->x, channel, s, t);
    }
  }
  p->image_blocks = ceil_div(p->images, p->blocks.images);
  p->y_blocks = ceil_div(c->y.length, p->blocks.height);
  p->x_blocks = ceil_div(c->x.length, p->blocks.width);
  p->items = c->groups * p->image_blocks * p->y_blocks * p->x_blocks;
  const double work = (double)(p->images * c->groups * c->filters) * (double)(c->y.length * c->x.length) *
                      (double)(correlation_depth(c) + 1);
  p->shares = work < parallel_threshold ? 1 : smaller(p->items, 4 * (size_t)ck_threads());
  ck_parallel_for(p->shares, run_share, p);
}

void correlate(const correlation *c) {
  if (!c->images || !c->filters || !c->y.length || !c->x.length) return;
  const size_t depth = correlation_depth(c), lanes = c->kernels->lanes;
  part p = {.c = c, .panels = cut_panels(c->filters, c->kernels->tile_rows), .packed = c->workspace};
  if ((double)depth * (double)c->filters * (double)c->groups < parallel_threshold) {
    for (size_t i = 0; i < c->groups * p.panels.count; i++) pack_panel(&p, i, NULL);
  } else {
    ck_parallel_for(c->groups * p.panels.count, pack_panel, &p);
  }
  uint32_t *offsets = (uint32_t *)(c->workspace + c->groups * c->filters * depth);
  // Whole vectors of images first, for they may be computed side by side; then those that are left.
  p.images = c->images / lanes * lanes;
  run_part(&p, offsets);
  p.first_image = p.images;
  p.images = c->images - p.images;
  run_part(&p, offsets + depth);
}
