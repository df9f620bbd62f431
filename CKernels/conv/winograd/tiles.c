#include "tiles.h"

tiling ck_tile(size_t images, size_t height, size_t width, size_t most) {
  tiling t = {.images = images, .height = height, .width = width, .rows = ceil_div(height, CK_WINOGRAD_TILE),
              .columns = ceil_div(width, CK_WINOGRAD_TILE)};
  t.block_columns = ceil_div(t.columns, ceil_div(t.columns, smaller(most, CK_WINOGRAD_COLUMNS)));
  const size_t rows = t.block_columns < t.columns ? 1 : smaller(t.rows, larger_size(1, most / t.columns));
  t.block_rows = ceil_div(t.rows, ceil_div(t.rows, rows));
  const bool whole = t.block_rows == t.rows && t.block_columns == t.columns;
  const size_t at_once = whole ? smaller(images, larger_size(1, most / (t.rows * t.columns))) : 1;
  t.block_images = ceil_div(images, ceil_div(images, at_once));
  t.count = ceil_div(images, t.block_images) * ceil_div(t.rows, t.block_rows) * ceil_div(t.columns, t.block_columns);
  return t;
}

tile_block ck_tile_block(const tiling *t, size_t index) {
  const size_t across = ceil_div(t->columns, t->block_columns), down = ceil_div(t->rows, t->block_rows);
  tile_block b = {.image = index / across / down * t->block_images, .row = index / across % down * t->block_rows,
                  .column = index % across * t->block_columns};
  b.images = smaller(t->block_images, t->images - b.image);
  b.rows = smaller(t->block_rows, t->rows - b.row);
  b.columns = smaller(t->block_columns, t->columns - b.column);
  return b;
}

void ck_transform_block(const tile_source *s, const tile_block *b, size_t first, size_t count, float *window,
                        float *out, size_t tile_stride, size_t frequency_stride) {
  enum { COMFORTABLE_WINDOW = 8 * 1024 };  // floats that leave a first-level cache room for what is written
  const size_t lanes = s->kernels->lanes, margin = s->side - CK_WINOGRAD_TILE;
  const size_t width = CK_WINOGRAD_TILE * b->columns + margin;
  const size_t fitting = COMFORTABLE_WINDOW / (width * lanes * CK_WINOGRAD_TILE);
  const size_t at_once = smaller(b->rows, larger_size(1, fitting));
  ck_window w = {.by_image = true, .channels = 1, .height = s->height, .width = s->width, .columns = width,
                 .left = s->left + (ptrdiff_t)(b->column * CK_WINOGRAD_TILE), .pitch = width * lanes,
                 .images = count, .image_stride = s->height * s->width};
  // The same planes of the next image, or the next planes of this one, or behind its last ones those of the next.
  w.ahead = (b->images > 1 ? s->planes : lanes) * w.image_stride;
  for (size_t image = 0; image < b->images; image++) {
    const float *planes = s->pixels + ((b->image + image) * s->planes + first) * w.image_stride;
    for (size_t row = 0; row < b->rows; row += at_once) {
      const size_t here = smaller(at_once, b->rows - row);
      w.rows = here * CK_WINOGRAD_TILE + margin;
      w.top = s->top + (ptrdiff_t)((b->row + row) * CK_WINOGRAD_TILE);
      s->kernels->conv->window(&w, planes, window);
      for (size_t r = 0; r < here; r++, out += b->columns * tile_stride) {
        s->transform(&(ck_winograd_tiles){.tiles = b->columns, .pitch = width, .tile_stride = tile_stride,
                                          .frequency_stride = frequency_stride, .transformed = out,
                                          .pixels = window + r * CK_WINOGRAD_TILE * w.pitch});
      }
    }
  }
}
