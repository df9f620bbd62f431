// The kernel table: one instruction set's serial kernels. Each isa/*.c fills one; the family folders call through it.
#ifndef CK_COMMON_KERNELS_H
#define CK_COMMON_KERNELS_H

#include "CKernels.h"
#include "sizes.h"

// A panel of C, `rows` x `columns` of it: at most tile_rows high, any width.
typedef struct ck_panel {
  size_t rows, columns;
  size_t k;
  const float *a;       // A[i, p] = a[i * a_stride + p], or a[p * a_stride + i] where a_by_columns
  size_t a_stride;
  bool a_by_columns;
  const float *b;       // B[p, j] = b[p * b_stride + j] for the first tile_columns of j, b + b_tile for the next ones
  size_t b_stride, b_tile;
  float *c;             // C[i, j] = c[i * ldc + j], or c[j * ldc + i] where c_transposed
  size_t ldc;
  bool c_transposed;    // bias and mask are, too: both lie like rows of c
  float alpha, beta;    // C = alpha A B + beta C, with beta 0 C is not read; then
  const float *bias;    // (columns), added, or NULL; then
  bool relu;            // negatives become 0; then
  const float *mask;    // C[i, j] becomes 0 unless mask[i * ldmask + j] > 0; or NULL
  size_t ldmask;
} ck_panel;

// ck_batch_norm's operands, as it takes them. `stream`, here and below: where channels have an area, as of element-wise
// kernels.
typedef struct ck_batch_norm_args {
  ck_channels shape;
  float epsilon;
  const float *x, *gamma, *beta;
  bool relu, stream;
  float *mean, *variance, *inverse, *y;
} ck_batch_norm_args;

// ck_batch_norm_gradient's; dx may be NULL.
typedef struct ck_batch_norm_gradient_args {
  ck_channels shape;
  const float *dy, *x, *gamma, *beta;
  bool relu, stream;
  const float *mean, *inverse;
  float *dgamma, *dbeta, *dx;
} ck_batch_norm_gradient_args;

