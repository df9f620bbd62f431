#include "blocks.h"

#include "../runtime/scratch.h"

enum { CAPACITY = CK_PACKED_A_FLOATS - 64 };  // whole vectors are stored beyond the end

// How far tap `tap` reaches beyond the first source position that any tap of the same grid position reads.
static size_t tap_reach(const grid_axis *axis, size_t tap) {
  return axis->spacing < 0 ? (axis->taps - 1 - tap) * (size_t)-axis->spacing : tap * (size_t)axis->spacing;
}
static ptrdiff_t first_source(const grid_axis *axis) {
  const ptrdiff_t last = axis->taps ? (ptrdiff_t)(axis->taps - 1) * axis->spacing : 0;
  return axis->first + (last < 0 ? last : 0);
}
static size_t whole_reach(const grid_axis *axis) {
  return axis->taps == 0 ? 0 : tap_reach(axis, axis->spacing < 0 ? 0 : axis->taps - 1);
}

static blocks sized(const ck_kernels *kernels, const grid_axis *y, const grid_axis *x, order order, size_t height,
                    size_t width) {
  const size_t down = whole_reach(y), across = whole_reach(x), lanes = kernels->lanes;
  blocks b = {.order = order, .images = order == BY_IMAGE ? lanes : 1, .height = height, .width = width, .runs = 1};
  if (order == BY_POSITION) {
    b.runs = smaller(y->step, down + 1), b.rows = height + down / y->step;
    b.pitch = width;
    b.channel = x->taps * b.runs * b.rows * width;
  } else {
    b.rows = (height - 1) * y->step + down + 1;
    b.pitch = ((width - 1) * x->step + across + 1) * (order == BY_IMAGE ? lanes : 1);
    b.channel = b.rows * b.pitch;
  }
  return b;
}

size_t ck_block_positions(const ck_kernels *kernels, const blocks *b) {
  return b->height * b->width * (b->order == BY_IMAGE ? kernels->lanes : 1);
}

static blocks fitted(const ck_kernels *kernels, const grid_axis *y, const grid_axis *x, order order, size_t channels,
                     size_t results) {
  blocks b = sized(kernels, y, x, order, y->length, x->length);
  while (b.height > 1 && (b.channel * channels > COMFORTABLE || ck_block_positions(kernels, &b) > results)) {
    b = sized(kernels, y, x, order, ceil_div(b.height, 2), b.width);
  }
  while (b.width > kernels->lanes && (b.channel * channels > CAPACITY || ck_block_positions(kernels, &b) > results)) {
    b = sized(kernels, y, x, order, 1, round_up(ceil_div(b.width, 2), kernels->lanes));
  }
  if (b.channel * channels > CAPACITY) b.height = 0;
  return b;
}

// Where a block is the whole grid, it may be that of several images.
static blocks with_images(blocks b, const grid_axis *y, const grid_axis *x, size_t channels, size_t images,
                          size_t results) {
  if (b.height == y->length && b.width == x->length) {
    const size_t most = smaller(COMFORTABLE / (b.channel * channels + 1), results / (b.height * b.width));
    b.images = larger_size(1, smaller(images, most));
  }
  return b;
}

// The part of an axis' reads, one for each tap of each grid position, that lie in the source.
static double part_inside(const grid_axis *axis) {
  size_t inside = 0;
  for (size_t t = 0; t < axis->taps; t++) {
    const ptrdiff_t at = axis->first + (ptrdiff_t)t * axis->spacing, reach = (ptrdiff_t)axis->source - at;
    const size_t first = at < 0 ? ceil_div((size_t)-at, axis->step) : 0;
    const size_t end = reach <= 0 ? 0 : smaller(ceil_div((size_t)reach, axis->step), axis->length);
    if (end > first) inside += end - first;
  }
  return axis->taps * axis->length ? (double)inside / (double)(axis->taps * axis->length) : 1;
}

bool ck_images_fill_lanes(const ck_kernels *kernels, const grid_axis *y, const grid_axis *x, size_t images,
                          bool aligned) {
  const size_t lanes = kernels->lanes;
  if (4 * images < 3 * lanes * ceil_div(images, lanes)) return false;
  return x->length < lanes || (!aligned && x->length < 2 * lanes && 4 * part_inside(y) * part_inside(x) <= 3);
}

blocks ck_plan_blocks(const ck_kernels *kernels, const grid_axis *y, const grid_axis *x, size_t channels, size_t images,
                      size_t results, bool aligned) {
  const size_t lanes = kernels->lanes;
  if (ck_images_fill_lanes(kernels, y, x, images, aligned)) {
    const blocks b = fitted(kernels, y, x, BY_IMAGE, channels, results);
    if (b.height) return b;
  }
  const order order = !aligned && x->step == 1 && x->length % lanes == 0 ? BY_ROW : BY_POSITION;
  return with_images(fitted(kernels, y, x, order, channels, results), y, x, channels, images, results);
}

blocks ck_plan_rows(const ck_kernels *kernels, const grid_axis *y, const grid_axis *x, size_t channels, size_t images,
                    size_t results) {
  return with_images(fitted(kernels, y, x, BY_ROW, channels, results), y, x, channels, images, results);
}

// The time until all blocks are done. Besides its own, a block copies rows around them: about as much as one row costs.
static double time_of(block_size size, size_t groups, size_t images, size_t height, size_t threads) {
  const size_t blocks = groups * ceil_div(images, size.images) * ceil_div(height, size.rows);
  return (double)ceil_div(blocks, threads) * (double)(size.images * (size.rows + 1));
}

