// The moments of no numbers, and of a union.
#include "CKernels.h"

#include <math.h>

ck_moments ck_moments_empty(void) { return (ck_moments){0, 0, 0, 0, -INFINITY, INFINITY}; }

static float larger(float a, float b) { return a != a ? a : b != b ? b : a > b ? a : b; }
static float lesser(float a, float b) { return a != a ? a : b != b ? b : a < b ? a : b; }

ck_moments ck_moments_merge(ck_moments a, ck_moments b) {
  if (a.count == 0) return b;
  if (b.count == 0) return a;
  const double count = a.count + b.count, difference = b.mean - a.mean;
  const bool finite = isfinite(a.mean) && isfinite(b.mean);
  return (ck_moments){
      .count = count,
      .mean = finite ? a.mean + difference * (b.count / count) : a.mean + b.mean,
      .m2 = a.m2 + b.m2 + difference * difference * (a.count * b.count / count),
      .sum_squares = a.sum_squares + b.sum_squares,
      .maximum = larger(a.maximum, b.maximum),
      .minimum = lesser(a.minimum, b.minimum),
  };
}
