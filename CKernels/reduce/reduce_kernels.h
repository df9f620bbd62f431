// Reductions: the kernels.
#ifndef CK_REDUCE_KERNELS_H
#define CK_REDUCE_KERNELS_H

#include "../runtime/kernels.h"

// The largest and the smallest number met so far: -infinity and infinity before the first.
typedef struct ck_extremes {
  float maximum, minimum;
} ck_extremes;

// One instruction set's serial kernels.
struct ck_reduce_kernels {
  void (*moments)(size_t n, const float *x, ck_extremes known, ck_moments *out);
  void (*column_moments)(size_t rows, size_t columns, size_t stride, const float *x, ck_moments *out);
  void (*column_sums)(size_t rows, size_t columns, size_t stride, const float *x, float *out);
  double (*dot)(size_t n, const float *x, const float *y);
  double (*sum)(size_t n, const float *x);
  void (*column_dots)(size_t rows, size_t columns, size_t stride, const float *x, const float *y, double *out);
};

#endif
