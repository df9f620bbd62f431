// Which tiles of a Winograd convolution are handled at once.
#ifndef CK_CONV_WINOGRAD_TILES_H
#define CK_CONV_WINOGRAD_TILES_H

#include "../conv_kernels.h"

enum {
  CK_WINOGRAD_TILE = 4,         // outputs of a tile along an axis
  CK_WINOGRAD_FREQUENCIES = 36,
};

// Floats from one frequency's matrix of `n` to the next, at most CK_FREQUENCY_GAP more than that. It is an odd number of
// cache lines, lest the 36 stores of a tile fall into few sets of a cache, and not next to a multiple of 16 of them, lest
// those of neighbouring tiles meet there.
enum { CK_FREQUENCY_GAP = 96 };
static inline size_t ck_frequency_stride(size_t n) {
  const size_t lines = ceil_div(n, 16) | 1, rest = lines % 16;
  return 16 * (lines + (rest == 1 ? 2 : rest == 15 ? 4 : 0));
}

// The tiles of all images, cut into blocks of equal shape: `images` whole images, or rows of tiles of one, or a part of
// a row.
typedef struct tiling {
  size_t images, height, width;             // of the outputs
  size_t rows, columns;                     // tiles of an image
  size_t block_images, block_rows, block_columns;
  size_t count;                             // of blocks
} tiling;

// `most`: tiles of a block.
tiling ck_tile(size_t images, size_t height, size_t width, size_t most);

static inline size_t most_tiles_of(const tiling *t) { return t->block_images * t->block_rows * t->block_columns; }

typedef struct tile_block {
  size_t image, images, row, rows, column, columns;  // in tiles
} tile_block;

tile_block ck_tile_block(const tiling *t, size_t index);

static inline size_t tiles_of(const tile_block *b) { return b->images * b->rows * b->columns; }

// One operand of a block: planes of pixels, and where their transforms go.
typedef struct tile_source {
  const ck_kernels *kernels;
  const float *pixels;                 // (images, planes, height, width)
  size_t planes, height, width;
  ptrdiff_t top, left;                 // of the first tile's first pixel
  size_t side;                         // pixels of a tile along an axis: 6 for inputs, 4 for gradients
  void (*transform)(const ck_winograd_tiles *tiles);
} tile_source;

// Transforms planes first ..< first + count <= lanes of all tiles of a block: tile n of frequency q, as a vector, to
// out[q frequency_stride + n tile_stride]. `window` has room for CK_WINDOW_FLOATS.
void ck_transform_block(const tile_source *s, const tile_block *b, size_t first, size_t count, float *window,
                        float *out, size_t tile_stride, size_t frequency_stride);

// A row of tiles may be so wide.
enum { CK_WINOGRAD_COLUMNS = 96, CK_WINDOW_FLOATS = 6 * (4 * CK_WINOGRAD_COLUMNS + 2) * 16 + 32 };

#endif