// A tile of a convolution's outputs: `rows` filters, each at `vectors` vectors of positions.
enum { CK_CONV_VECTORS = 4, CK_OFFSETS_AHEAD = 8 };
typedef struct ck_conv_tile {
  size_t rows, vectors;      // at most tile_rows of the table, and conv_vectors(rows)
  size_t channels, lines, length;  // the sum: channels of lines of steps
  size_t channel, line;      // steps from one channel to the next, from one line to the next
  const float *weights;      // (steps, rows)
  const uint32_t *offsets;   // (steps + CK_OFFSETS_AHEAD): where each step's inputs lie behind a vector's base
  const float *source[CK_CONV_VECTORS];
  float *out[CK_CONV_VECTORS];  // of the first filter; the next one's lies out_stride further
  size_t out_stride;
  size_t lanes[CK_CONV_VECTORS];  // how many to store
  bool stream;               // past the caches: whole vectors on boundaries of 64 bytes
  const float *bias;         // (rows) or NULL
  bool relu;
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
// of runs of steps.
enum { CK_FILTER_ROWS = 8, CK_FILTER_COLUMNS = 5, CK_FILTER_WIDTH = 2 };
typedef struct ck_filter_tile {
  size_t rows, columns, width;  // at most filter_rows(columns, width), filter_columns of the table, CK_FILTER_WIDTH
  size_t lengths[3];         // planes, runs of each, steps of each
  ptrdiff_t source_steps[3], filter_steps[3];  // floats from one to the next
  const float *source[CK_FILTER_ROWS];
  ptrdiff_t source_column;   // floats from one column's number to the next
  const float *filters;
  float *out[CK_FILTER_ROWS];
  size_t out_column;
  size_t next_filters, next_out, next_bias;  // floats from the first vector of filters to the second
  bool adds;                 // to what `out` holds
  const float *bias;         // a vector for each of filters, or NULL
  bool relu;
  // What to fetch into a second-level cache meanwhile: so many lines of 64 bytes in every run, the first ahead_left of
  // them from `ahead` on, then pieces of ahead_piece lines, each ahead_gap floats behind the end of the one before.
  const float *ahead;
  size_t ahead_lines, ahead_left, ahead_piece;
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

// The largest and the smallest number met so far: -infinity and infinity before the first.
typedef struct ck_extremes {
  float maximum, minimum;
} ck_extremes;

struct ck_kernels {
  ck_isa isa;
  size_t lanes;              // floats in a vector

  // gemm
  size_t tile_rows, tile_columns;
  void (*gemm_panel)(const ck_panel *panel);
  // The same, as inner products: A by rows, B[p, j] = b[j * b_stride + p], and panels may be of any height.
  void (*gemm_dot)(const ck_panel *panel);
  // packed[p * rows + i] = a[i, p]: rows <= tile_rows. Writes up to 16 floats past the panel.
  void (*pack_a)(bool transposed, size_t rows, size_t k, const float *a, size_t lda, float *packed);
  // Tile after tile of columns: packed[p * tile_columns + j] = b[p, j], with anything behind the last column.
  void (*pack_b)(bool transposed, size_t columns, size_t k, const float *b, size_t ldb, float *packed);

  // conv
  size_t weight_rows, weight_columns;
  size_t (*conv_vectors)(size_t rows);
  void (*conv_tile)(const ck_conv_tile *tile);
  void (*weight_tile)(const ck_weight_tile *tile);
  size_t filter_columns;
  size_t (*filter_rows)(size_t columns, size_t width);
  void (*filter_tile)(const ck_filter_tile *tile);
  // Writes up to two vectors beyond the end of what it fills.
  void (*window)(const ck_window *window, const float *image, float *scratch);
  // out[n * image_stride + j * spacing] = vectors[j * lanes + n], n < images <= lanes, j < count
  void (*images_from_vectors)(size_t images, size_t count, const float *vectors, float *out, size_t image_stride,
                              size_t spacing);
  // Winograd: inputs, output gradients, and what becomes outputs, + bias (lanes), then max(., 0) where `relu` is set
  void (*winograd_inputs)(const ck_winograd_tiles *tiles);
  void (*winograd_gradients)(const ck_winograd_tiles *tiles);
  void (*winograd_outputs)(const ck_winograd_tiles *tiles, const float *bias, bool relu);
  // Kernels, as pack_b lays them down: taps[(c * 9 + tap) * tile_columns + v * lanes ...], v < vectors, become
  // u[q * frequency_stride + c * tile_columns + v * lanes ...]. Where `reversed`, taps count from the last.
  void (*winograd_filters)(size_t channels, size_t vectors, bool reversed, const float *taps, float *u,
                           size_t frequency_stride);
  // The nine taps' gradients, one vector each, of the products at products[q * frequency_stride].
  void (*winograd_taps)(const float *products, size_t frequency_stride, float *taps);

  // elementwise
  // `stream`: the output is too large for caches, aligned to 64 bytes and no input, so it may bypass them. Whoever
  // says so calls stream_end afterwards, on the same thread.
  void (*stream_end)(void);
  void (*activation_forward)(ck_activation activation, float slope, size_t n, bool stream, const float *x, float *y);
  void (*activation_backward)(ck_activation activation, float slope, size_t n, bool stream, const float *x,
                              const float *y, const float *dy, float *dx);
  void (*bias_relu)(size_t n, bool stream, const float *x, const float *b, float *y);
  void (*axpy)(size_t n, float alpha, const float *x, float *y);
  void (*add)(size_t n, bool stream, const float *x, const float *y, float *z);
  void (*scale)(size_t n, float alpha, float *x);
  void (*multiply)(size_t n, bool stream, const float *x, const float *y, float *z);
  void (*mask_elements)(size_t n, bool stream, const float *x, const float *mask, float *z);
  void (*clamp)(size_t n, float low, float high, float *x);

  // reduce
  void (*moments)(size_t n, const float *x, ck_extremes known, ck_moments *out);
  void (*column_moments)(size_t rows, size_t columns, size_t stride, const float *x, ck_moments *out);
  void (*column_sums)(size_t rows, size_t columns, size_t stride, const float *x, float *out);
  double (*dot)(size_t n, const float *x, const float *y);
  double (*sum)(size_t n, const float *x);
  void (*column_dots)(size_t rows, size_t columns, size_t stride, const float *x, const float *y, double *out);

  // norm: channels or columns first ..< end, whole rows
  void (*batch_norm)(const ck_batch_norm_args *args, size_t first, size_t end);
  void (*batch_norm_gradient)(const ck_batch_norm_gradient_args *args, size_t first, size_t end);
  void (*channel_affine)(const ck_channels *shape, size_t first, size_t end, const float *x, const float *mean,
                         const float *scale, const float *shift, bool relu, float *y);
  void (*layer_norm)(size_t rows, size_t columns, float epsilon, const float *x, const float *gamma, const float *beta,
                     float *mean, float *inverse, float *y);
  void (*layer_norm_gradient)(size_t rows, size_t columns, const float *dy, const float *x, const float *gamma,
                              const float *mean, const float *inverse, float *dx);
  void (*layer_norm_sums)(size_t rows, size_t columns, size_t first, size_t end, const float *dy, const float *x,
                          const float *mean, const float *inverse, float *dgamma, float *dbeta);

  // pool: one plane; whole rows
  void (*max_pool)(const ck_pool *pool, const float *x, float *y);
  void (*max_pool_gradient)(const ck_pool *pool, bool stream, const float *x, const float *y, const float *dy,
                            float *dx);
  void (*average_pool)(const ck_pool *pool, const float *x, float *y);
  void (*average_pool_gradient)(const ck_pool *pool, bool stream, const float *dy, float *dx);
  void (*row_means)(size_t rows, size_t columns, const float *x, float *y);
  void (*fill_rows)(size_t rows, size_t columns, float alpha, const float *value, float *y);
  void (*mask_rows)(size_t rows, size_t columns, const float *mask, const float *x, float *y);

  // loss: the sum over rows, not the mean; gradient scaled by `scale`
  double (*softmax_cross_entropy)(size_t rows, size_t columns, float scale, const float *x, const int32_t *labels,
                                  float *gradient);
  double (*squared_error)(size_t n, bool stream, float scale, const float *x, const float *target, float *gradient);

  // update
  void (*momentum)(size_t n, float rate, float keep, float momentum, bool nesterov, const float *g, float *v, float *w);
  void (*adam)(size_t n, const ck_adam_args *args, const float *g, float *m, float *v, float *w);
  ck_soaa_sums (*soaa_moments)(size_t n, const ck_soaa_args *args, const float *g, float *m, float *v);
  double (*soaa_step)(size_t n, const ck_soaa_args *args, const float *g, const float *m, const float *v, float *w);
  double (*nadam_direction)(size_t n, const ck_nadam_args *args, const float *g, const float *m, const float *v,
                            float *next_m, float *next_v, float *d);
  void (*blended_momentum)(size_t n, float beta, float blend, const float *g, const float *m, float *next_m, float *x);
  ck_path_sums (*path_sums)(size_t n, const float *w0, const float *w, const float *g0, const float *g);
  void (*average)(size_t n, float weight, const float *w, float *average);
  void (*descend)(size_t n, bool stream, float rate, float keep, const float *g, const float *w, float *next);
  void (*descend_elements)(size_t n, bool stream, const float *eta, float keep, const float *g, const float *w,
                           float *next);
  double (*descend_factored)(size_t row, size_t columns, bool stream, const ck_factored_eta *eta, float keep,
                             const float *g, const float *w, float *next);
  // at most 16 rows; writes the row sums, adds to the column sums
  void (*factored_gradient)(size_t row, size_t rows, size_t first, size_t end, size_t stride,
                            const ck_factored_eta *eta, const float *g, const float *g2, double *dp_row,
                            double *dp_column, double *dq_row, double *dq_column);

  // random
  void (*philox)(uint64_t key, uint64_t stream, uint64_t counter, uint32_t out[4]);
  void (*uniform)(uint64_t key, uint64_t stream, uint64_t counter, size_t n, float *out);
  void (*dropout_mask)(uint64_t key, uint64_t stream, uint64_t counter, float probability, size_t n, float *out);

  // probe
  double (*peak_fma)(size_t rounds, float factor, float addend, double *mean);
  float (*read_sum)(size_t n, const float *x);
  void (*copy)(size_t n, const float *x, float *y);
  void (*copy_around)(size_t n, const float *x, float *y);
};

#endif
