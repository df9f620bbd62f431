#include "blocks.h"

#include "../runtime/sizes.h"

// Floats of a window that leave room for weights in a second-level cache.
enum { COMFORTABLE = 160 * 1024 };

reach axis_reach(const grid_axis *axis, size_t first, size_t end) {
  const ptrdiff_t span = axis->taps ? (ptrdiff_t)(axis->taps - 1) * axis->spacing : 0;
  const ptrdiff_t lowest = axis->first + (span < 0 ? span : 0), highest = axis->first + (span < 0 ? 0 : span);
  const ptrdiff_t origin = (ptrdiff_t)(first * axis->step) + lowest;
  return (reach){origin, (size_t)((ptrdiff_t)((end - 1) * axis->step) + highest - origin) + 1};
}

static blocks sized(const ck_kernels *kernels, const grid_axis *y, const grid_axis *x, bool by_image, size_t height,
                    size_t width) {
  const size_t lanes = kernels->lanes;
  blocks b = {.by_image = by_image, .images = by_image ? lanes : 1, .height = height, .width = width};
  b.rows = axis_reach(y, 0, height).length;
  b.columns = axis_reach(x, 0, width).length;
  if (by_image) {
    b.row_stride = b.columns * lanes;
  } else {
    // The last vector of a row reads whole lanes.
    const size_t overrun = ceil_div(width, lanes) * lanes - width;
    b.run = ceil_div(b.columns, x->step) + overrun;
    b.row_stride = b.run * x->step;
  }
  b.plane_stride = b.rows * b.row_stride;
  return b;
}

typedef struct room {
  size_t channels, window, results;
} room;

static bool has_room(const ck_kernels *kernels, const blocks *b, const room *room, size_t window) {
  const size_t lanes = kernels->lanes;
  const size_t results = b->height * (b->by_image ? b->width * lanes : ceil_div(b->width, lanes) * lanes);
  return b->plane_stride * room->channels <= window && results <= room->results;
}

// The tallest comfortable block, or a narrower one of one row; height 0 where none fits.
static blocks fitted(const ck_kernels *kernels, const grid_axis *y, const grid_axis *x, bool by_image,
                     const room *room) {
  size_t height = y->length, width = x->length;
  blocks b = sized(kernels, y, x, by_image, height, width);
  while (height > 1 && !has_room(kernels, &b, room, smaller(room->window, COMFORTABLE))) {
    height = ceil_div(height, 2);
    b = sized(kernels, y, x, by_image, height, width);
  }
  while (width > kernels->lanes && !has_room(kernels, &b, room, room->window)) {
    width = ceil_div(ceil_div(width, 2), kernels->lanes) * kernels->lanes;
    b = sized(kernels, y, x, by_image, height, width);
  }
  if (!has_room(kernels, &b, room, room->window)) b.height = 0;
  return b;
}

blocks plan_blocks(const ck_kernels *kernels, const grid_axis *y, const grid_axis *x, size_t channels, size_t images,
                   size_t capacity, size_t results) {
  const room room = {channels, capacity, results};
  const size_t lanes = kernels->lanes;
  // Of the lanes computed, how many hold results: all of a row's but the last vector's, or one for each image.
  const size_t by_row = 100 * x->length / (ceil_div(x->length, lanes) * lanes);
  const size_t by_image = 100 * smaller(images, lanes) / lanes;
  if (by_image > by_row + 15) {  // images must first be brought side by side, which costs more than copying rows
    const blocks b = fitted(kernels, y, x, true, &room);
    if (b.height) return b;
  }
  return fitted(kernels, y, x, false, &room);
}

size_t tap_offset(const blocks *b, const grid_axis *y, const grid_axis *x, size_t channel, size_t row, size_t column) {
  const size_t at = tap_in_reach(x, column);
  const size_t in_row = b->by_image ? at * b->row_stride / b->columns : at % x->step * b->run + at / x->step;
  return channel * b->plane_stride + tap_in_reach(y, row) * b->row_stride + in_row;
}

size_t position_base(const blocks *b, const grid_axis *y, const grid_axis *x, size_t row, size_t column) {
  const size_t in_row = b->by_image ? column * x->step * (b->row_stride / b->columns) : column;
  return row * y->step * b->row_stride + in_row;
}

ck_window block_window(const blocks *b, const grid_axis *y, const grid_axis *x, size_t channels, size_t image_stride,
                       size_t images, size_t y0, size_t y1, size_t x0, size_t x1) {
  const reach rows = axis_reach(y, y0, y1), columns = axis_reach(x, x0, x1);
  return (ck_window){.by_image = b->by_image, .channels = channels, .images = images, .image_stride = image_stride,
                     .height = y->source, .width = x->source, .top = rows.origin, .left = columns.origin,
                     .rows = rows.length, .columns = columns.length, .step = x->step, .run = b->run,
                     .row_stride = b->row_stride, .plane_stride = b->plane_stride};
}
