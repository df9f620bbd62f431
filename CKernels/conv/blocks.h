// How a grid is cut into blocks whose inputs fit scratch memory, and how they lie there: in one of three ways, chosen
// by the shapes. An output is the same sum in the same order in each, so the choice never changes a bit.
//
// By row, where vectors fit rows without a rest: an image with its margins. A vector is a part of a row.
//
// By position: each channel once for every tap column t, shifted so that what grid position (i, j) reads for that
// column stands at (i, j) itself: a plane as wide as the grid, without margins. So neighbouring positions lie side by
// side across the ends of rows, and a vector of any run of positions is one load; a tap row is so many grid widths
// further. Rows are dealt into as many runs as the stride has phases, for the same reason.
//
// By image, where rows are short or margins wide, and images many: a vector is one position of as many images, and
// every load is aligned, for the price of bringing images side by side and back. A tap of a position lies in all of the
// images or in none of them, and then tiles leave it out.
#ifndef CK_CONV_BLOCKS_H
#define CK_CONV_BLOCKS_H

#include "axes.h"

// Floats of inputs that leave room for weights in a second-level cache.
enum { COMFORTABLE = 128 * 1024 };

typedef enum { BY_ROW, BY_POSITION, BY_IMAGE } order;

typedef struct blocks {
  order order;
  size_t images;         // of a block; unless by image, more than one only where the block is the whole grid
  size_t height, width;  // in grid positions, at most; narrower than the grid only where the height is 1
  size_t runs, rows;     // that a plane's rows are dealt into (one but by position), and of each
  size_t pitch;          // floats from one row to the next
  size_t channel;        // floats of one channel
} blocks;

// Whether blocks go by image: images fill three quarters of the lanes, and rows are shorter than a vector, or shorter
// than two where a quarter of what taps read is margins, unless tiles read those all the same (`aligned`).
bool ck_images_fill_lanes(const ck_kernels *kernels, const grid_axis *y, const grid_axis *x, size_t images,
                          bool aligned);

// The largest blocks whose inputs, of `channels` channels, take a comfortable share of scratch memory, and whose
// results for one filter at most `results` floats; height 0 where even one vector's inputs do not fit at all. `aligned`
// is for tiles that load more vectors of inputs than of anything else: they are slow at loads across cache lines, and
// rows with margins are passed over.
blocks ck_plan_blocks(const ck_kernels *kernels, const grid_axis *y, const grid_axis *x, size_t channels, size_t images,
                      size_t results, bool aligned);

// The same by row, whatever the vectors: for tiles that load single numbers of the inputs.
blocks ck_plan_rows(const ck_kernels *kernels, const grid_axis *y, const grid_axis *x, size_t channels, size_t images,
                    size_t results);

// Results for one filter of a block of one image, or where blocks go by image, of as many as there are lanes.
size_t ck_block_positions(const ck_kernels *kernels, const blocks *b);

// So many images, and rows of each.
typedef struct block_size {
  size_t images, rows;
} block_size;

// Blocks of at most `most`, with which so many threads should finish first: several whole images, or some rows of one,
// a multiple of `unit`. There are `groups` times `images` of them, `height` rows high.
block_size ck_balanced_size(block_size most, size_t groups, size_t images, size_t height, size_t unit, size_t threads);

// The same for blocks of a plan, which stays as it is for one thread.
blocks ck_balanced_blocks(const ck_kernels *kernels, const blocks *b, const grid_axis *y, const grid_axis *x,
                          size_t groups, size_t images, size_t threads);

// Where a block lies: images, grid rows, grid columns. Blocks count along columns, then rows, then images.
typedef struct block_range {
  size_t image, images, y0, y1, x0, x1;
} block_range;
size_t ck_block_count(const blocks *b, const grid_axis *y, const grid_axis *x, size_t images);
block_range ck_block_at(const blocks *b, const grid_axis *y, const grid_axis *x, size_t images, size_t index);

// How to iterate over a block: images of runs of vectors. Lengths are floats of results of one filter.
typedef struct iterator {
  size_t images, runs, length;
  size_t image, run, vector;  // floats of inputs from one to the next
} iterator;
iterator ck_iterator_of(const ck_kernels *kernels, const blocks *b, const grid_axis *y, const grid_axis *x,
                        size_t channels,
                size_t images, size_t height, size_t width);

// Copies the inputs of grid rows y0 ..< y1 and columns x0 ..< x1 of `images` images into scratch.
void ck_copy_inputs(const ck_kernels *kernels, const blocks *b, const grid_axis *y, const grid_axis *x, size_t channels,
                    size_t images, size_t image_stride, const float *source, size_t y0, size_t y1, size_t x0, size_t x1,
                    float *scratch);

// Writes offsets[(channel, row, column)], and zeros for those that a tile looks ahead to.
void ck_write_offsets(const ck_kernels *kernels, const blocks *b, const grid_axis *y, const grid_axis *x,
                      size_t channels, uint32_t *offsets);

#endif
