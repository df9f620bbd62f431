// Reductions. Each uses a tree that depends on the sizes alone, so neither threads nor addresses change a bit.
#ifndef CK_REDUCE_H
#define CK_REDUCE_H

#include "ck_runtime.h"

// Partial moments of a set of numbers: what the five gradient statistics of SAMT's eta model come from.
// Two sets' moments merge into the moments of their union, so a block may lie in several tensors.
//
// A NaN anywhere makes every member but `count` NaN. Infinities give what IEEE sums give: mean infinite
// (NaN where both signs occur), m2 NaN, maximum and minimum themselves, sum_squares infinite.
typedef struct ck_moments {
  double count;        // 0 for the empty set, whose maximum is -infinity and minimum +infinity
  double mean;
  double m2;           // sum of (x - mean)^2: the population variance is m2 / count
  double sum_squares;  // sum of x^2: the L2 norm is its root
  float maximum, minimum;
} ck_moments;

// The moments of no numbers.
ck_moments ck_moments_empty(void);

// The moments of the union (Chan, Golub and LeVeque 1979).
ck_moments ck_moments_merge(ck_moments a, ck_moments b);

// The moments of x[i], i < n, in one pass over memory.
ck_moments ck_moments_of(const ck_kernels *_Nonnull kernels, size_t n, const float *_Nonnull x);

// out[i] = the moments of x[i, j], j < columns: the very bits of ck_moments_of. x is (rows, columns), contiguous;
// out is (rows).
void ck_row_moments(const ck_kernels *_Nonnull kernels, size_t rows, size_t columns, const float *_Nonnull x,
                    ck_moments *_Nonnull out);

// out[j] = the moments of x[i, j], i < rows, in one pass over memory. out is (columns).
void ck_column_moments(const ck_kernels *_Nonnull kernels, size_t rows, size_t columns, const float *_Nonnull x,
                       ck_moments *_Nonnull out);

// out[j] = sum over i of x[i, j]; x is (rows, columns), contiguous. Summed in float within 1024
// rows, in double between; in double throughout where a float sum overflows.
void ck_column_sums(const ck_kernels *_Nonnull kernels, size_t rows, size_t columns, const float *_Nonnull x,
                    float *_Nonnull out);

// sum over i of x[i] y[i], i < n: in float within a block, in double between blocks; in double throughout where a
// float sum overflows, or is so small that products may have underflowed.
double ck_dot(const ck_kernels *_Nonnull kernels, size_t n, const float *_Nonnull x, const float *_Nonnull y);

// out[i] = sum over j of x[i, j] y[i, j]; x and y are (rows, columns), contiguous. out is (rows).
void ck_row_dots(const ck_kernels *_Nonnull kernels, size_t rows, size_t columns, const float *_Nonnull x,
                 const float *_Nonnull y, double *_Nonnull out);

// out[j] = sum over i of x[i, j] y[i, j]. out is (columns).
void ck_column_dots(const ck_kernels *_Nonnull kernels, size_t rows, size_t columns, const float *_Nonnull x,
                    const float *_Nonnull y, double *_Nonnull out);

#endif
