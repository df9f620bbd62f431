// Probes: the kernels.
#ifndef CK_PROBE_KERNELS_H
#define CK_PROBE_KERNELS_H

#include "../runtime/kernels.h"

// One instruction set's serial kernels.
struct ck_probe_kernels {
  double (*peak_fma)(size_t rounds, float factor, float addend, double *mean);
  float (*read_sum)(size_t n, const float *x);
  void (*copy)(size_t n, const float *x, float *y);
  void (*copy_around)(size_t n, const float *x, float *y);
};

#endif
