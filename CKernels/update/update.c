// Parameter updates over threads.
#include "update_kernels.h"
#include "../runtime/ranges.h"

enum { GRAIN = 24576 };  // elements worth a thread

typedef struct update {
  const ck_kernels *kernels;
  size_t columns;
  float rate, decay_factor, momentum;
  bool nesterov, stream;
  const ck_adam_args *adam;
  const ck_factored_eta *factored;
  const float *g, *g2, *eta, *w;
  float *m, *v, *out;
} update;

static void descend_range(const void *context, size_t first, size_t end) {
  const update *u = context;
  u->kernels->update->descend(end - first, u->stream, u->rate, u->decay_factor, u->g + first, u->w + first,
                              u->out + first);
  if (u->stream) u->kernels->stream_end();
}

static void momentum_range(const void *context, size_t first, size_t end) {
  const update *u = context;
  u->kernels->update->momentum(end - first, u->rate, u->decay_factor, u->momentum, u->nesterov, u->g + first,
                               u->v + first,
                       u->out + first);
}

static void adam_range(const void *context, size_t first, size_t end) {
  const update *u = context;
  u->kernels->update->adam(end - first, u->adam, u->g + first, u->m + first, u->v + first, u->out + first);
}

static void average_range(const void *context, size_t first, size_t end) {
  const update *u = context;
  u->kernels->update->average(end - first, u->rate, u->w + first, u->out + first);
}

static void elements_range(const void *context, size_t first, size_t end) {
  const update *u = context;
  u->kernels->update->descend_elements(end - first, u->stream, u->eta + first, u->decay_factor, u->g + first,
                                       u->w + first,
                               u->out + first);
  if (u->stream) u->kernels->stream_end();
}

static void rows_range(const void *context, size_t first, size_t end) {
  const update *u = context;
  for (size_t i = first; i < end; i++) {
    const size_t at = i * u->columns;
    u->kernels->update->descend(u->columns, u->stream, u->eta[i], u->decay_factor, u->g + at, u->w + at, u->out + at);
  }
  if (u->stream) u->kernels->stream_end();
}

static void columns_range(const void *context, size_t first, size_t end) {
  const update *u = context;
  for (size_t i = first; i < end; i++) {
    const size_t at = i * u->columns;
    u->kernels->update->descend_elements(u->columns, u->stream, u->eta, u->decay_factor, u->g + at, u->w + at,
                                         u->out + at);
  }
  if (u->stream) u->kernels->stream_end();
}

static size_t row_grain(size_t columns) { return GRAIN / (columns + 1) + 1; }

void ck_sgd(const ck_kernels *kernels, size_t n, float rate, float decay_factor, const float *g, float *w) {
  const update u = {.kernels = kernels, .rate = rate, .decay_factor = decay_factor, .g = g, .w = w, .out = w};
  ck_for_ranges(n, GRAIN, descend_range, &u);
}

void ck_momentum(const ck_kernels *kernels, size_t n, float rate, float decay_factor, float momentum, bool nesterov,
                 const float *g, float *v, float *w) {
  const update u = {.kernels = kernels, .rate = rate, .decay_factor = decay_factor, .momentum = momentum,
                    .nesterov = nesterov, .g = g, .v = v, .out = w};
  ck_for_ranges(n, GRAIN, momentum_range, &u);
}

void ck_adam(const ck_kernels *kernels, size_t n, const ck_adam_args *args, const float *g, float *m, float *v,
             float *w) {
  const update u = {.kernels = kernels, .adam = args, .g = g, .m = m, .v = v, .out = w};
  ck_for_ranges(n, GRAIN, adam_range, &u);
}

void ck_average(const ck_kernels *kernels, size_t n, float weight, const float *w, float *average) {
  const update u = {.kernels = kernels, .rate = weight, .w = w, .out = average};
  ck_for_ranges(n, GRAIN, average_range, &u);
}

void ck_samt_scalar(const ck_kernels *kernels, size_t n, float eta, float decay_factor, const float *g, const float *w,
                    float *next) {
  const update u = {.kernels = kernels, .stream = ck_streams(n, n, next), .rate = eta, .decay_factor = decay_factor,
                    .g = g, .w = w, .out = next};
  ck_for_ranges(n, GRAIN, descend_range, &u);
}

void ck_samt_rows(const ck_kernels *kernels, size_t rows, size_t columns, const float *eta, float decay_factor,
                  const float *g, const float *w, float *next) {
  const update u = {.kernels = kernels, .stream = ck_streams(rows * columns, columns, next), .columns = columns,
                    .eta = eta, .decay_factor = decay_factor, .g = g, .w = w, .out = next};
  ck_for_rows(rows, row_grain(columns), rows_range, &u);
}

