// How a grid is cut into blocks whose window fits scratch memory, and what lies side by side in a vector.
#ifndef CK_CONV_BLOCKS_H
#define CK_CONV_BLOCKS_H

#include "correlate.h"

// Lanes are neighbouring positions of a row, or, where rows are short, the same position of several images. Either way
// an output is the same sum in the same order, so the choice never changes a bit.
typedef struct blocks {
  bool by_image;
  size_t images;         // of a block: 1, or as many as a vector has lanes
  size_t height, width;  // in grid positions, at most
  size_t rows, columns;  // of the window of the largest block
  size_t run;            // by row: floats of one of the `step` runs that a window's row is dealt into
  size_t row_stride, plane_stride;
} blocks;

// The blocks of a grid for windows of `channels` channels of at most `capacity` floats, and of results of at most
// `results` floats for one filter; height 0 where not even one vector's window fits. The thread count has no part in it.
blocks plan_blocks(const ck_kernels *kernels, const grid_axis *y, const grid_axis *x, size_t channels, size_t images,
                   size_t capacity, size_t results);

// Where tap (row, column) of a channel lies behind the base of a grid position.
size_t tap_offset(const blocks *b, const grid_axis *y, const grid_axis *x, size_t channel, size_t row, size_t column);
// The base of a position, counted from the block's first.
size_t position_base(const blocks *b, const grid_axis *y, const grid_axis *x, size_t row, size_t column);

// The window of the block of grid rows y0 ..< y1 and columns x0 ..< x1.
ck_window block_window(const blocks *b, const grid_axis *y, const grid_axis *x, size_t channels, size_t image_stride,
                       size_t images, size_t y0, size_t y1, size_t x0, size_t x1);

#endif
