// Parameter updates over threads.
#include "update_kernels.h"

void ck_sgd(const ck_kernels *kernels, size_t n, float rate, float decay_factor, const float *g, float *w) {
  const ck_descend_task task = {rate, decay_factor, false, g, w, w};
  ck_for_ranges(n, CK_UPDATE_GRAIN, kernels->update->descend, &task);
}

void ck_momentum(const ck_kernels *kernels, size_t n, float rate, float decay_factor, float momentum, bool nesterov,
                 const float *g, float *v, float *w) {
  const ck_momentum_task task = {rate, decay_factor, momentum, nesterov, g, v, w};
  ck_for_ranges(n, CK_UPDATE_GRAIN, kernels->update->momentum, &task);
}

void ck_adam(const ck_kernels *kernels, size_t n, const ck_adam_args *args, const float *g, float *m, float *v,
             float *w) {
  ck_for_ranges(n, CK_UPDATE_GRAIN, kernels->update->adam, &(ck_adam_task){args, g, m, v, w});
}

void ck_adam_double(const ck_kernels *kernels, size_t n, const ck_adam_double_args *args, const double *g, double *m,
                    double *v, double *w) {
  // Half as many fit a vector as floats do, and their roots and divisions take twice as long.
  ck_for_ranges(n, CK_UPDATE_GRAIN / 4, kernels->update->adam_double, &(ck_adam_double_task){args, g, m, v, w});
}

void ck_nadamw(const ck_kernels *kernels, size_t n, const ck_nadamw_args *args, const float *g, float *m, float *v,
               float *w) {
  ck_for_ranges(n, CK_UPDATE_GRAIN, kernels->update->nadamw, &(ck_nadamw_task){args, g, m, v, w});
}

void ck_fisher(const ck_kernels *kernels, size_t rows, size_t columns, const ck_fisher_args *args, const float *s,
               const float *h, const float *g, float *m, float *w) {
  ck_for_rows(rows, CK_UPDATE_GRAIN / (columns + 1) + 1, kernels->update->fisher,
              &(ck_fisher_task){args, columns, s, h, g, m, w});
}

void ck_average(const ck_kernels *kernels, size_t n, float weight, const float *w, float *average) {
  ck_for_ranges(n, CK_UPDATE_GRAIN, kernels->update->average, &(ck_average_task){weight, w, average});
}