void ck_samt_columns(const ck_kernels *kernels, size_t rows, size_t columns, const float *eta, float decay_factor,
                     const float *g, const float *w, float *next) {
  const update u = {.kernels = kernels, .stream = ck_streams(rows * columns, columns, next), .columns = columns,
                    .eta = eta, .decay_factor = decay_factor, .g = g, .w = w, .out = next};
  ck_for_rows(rows, row_grain(columns), columns_range, &u);
}

void ck_samt_elements(const ck_kernels *kernels, size_t n, const float *eta, float decay_factor, const float *g,
                      const float *w, float *next) {
  const update u = {.kernels = kernels, .stream = ck_streams(n, n, next), .eta = eta, .decay_factor = decay_factor,
                    .g = g, .w = w, .out = next};
  ck_for_ranges(n, GRAIN, elements_range, &u);
}

// Elements of the smallest part: as many parts of rows as the matrix alone decides.
enum { SMALLEST_CHUNK = 4096 };

static double factored_rows(const void *context, size_t first, size_t end) {
  const update *u = context;
  double sum = 0;
  for (size_t i = first; i < end; i++) {
    const size_t at = i * u->columns;
    sum += u->kernels->update->descend_factored(i, u->columns, u->stream, u->factored, u->decay_factor, u->g + at,
                                                u->w + at,
                                        u->out + at);
  }
  if (u->stream) u->kernels->stream_end();
  return sum;
}

double ck_samt_factored(const ck_kernels *kernels, size_t rows, size_t columns, const ck_factored_eta *eta,
                        float decay_factor, const float *g, const float *w, float *next) {
  const update u = {.kernels = kernels, .stream = ck_streams(rows * columns, columns, next), .columns = columns,
                    .factored = eta, .decay_factor = decay_factor, .g = g, .w = w, .out = next};
  const size_t share = (rows + CK_CHUNKS - 1) / CK_CHUNKS, least = SMALLEST_CHUNK / (columns + 1) + 1;
  return ck_sum_chunks(rows, share > least ? share : least, factored_rows, &u);
}

// The gradient sums along rows and along columns at once. Tiles of columns own their columns' sums; what they find in a
// row is added in their order, a block of rows at a time, so that it fits here. Few tiles, since main memory likes its
// rows long.
enum { TILES = 4, SMALLEST_TILE = 4096, BLOCK_ROWS = 64, KERNEL_ROWS = 16 };

typedef struct tiled {
  const ck_kernels *kernels;
  size_t row, rows, columns, width;
  const ck_factored_eta *eta;
  const float *g, *g2;
  double *dp_column, *dq_column;
  double dp_rows[TILES][BLOCK_ROWS], dq_rows[TILES][BLOCK_ROWS];
} tiled;

static void gradient_tile(void *context, size_t index, ck_scratch *scratch) {
  (void)scratch;
  tiled *t = context;
  const size_t first = index * t->width, end = first + t->width < t->columns ? first + t->width : t->columns;
  for (size_t i = 0; i < t->rows; i += KERNEL_ROWS) {
    const size_t row = t->row + i, at = row * t->columns, count = t->rows - i < KERNEL_ROWS ? t->rows - i : KERNEL_ROWS;
    t->kernels->update->factored_gradient(row, count, first, end, t->columns, t->eta, t->g + at, t->g2 + at,
                                  t->dp_rows[index] + i, t->dp_column, t->dq_rows[index] + i, t->dq_column);
  }
}

void ck_samt_factored_gradient(const ck_kernels *kernels, size_t rows, size_t columns, const ck_factored_eta *eta,
                               const float *g, const float *g2, double *dp_row, double *dp_column, double *dq_row,
                               double *dq_column) {
  const size_t share = (columns + TILES - 1) / TILES, height = rows < BLOCK_ROWS ? rows : (size_t)BLOCK_ROWS;
  const size_t least = SMALLEST_TILE / (height + 1);
  tiled t;
  t.kernels = kernels, t.columns = columns, t.eta = eta, t.g = g, t.g2 = g2;
  t.dp_column = dp_column, t.dq_column = dq_column;
  t.width = ((share > least ? share : least) + 15) & ~(size_t)15;
  const size_t tiles = (columns + t.width - 1) / t.width;
  for (t.row = 0; t.row < rows; t.row += BLOCK_ROWS) {
    t.rows = rows - t.row < BLOCK_ROWS ? rows - t.row : BLOCK_ROWS;
    ck_parallel_for(tiles, gradient_tile, &t);
    for (size_t i = 0; i < t.rows; i++) {
      for (size_t tile = 0; tile < tiles; tile++) {
        dp_row[t.row + i] += t.dp_rows[tile][i];
        dq_row[t.row + i] += t.dq_rows[tile][i];
      }
    }
  }
}