block_size ck_balanced_size(block_size most, size_t groups, size_t images, size_t height, size_t unit,
                            size_t threads) {
  block_size best = most;
  double least = time_of(most, groups, images, height, threads);
  for (block_size size = most; size.images > 0; size.images--) {
    const double time = time_of(size, groups, images, height, threads);
    if (time < least) least = time, best = size;
  }
  for (size_t cuts = ceil_div(height, most.rows) + 1; cuts <= height; cuts++) {
    const block_size size = {1, round_up(ceil_div(height, cuts), unit)};
    const double time = time_of(size, groups, images, height, threads);
    if (time < least) least = time, best = size;
  }
  return best;
}

blocks ck_balanced_blocks(const ck_kernels *kernels, const blocks *b, const grid_axis *y, const grid_axis *x,
                          size_t groups, size_t images, size_t threads) {
  if (threads == 1 || b->width < x->length) return *b;
  const bool by_image = b->order == BY_IMAGE;
  const block_size most = {by_image ? 1 : b->images, b->height};
  const size_t units = by_image ? ceil_div(images, b->images) : images;
  const block_size size = ck_balanced_size(most, groups, units, y->length, 1, threads);
  blocks balanced = sized(kernels, y, x, b->order, size.rows, b->width);
  if (!by_image) balanced.images = size.images;
  return balanced;
}

size_t ck_block_count(const blocks *b, const grid_axis *y, const grid_axis *x, size_t images) {
  return ceil_div(images, b->images) * ceil_div(y->length, b->height) * ceil_div(x->length, b->width);
}

block_range ck_block_at(const blocks *b, const grid_axis *y, const grid_axis *x, size_t images, size_t index) {
  const size_t across = ceil_div(x->length, b->width), down = ceil_div(y->length, b->height);
  block_range at = {.image = index / across / down * b->images, .y0 = index / across % down * b->height,
              .x0 = index % across * b->width};
  at.images = smaller(b->images, images - at.image);
  at.y1 = smaller(at.y0 + b->height, y->length);
  at.x1 = smaller(at.x0 + b->width, x->length);
  return at;
}

iterator ck_iterator_of(const ck_kernels *kernels, const blocks *b, const grid_axis *y, const grid_axis *x,
                        size_t channels,
                size_t images, size_t height, size_t width) {
  const size_t lanes = kernels->lanes, row = y->step * b->pitch, image = channels * b->channel;
  switch (b->order) {
    case BY_ROW: return (iterator){images, height, width, image, row, lanes};
    case BY_POSITION: return (iterator){images, 1, height * width, image, 0, lanes};
    case BY_IMAGE: return (iterator){1, height, width * lanes, 0, row, x->step * lanes};
  }
}

// Where the inputs of a channel and a tap lie, counted from those of a block's first position.
static size_t tap_offset(const ck_kernels *kernels, const blocks *b, const grid_axis *y, const grid_axis *x,
                         size_t channel, size_t row, size_t column) {
  const size_t down = tap_reach(y, row);
  if (b->order != BY_POSITION) {
    const size_t position = b->order == BY_IMAGE ? kernels->lanes : 1;
    return channel * b->channel + down * b->pitch + tap_reach(x, column) * position;
  }
  const size_t plane = ((channel * x->taps + column) * b->runs + down % y->step) * b->rows;
  return (plane + down / y->step) * b->pitch;
}

void ck_copy_inputs(const ck_kernels *kernels, const blocks *b, const grid_axis *y, const grid_axis *x, size_t channels,
                    size_t images, size_t image_stride, const float *source, size_t y0, size_t y1, size_t x0, size_t x1,
                    float *scratch) {
  ck_window w = {.channels = channels, .height = y->source, .width = x->source,
                 .top = (ptrdiff_t)(y0 * y->step) + first_source(y), .pitch = b->pitch};
  if (b->order == BY_POSITION) {
    w.taps = x->taps, w.left = (ptrdiff_t)(x0 * x->step) + x->first, w.spacing = x->spacing;
    w.step = x->step, w.row_step = y->step;
    w.runs = b->runs, w.rows = y1 - y0 + whole_reach(y) / y->step, w.columns = x1 - x0;
    w.run_stride = b->rows * b->pitch;
  } else {
    w.taps = w.step = w.row_step = w.runs = 1;
    w.left = (ptrdiff_t)(x0 * x->step) + first_source(x), w.run_stride = b->channel;
    w.rows = (y1 - y0 - 1) * y->step + whole_reach(y) + 1, w.columns = (x1 - x0 - 1) * x->step + whole_reach(x) + 1;
  }
  if (b->order == BY_IMAGE) {
    w.by_image = true, w.images = images, w.image_stride = image_stride;
    kernels->conv->window(&w, source, scratch);
    return;
  }
  for (size_t n = 0; n < images; n++) {
    kernels->conv->window(&w, source + n * image_stride, scratch + n * channels * b->channel);
  }
}

void ck_write_offsets(const ck_kernels *kernels, const blocks *b, const grid_axis *y, const grid_axis *x,
                      size_t channels, uint32_t *offsets) {
  for (size_t channel = 0; channel < channels; channel++) {
    for (size_t s = 0; s < y->taps; s++) {
      for (size_t t = 0; t < x->taps; t++) *offsets++ = (uint32_t)tap_offset(kernels, b, y, x, channel, s, t);
    }
  }
  for (size_t ahead = 0; ahead < CK_OFFSETS_AHEAD; ahead++) *offsets++ = 0;
}
