// Reductions over threads: the split depends on the size alone, and chunks merge in order.
#include "reduce_kernels.h"

typedef struct reduction {
  const ck_kernels *kernels;
  size_t n, length;
  const float *x;
  ck_moments moments[CK_CHUNKS];
} reduction;

static void moments_chunk(void *context, size_t index, ck_scratch *scratch) {
  (void)scratch;
  reduction *r = context;
  const size_t first = index * r->length;
  r->kernels->reduce->moments(smaller(r->length, r->n - first), r->x + first, &r->moments[index]);
}

static void moments_of(const ck_kernels *kernels, size_t n, const float *x, ck_moments *out) {
  const size_t length = ck_chunk_length(n), count = ceil_div(n, length);
  if (count <= 1) {
    kernels->reduce->moments(n, x, out);
    return;
  }
  reduction r;
  r.kernels = kernels, r.n = n, r.length = length, r.x = x;
  ck_parallel_for(count, moments_chunk, &r);
  *out = r.moments[0];
  for (size_t i = 1; i < count; i++) *out = ck_moments_merge(*out, r.moments[i]);
}

ck_moments ck_moments_of(const ck_kernels *kernels, size_t n, const float *x) {
  ck_moments whole;
  moments_of(kernels, n, x, &whole);
  return whole;
}

double ck_dot(const ck_kernels *kernels, size_t n, const float *x, const float *y) {
  return ck_sum_chunks(n, ck_chunk_length(n), kernels->reduce->dot, &(ck_dot_task){x, y});
}

// How many rows are worth a thread.
static size_t row_grain(size_t columns) { return 32768 / (columns + 1) + 1; }

// How many columns are, in whole cache lines. Columns side by side are read in one row segment, and main memory wants
// it long.
static size_t column_grain(size_t rows, size_t columns) {
  enum { LONG_SEGMENT = 2048, CACHE_LINE = 16 };
  const size_t segment = smaller(columns / (size_t)ck_threads(), LONG_SEGMENT);
  return larger_size(CACHE_LINE, larger_size(row_grain(rows), segment));
}

void ck_column_sums(const ck_kernels *kernels, size_t rows, size_t columns, const float *x, float *out) {
  const ck_column_sums_task task = {rows, columns, x, out};
  ck_for_ranges(columns, column_grain(rows, columns), kernels->reduce->column_sums, &task);
}

void ck_row_dots(const ck_kernels *kernels, size_t rows, size_t columns, const float *x, const float *y, double *out) {
  const ck_matrix_dots_task task = {rows, columns, x, y, out};
  ck_for_rows(rows, row_grain(columns), kernels->reduce->row_dots, &task);
}

void ck_column_dots(const ck_kernels *kernels, size_t rows, size_t columns, const float *x, const float *y,
                    double *out) {
  const ck_matrix_dots_task task = {rows, columns, x, y, out};
  ck_for_ranges(columns, column_grain(rows, columns), kernels->reduce->column_dots, &task);
}

typedef struct row_moments {
  const ck_kernels *kernels;
  size_t columns;
  const float *x;
  ck_moments *out;
} row_moments;

// A long row is itself shared out.
static void row_moments_range(const void *context, size_t first, size_t end) {
  const row_moments *r = context;
  for (size_t i = first; i < end; i++) moments_of(r->kernels, r->columns, r->x + i * r->columns, r->out + i);
}

void ck_row_moments(const ck_kernels *kernels, size_t rows, size_t columns, const float *x, ck_moments *out) {
  ck_for_rows(rows, row_grain(columns), row_moments_range, &(row_moments){kernels, columns, x, out});
}

void ck_column_moments(const ck_kernels *kernels, size_t rows, size_t columns, const float *x, ck_moments *out) {
  const ck_column_moments_task task = {rows, columns, x, out};
  ck_for_ranges(columns, column_grain(rows, columns), kernels->reduce->column_moments, &task);
}
