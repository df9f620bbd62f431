// Convolutions: the kernels and their arguments.
#ifndef CK_CONV_KERNELS_H
#define CK_CONV_KERNELS_H

#include "../runtime/kernels.h"

// A tile of a convolution's outputs: `rows` filters, each at `vectors` vectors of positions.
enum { CK_CONV_VECTORS = 4, CK_OFFSETS_AHEAD = 8 };
typedef struct ck_conv_tile {
  size_t rows, vectors;      // at most mr of the table, and conv_vectors(rows)
  size_t channels, lines, length;  // the sum: channels of lines of steps
  size_t channel, line;      // steps from one channel to the next, from one line to the next
  const float *weights;      // (steps, rows)
  const uint32_t *offsets;   // (steps + CK_OFFSETS_AHEAD): where each step's inputs lie behind a vector's base
  const float *source[CK_CONV_VECTORS];
  float *out[CK_CONV_VECTORS];  // of the first filter; the next one's lies out_stride further
  size_t out_stride;
  size_t lanes[CK_CONV_VECTORS];  // how many to store
  bool adds;                 // to what `out` holds
  bool stream;               // past the caches: whole vectors on boundaries of 64 bytes
  const float *bias;         // (rows) or NULL
} ck_conv_tile;

// A tile of a weight gradient: sums[i * columns + j] = sum over images n, runs r and vectors v of the inner
// products of the vectors at gradient[n, i, r, v] and source[n, offsets[j], r, v], in whole vectors of such sums.
typedef struct ck_weight_tile {
  size_t rows, columns;      // filters and taps, at most weight_rows and weight_columns of the table
  size_t images, runs, length;  // length: floats of a run's gradients
  const float *gradient;     // runs and vectors side by side
  size_t gradient_image, gradient_filter;
  const float *source;
  size_t source_image, source_run, source_vector;
  const uint32_t *offsets;   // (columns)
  float *sums;
  bool adds;                 // to what `sums` holds
  const float *ahead;        // to fetch into a second-level cache meanwhile: a line of 64 bytes in every step
} ck_weight_tile;

// A tile of sums whose lanes are filters: out[i][j] = sum over k of the filters' vector of step k times the source's
// number for row i, column j and step k. `width` is how many vectors of filters there are. Steps are threefold: planes
// of runs of steps, and the filters' vectors of all of them lie side by side.
enum { CK_FILTER_ROWS = 8, CK_FILTER_COLUMNS = 5, CK_FILTER_WIDTH = 2 };
typedef struct ck_filter_tile {
  size_t rows, columns, width;  // at most filter_rows(columns, width), filter_columns of the table, CK_FILTER_WIDTH
  size_t lengths[3];         // planes, runs of each, steps of each
  ptrdiff_t source_steps[3];  // floats from one to the next
  const float *source[CK_FILTER_ROWS];
  ptrdiff_t source_column;   // floats from one column's number to the next
  const float *filters;
  float *out[CK_FILTER_ROWS];
  size_t out_column;
  size_t next_filters, next_out, next_bias;  // floats from the first vector of filters to the second
  bool adds;                 // to what `out` holds
  const float *bias;         // a vector for each of filters, or NULL
  // What to fetch into a second-level cache meanwhile: so many lines of 64 bytes in every run, the first ahead_left of
  // them from `ahead` on, then segments of ahead_segment lines, each ahead_gap floats behind the end of the one before.
  const float *ahead;
  size_t ahead_lines, ahead_left, ahead_segment;
  ptrdiff_t ahead_gap;
} ck_filter_tile;

// The inputs of a block of positions, as they are copied into scratch memory.
typedef struct ck_window {
  size_t channels, height, width;  // of the image
  ptrdiff_t top, left;             // of the window, which may reach beyond the image: zeros
  // By position: out[c, t, q, r, j] = image[c, top + r row_step + q, left + t spacing + j step], j < columns;
  // out is (channels, taps, runs, ..., pitch).
  ptrdiff_t spacing;
  size_t taps, row_step, step;
  size_t runs, rows, columns;
  size_t pitch, run_stride;        // floats from one row to the next, from one run to the next
  // By image: out[c, r, j, n] = image n[c, top + r, left + j], r < rows, j < columns, n < images and zero for the
  // other lanes; out is (channels, ..., pitch / lanes, lanes), run_stride from channel to channel.
  bool by_image;
  size_t images, image_stride;
  size_t ahead;                    // floats from an input to one that is wanted soon, to fetch into a second-level
                                   // cache meanwhile; or 0
} ck_window;

// A row of tiles of a Winograd convolution, whose pixels and transforms are vectors of channels or filters.
typedef struct ck_winograd_tiles {
  size_t tiles;
  float *pixels;             // tile n, row i, column j: pixels[(i * pitch + 4 n + j) * lanes]
  size_t pitch;
  size_t rows, columns;      // of outputs that exist: at most 4, and 4 tiles
  float *transformed;        // tile n, frequency q: transformed[q * frequency_stride + n * tile_stride]
  size_t tile_stride, frequency_stride;
} ck_winograd_tiles;

// One instruction set's serial kernels.
struct ck_conv_kernels {
  size_t weight_rows, weight_columns;
  size_t (*conv_vectors)(size_t rows);
  void (*conv_tile)(const ck_conv_tile *tile);
  void (*weight_tile)(const ck_weight_tile *tile);
  size_t filter_columns;
  size_t (*filter_rows)(size_t columns, size_t width);
  void (*filter_tile)(const ck_filter_tile *tile);
  // Writes up to two vectors beyond the end of what it fills.
  void (*window)(const ck_window *window, const float *image, float *scratch);
  // out[n * image_stride + j * spacing] = vectors[j * lanes + n], n < images <= lanes, j < count. What will be written
  // soon lies `ahead` floats behind, and is fetched into a second-level cache meanwhile, unless that is 0.
  void (*images_from_vectors)(size_t images, size_t count, const float *vectors, float *out, size_t image_stride,
                              size_t spacing, size_t ahead);
  // Winograd: inputs, output gradients, and what becomes outputs, + bias (lanes)
  void (*winograd_inputs)(const ck_winograd_tiles *tiles);
  void (*winograd_gradients)(const ck_winograd_tiles *tiles);
  void (*winograd_outputs)(const ck_winograd_tiles *tiles, const float *bias);
  // Kernels, as pack_b lays them down: taps[(c * 9 + tap) * nr + v * lanes ...], v < vectors, become
  // u[q * frequency_stride + c * nr + v * lanes ...]. Where `reversed`, taps count from the last.
  void (*winograd_filters)(size_t channels, size_t vectors, bool reversed, const float *taps, float *u,
                           size_t frequency_stride);
  // The nine taps' gradients, one vector each, of the products at products[q * frequency_stride].
  void (*winograd_taps)(const float *products, size_t frequency_stride, float *taps);
};

#endif
