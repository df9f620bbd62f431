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

// A range of `fisher` is of rows.
typedef struct ck_fisher_task {
  const ck_fisher_args *args;
  size_t columns;
  const float *s, *h, *g;
  float *m, *w;
} ck_fisher_task;

// `ramda` moves w; `ramda_duals` writes D and D p0 - V, from which rows that are groups are moved.
typedef struct ck_ramda_task {
  const ck_ramda_args *args;
  size_t columns;  // of rows that are groups
  const float *g, *p0;
  float *v, *u;
  float *divisors, *duals;
  float *w;
} ck_ramda_task;

typedef struct ck_average_task {
  float weight;
  const float *w;
  float *average;
} ck_average_task;

typedef struct ck_adam_double_task {
  const ck_adam_double_args *args;
  const double *g;
  double *m, *v, *w;
} ck_adam_double_task;

typedef struct ck_nadamw_task {
  const ck_nadamw_args *args;
  const float *g;
  float *m, *v, *w;
} ck_nadamw_task;

typedef struct ck_schedule_free_sgd_task {
  const ck_schedule_free_args *args;
  const float *g;
  float *z, *y;
} ck_schedule_free_sgd_task;

typedef struct ck_schedule_free_adamw_task {
  const ck_schedule_free_args *args;
  const ck_second_moment_args *moment;
  const float *g;
  float *v, *z, *y;
} ck_schedule_free_adamw_task;

typedef struct ck_prodigy_moments_task {
  const ck_prodigy_args *args;
  const float *g, *w0, *w;
  float *m, *v, *s;
} ck_prodigy_moments_task;

typedef struct ck_moment_step_task {
  float rate, decay_factor, epsilon;
  const float *m, *v;
  float *w;
} ck_moment_step_task;

typedef struct ck_dadapt_adam_task {
  const ck_dadapt_args *args;
  const float *g;
  float *m, *v, *s, *w;
} ck_dadapt_adam_task;

typedef struct ck_distance_sums_task {
  const float *w0, *w, *g;
} ck_distance_sums_task;

typedef struct ck_mechanic_path_task {
  float scale;
  const float *g, *w0, *w;
  float *path;
} ck_mechanic_path_task;

typedef struct ck_mechanic_step_task {
  float scale;
  const float *w0, *path;
  float *w;
} ck_mechanic_step_task;

typedef struct ck_cocob_task {
  float rate, alpha;
  const float *g, *w0;
  const ck_cocob_state *state;
  float *w;
} ck_cocob_task;

#define CK_UPDATE_KERNELS(KERNEL)               \
  KERNEL(ck_range_kernel, descend)              \
  KERNEL(ck_range_kernel, descend_elements)     \
  KERNEL(ck_range_kernel, descend_rows)         \
  KERNEL(ck_range_kernel, descend_columns)      \
  KERNEL(ck_sum_kernel, descend_factored)       \
  KERNEL(ck_range_kernel, factored_gradient)    \
  KERNEL(ck_range_kernel, momentum)             \
  KERNEL(ck_range_kernel, adam)                 \
  KERNEL(ck_range_kernel, adam_double)          \
  KERNEL(ck_sums_kernel, soaa_moments)          \
  KERNEL(ck_sum_kernel, soaa_step)              \
  KERNEL(ck_sum_kernel, nadam_direction)        \
  KERNEL(ck_range_kernel, blended_momentum)     \
  KERNEL(ck_sums_kernel, path_sums)             \
  KERNEL(ck_range_kernel, fisher)               \
  KERNEL(ck_range_kernel, ramda)                \
  KERNEL(ck_range_kernel, ramda_duals)          \
  KERNEL(ck_range_kernel, average)              \
  KERNEL(ck_range_kernel, nadamw)               \
  KERNEL(ck_range_kernel, schedule_free_sgd)    \
  KERNEL(ck_range_kernel, schedule_free_adamw)  \
  KERNEL(ck_sums_kernel, prodigy_moments)       \
  KERNEL(ck_range_kernel, moment_step)          \
  KERNEL(ck_sums_kernel, dadapt_adam)           \
  KERNEL(ck_sums_kernel, distance_sums)         \
  KERNEL(ck_sums_kernel, mechanic_path)         \
  KERNEL(ck_range_kernel, mechanic_step)        \
  KERNEL(ck_range_kernel, cocob)

struct ck_update_kernels {
  CK_UPDATE_KERNELS(CK_KERNEL_FIELD)
};

#endif
