// Reductions: the kernels and their tasks.
#ifndef CK_REDUCE_KERNELS_H
#define CK_REDUCE_KERNELS_H

#include "../runtime/kernels.h"

typedef void (*ck_moments_kernel)(size_t n, const float *x, ck_moments *out);

typedef double (*ck_row_sum_kernel)(size_t n, const float *x);

typedef struct ck_dot_task {
  const float *x, *y;
} ck_dot_task;

// A range is of columns, here and below, but for row_dots.
typedef struct ck_column_sums_task {
  size_t rows, columns;
  const float *x;
  float *out;
} ck_column_sums_task;

typedef struct ck_column_moments_task {
  size_t rows, columns;
  const float *x;
  ck_moments *out;
} ck_column_moments_task;

// Of the rows, or of the columns, of two matrices.
typedef struct ck_matrix_dots_task {
  size_t rows, columns;
  const float *x, *y;
  double *out;
} ck_matrix_dots_task;

#define CK_REDUCE_KERNELS(KERNEL)         \
  KERNEL(ck_moments_kernel, moments)      \
  KERNEL(ck_row_sum_kernel, sum_row)      \
  KERNEL(ck_sum_kernel, dot)              \
  KERNEL(ck_range_kernel, column_sums)    \
  KERNEL(ck_range_kernel, column_moments) \
  KERNEL(ck_range_kernel, row_dots)       \
  KERNEL(ck_range_kernel, column_dots)

struct ck_reduce_kernels {
  CK_REDUCE_KERNELS(CK_KERNEL_FIELD)
};

#endif
