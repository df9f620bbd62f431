// SAMT's steps over threads, and the gradient of a factored head's step sizes.
#include "update_kernels.h"

static size_t row_grain(size_t columns) { return CK_UPDATE_GRAIN / (columns + 1) + 1; }

void ck_samt_scalar(const ck_kernels *kernels, size_t n, float eta, float decay_factor, const float *g, const float *w,
                    float *next) {
  const ck_descend_task task = {eta, decay_factor, ck_streams(n, n, next), g, w, next};
  ck_for_ranges(n, CK_UPDATE_GRAIN, kernels->update->descend, &task);
}

void ck_samt_elements(const ck_kernels *kernels, size_t n, const float *eta, float decay_factor, const float *g,
                      const float *w, float *next) {
  const ck_descend_elements_task task = {eta, decay_factor, ck_streams(n, n, next), g, w, next};
  ck_for_ranges(n, CK_UPDATE_GRAIN, kernels->update->descend_elements, &task);
}

void ck_samt_rows(const ck_kernels *kernels, size_t rows, size_t columns, const float *eta, float decay_factor,
                  const float *g, const float *w, float *next) {
  const bool stream = ck_streams(rows * columns, columns, next);
  const ck_descend_matrix_task task = {columns, eta, decay_factor, stream, g, w, next};
  ck_for_rows(rows, row_grain(columns), kernels->update->descend_rows, &task);
}

void ck_samt_columns(const ck_kernels *kernels, size_t rows, size_t columns, const float *eta, float decay_factor,
                     const float *g, const float *w, float *next) {
  const bool stream = ck_streams(rows * columns, columns, next);
  const ck_descend_matrix_task task = {columns, eta, decay_factor, stream, g, w, next};
  ck_for_rows(rows, row_grain(columns), kernels->update->descend_columns, &task);
}

double ck_samt_factored(const ck_kernels *kernels, size_t rows, size_t columns, const ck_factored_eta *eta,
                        float decay_factor, const float *g, const float *w, float *next) {
  enum { SMALLEST_CHUNK = 4096 };  // elements: the matrix alone decides how many chunks of rows there are
  const bool stream = ck_streams(rows * columns, columns, next);
  const ck_descend_factored_task task = {columns, eta, decay_factor, stream, g, w, next};
  const size_t length = larger_size(ceil_div(rows, CK_CHUNKS), SMALLEST_CHUNK / (columns + 1) + 1);
  return ck_sum_chunks(rows, length, kernels->update->descend_factored, &task);
}

// The gradient sums along rows and along columns at once. Tiles of columns own their columns' sums; what they find in a
// row is added in their order, a block of rows at a time, so that it fits here. Few tiles, since main memory likes its
// rows long.
enum { TILES = 4, SMALLEST_TILE = 4096, BLOCK_ROWS = 64 };

typedef struct row_block {
  const ck_kernels *kernels;
  const ck_factored_gradient_task *whole;
  size_t row, rows, tile_width;
  double dp_rows[TILES][BLOCK_ROWS], dq_rows[TILES][BLOCK_ROWS];
} row_block;

static void gradient_tile(void *context, size_t index, ck_scratch *scratch) {
  (void)scratch;
  row_block *b = context;
  ck_factored_gradient_task task = *b->whole;
  const size_t first = index * b->tile_width, end = smaller(first + b->tile_width, task.columns);
  for (size_t i = 0; i < b->rows; i += CK_FACTORED_ROWS) {
    task.row = b->row + i;
    task.rows = smaller(b->rows - i, CK_FACTORED_ROWS);
    task.dp_row = b->dp_rows[index] + i;
    task.dq_row = b->dq_rows[index] + i;
    b->kernels->update->factored_gradient(&task, first, end);
  }
}

void ck_samt_factored_gradient(const ck_kernels *kernels, size_t rows, size_t columns, const ck_factored_eta *eta,
                               const float *g, const float *g2, double *dp_row, double *dp_column, double *dq_row,
                               double *dq_column) {
  const ck_factored_gradient_task whole = {.columns = columns, .eta = eta, .g = g, .g2 = g2, .dp_column = dp_column,
                                           .dq_column = dq_column};
  const size_t least = SMALLEST_TILE / (smaller(rows, BLOCK_ROWS) + 1);
  row_block block;
  block.kernels = kernels, block.whole = &whole;
  block.tile_width = round_up(larger_size(ceil_div(columns, TILES), least), 16);
  const size_t tiles = ceil_div(columns, block.tile_width);
  for (block.row = 0; block.row < rows; block.row += BLOCK_ROWS) {
    block.rows = smaller(rows - block.row, BLOCK_ROWS);
    ck_parallel_for(tiles, gradient_tile, &block);
    for (size_t i = 0; i < block.rows; i++) {
      for (size_t tile = 0; tile < tiles; tile++) {
        dp_row[block.row + i] += block.dp_rows[tile][i];
        dq_row[block.row + i] += block.dq_rows[tile][i];
      }
    }
  }
}
