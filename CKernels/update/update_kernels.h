// Parameter updates: the kernels.
#ifndef CK_UPDATE_KERNELS_H
#define CK_UPDATE_KERNELS_H

#include "../runtime/kernels.h"

// One instruction set's serial kernels.
struct ck_update_kernels {
  void (*momentum)(size_t n, float rate, float decay_factor, float momentum, bool nesterov, const float *g, float *v,
                   float *w);
  void (*adam)(size_t n, const ck_adam_args *args, const float *g, float *m, float *v, float *w);
  ck_soaa_sums (*soaa_moments)(size_t n, const ck_soaa_args *args, const float *g, float *m, float *v);
  double (*soaa_step)(size_t n, const ck_soaa_args *args, const float *g, const float *m, const float *v, float *w);
  double (*nadam_direction)(size_t n, const ck_nadam_args *args, const float *g, const float *m, const float *v,
                            float *next_m, float *next_v, float *d);
  void (*blended_momentum)(size_t n, float beta, float blend, const float *g, const float *m, float *next_m, float *x);
  ck_path_sums (*path_sums)(size_t n, const float *w0, const float *w, const float *g0, const float *g);
  void (*average)(size_t n, float weight, const float *w, float *average);
  void (*descend)(size_t n, bool stream, float rate, float decay_factor, const float *g, const float *w, float *next);
  void (*descend_elements)(size_t n, bool stream, const float *eta, float decay_factor, const float *g, const float *w,
                           float *next);
  double (*descend_factored)(size_t row, size_t columns, bool stream, const ck_factored_eta *eta, float decay_factor,
                             const float *g, const float *w, float *next);
  // at most 16 rows; writes the row sums, adds to the column sums
  void (*factored_gradient)(size_t row, size_t rows, size_t first, size_t end, size_t stride,
                            const ck_factored_eta *eta, const float *g, const float *g2, double *dp_row,
                            double *dp_column, double *dq_row, double *dq_column);
};

#endif
