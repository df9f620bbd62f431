// Parameter updates: the kernels and their tasks.
#ifndef CK_UPDATE_KERNELS_H
#define CK_UPDATE_KERNELS_H

#include "../runtime/kernels.h"

enum { CK_UPDATE_GRAIN = 24576 };  // elements worth a thread

// ck_sgd, where next is w, and ck_samt_scalar. `stream`, here and below: the output is no input and may bypass the
// caches (ck_streams).
typedef struct ck_descend_task {
  float rate, decay_factor;
  bool stream;
  const float *g, *w;
  float *next;
} ck_descend_task;

typedef struct ck_descend_elements_task {
  const float *eta;
  float decay_factor;
  bool stream;
  const float *g, *w;
  float *next;
} ck_descend_elements_task;

// A step size for each row (descend_rows), or for each column (descend_columns). A range is of rows.
typedef struct ck_descend_matrix_task {
  size_t columns;
  const float *eta;
  float decay_factor;
  bool stream;
  const float *g, *w;
  float *next;
} ck_descend_matrix_task;

// A range is of rows; the sum is that of the step sizes.
typedef struct ck_descend_factored_task {
  size_t columns;
  const ck_factored_eta *eta;
  float decay_factor;
  bool stream;
  const float *g, *w;
  float *next;
} ck_descend_factored_task;

// The rows of g and g2 that begin with `row`, at most CK_FACTORED_ROWS; a range is of columns. Writes the sums of each
// row over them, and adds to those of the columns.
enum { CK_FACTORED_ROWS = 16 };
typedef struct ck_factored_gradient_task {
  size_t row, rows, columns;
  const ck_factored_eta *eta;
  const float *g, *g2;
  double *dp_row, *dp_column, *dq_row, *dq_column;
} ck_factored_gradient_task;

typedef struct ck_momentum_task {
  float rate, decay_factor, momentum;
  bool nesterov;
  const float *g;
  float *v, *w;
} ck_momentum_task;

typedef struct ck_adam_task {
  const ck_adam_args *args;
  const float *g;
  float *m, *v, *w;
} ck_adam_task;

typedef struct ck_soaa_moments_task {
  const ck_soaa_args *args;
  const float *g;
  float *m, *v;
} ck_soaa_moments_task;
typedef ck_soaa_sums (*ck_soaa_moments_kernel)(const void *task, size_t first, size_t end);

typedef struct ck_soaa_step_task {
  const ck_soaa_args *args;
  const float *g, *m, *v;
  float *w;
} ck_soaa_step_task;

typedef struct ck_nadam_direction_task {
  const ck_nadam_args *args;
  const float *g, *m, *v;
  float *next_m, *next_v, *d;
} ck_nadam_direction_task;

typedef struct ck_blended_momentum_task {
  float beta, blend;
  const float *g, *m;
  float *next_m, *x;
} ck_blended_momentum_task;

typedef struct ck_path_sums_task {
  const float *w0, *w, *g0, *g;
} ck_path_sums_task;
typedef ck_path_sums (*ck_path_sums_kernel)(const void *task, size_t first, size_t end);

typedef struct ck_average_task {
  float weight;
  const float *w;
  float *average;
} ck_average_task;

#define CK_UPDATE_KERNELS(KERNEL)               \
  KERNEL(ck_range_kernel, descend)              \
  KERNEL(ck_range_kernel, descend_elements)     \
  KERNEL(ck_range_kernel, descend_rows)         \
  KERNEL(ck_range_kernel, descend_columns)      \
  KERNEL(ck_sum_kernel, descend_factored)       \
  KERNEL(ck_range_kernel, factored_gradient)    \
  KERNEL(ck_range_kernel, momentum)             \
  KERNEL(ck_range_kernel, adam)                 \
  KERNEL(ck_soaa_moments_kernel, soaa_moments)  \
  KERNEL(ck_sum_kernel, soaa_step)              \
  KERNEL(ck_sum_kernel, nadam_direction)        \
  KERNEL(ck_range_kernel, blended_momentum)     \
  KERNEL(ck_path_sums_kernel, path_sums)        \
  KERNEL(ck_range_kernel, average)

struct ck_update_kernels {
  CK_UPDATE_KERNELS(CK_KERNEL_FIELD)
};

#endif
