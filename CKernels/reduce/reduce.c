// Reductions over threads: the split depends on the size alone, and parts merge in order.
#include "reduce_kernels.h"
#include "../runtime/ranges.h"

#include <math.h>
#include <stdatomic.h>

typedef struct reduction {
  const ck_kernels *kernels;
  size_t n, length;
  const float *x;
  _Atomic float maximum, minimum;  // of the parts that are done: they spare the others a search
  ck_moments moments[CK_CHUNKS];
} reduction;

static const ck_extremes none = {-INFINITY, INFINITY};

static void moments_part(void *context, size_t index, ck_scratch *scratch) {
  (void)scratch;
  reduction *r = context;
  const size_t first = index * r->length, rest = r->n - first;
  const ck_extremes known = {atomic_load_explicit(&r->maximum, memory_order_relaxed),
                             atomic_load_explicit(&r->minimum, memory_order_relaxed)};
  ck_moments *part = &r->moments[index];
  r->kernels->reduce->moments(rest < r->length ? rest : r->length, r->x + first, known, part);
  if (part->maximum > known.maximum) atomic_store_explicit(&r->maximum, part->maximum, memory_order_relaxed);
  if (part->minimum < known.minimum) atomic_store_explicit(&r->minimum, part->minimum, memory_order_relaxed);
}

static void moments_of(const ck_kernels *kernels, size_t n, const float *x, ck_moments *out) {
  const size_t length = ck_chunk_length(n), parts = (n + length - 1) / length;
  if (parts <= 1) {
    kernels->reduce->moments(n, x, none, out);
    return;
  }
  reduction r;
  r.kernels = kernels, r.n = n, r.length = length, r.x = x, r.maximum = -INFINITY, r.minimum = INFINITY;
  ck_parallel_for(parts, moments_part, &r);
  *out = r.moments[0];
  for (size_t i = 1; i < parts; i++) *out = ck_moments_merge(*out, r.moments[i]);
}

ck_moments ck_moments_of(const ck_kernels *kernels, size_t n, const float *x) {
  ck_moments whole;
  moments_of(kernels, n, x, &whole);
  return whole;
}

typedef struct vectors {
  const ck_kernels *kernels;
  const float *x, *y;
} vectors;

static double dot_range(const void *context, size_t first, size_t end) {
  const vectors *v = context;
  return v->kernels->reduce->dot(end - first, v->x + first, v->y + first);
}

double ck_dot(const ck_kernels *kernels, size_t n, const float *x, const float *y) {
  const vectors v = {kernels, x, y};
  return ck_sum_chunks(n, ck_chunk_length(n), dot_range, &v);
}

typedef struct matrices {
  const ck_kernels *kernels;
  size_t rows, columns;
  const float *x, *y;
  float *sums;
  double *dots;
  ck_moments *moments;
} matrices;

static void column_sums_range(const void *context, size_t first, size_t end) {
  const matrices *m = context;
  m->kernels->reduce->column_sums(m->rows, end - first, m->columns, m->x + first, m->sums + first);
}

static void column_dots_range(const void *context, size_t first, size_t end) {
  const matrices *m = context;
  m->kernels->reduce->column_dots(m->rows, end - first, m->columns, m->x + first, m->y + first, m->dots + first);
}

static void row_dots_range(const void *context, size_t first, size_t end) {
  const matrices *m = context;
  for (size_t i = first; i < end; i++) {
    m->dots[i] = m->kernels->reduce->dot(m->columns, m->x + i * m->columns, m->y + i * m->columns);
  }
}

static void row_moments_range(const void *context, size_t first, size_t end) {
  const matrices *m = context;
  for (size_t i = first; i < end; i++) moments_of(m->kernels, m->columns, m->x + i * m->columns, m->moments + i);
}

static void column_moments_range(const void *context, size_t first, size_t end) {
  const matrices *m = context;
  m->kernels->reduce->column_moments(m->rows, end - first, m->columns, m->x + first, m->moments + first);
}

// How many of the lines of a matrix are worth a thread.
static size_t line_grain(size_t line_length) { return 32768 / (line_length + 1) + 16; }

// Columns side by side are read in one row segment, and main memory wants it long.
static size_t column_grain(size_t rows, size_t columns) {
  enum { LONG_SEGMENT = 2048 };
  const size_t least = line_grain(rows), share = columns / (size_t)ck_threads();
  const size_t segment = share < LONG_SEGMENT ? share : (size_t)LONG_SEGMENT;
  return least > segment ? least : segment;
}

void ck_column_sums(const ck_kernels *kernels, size_t rows, size_t columns, const float *x, float *out) {
  const matrices m = {.kernels = kernels, .rows = rows, .columns = columns, .x = x, .sums = out};
  ck_for_ranges(columns, column_grain(rows, columns), column_sums_range, &m);
}

void ck_row_dots(const ck_kernels *kernels, size_t rows, size_t columns, const float *x, const float *y, double *out) {
  const matrices m = {.kernels = kernels, .rows = rows, .columns = columns, .x = x, .y = y, .dots = out};
  ck_for_rows(rows, line_grain(columns), row_dots_range, &m);
}

void ck_column_dots(const ck_kernels *kernels, size_t rows, size_t columns, const float *x, const float *y,
                    double *out) {
  const matrices m = {.kernels = kernels, .rows = rows, .columns = columns, .x = x, .y = y, .dots = out};
  ck_for_ranges(columns, column_grain(rows, columns), column_dots_range, &m);
}

void ck_row_moments(const ck_kernels *kernels, size_t rows, size_t columns, const float *x, ck_moments *out) {
  const matrices m = {.kernels = kernels, .rows = rows, .columns = columns, .x = x, .moments = out};
  ck_for_rows(rows, line_grain(columns), row_moments_range, &m);
}

void ck_column_moments(const ck_kernels *kernels, size_t rows, size_t columns, const float *x, ck_moments *out) {
  const matrices m = {.kernels = kernels, .rows = rows, .columns = columns, .x = x, .moments = out};
  ck_for_ranges(columns, column_grain(rows, columns), column_moments_range, &m);
}
