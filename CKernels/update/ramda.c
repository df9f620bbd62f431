// RAMDA over threads; where rows are a group each, their norms by Newton's method in double.
#include "update_kernels.h"

#include <float.h>
#include <math.h>

void ck_ramda(const ck_kernels *kernels, size_t n, const ck_ramda_args *args, const float *g, const float *p0, float *v,
              float *u, float *w) {
  const ck_ramda_task task = {.args = args, .g = g, .p0 = p0, .v = v, .u = u, .w = w};
  ck_for_ranges(n, CK_UPDATE_GRAIN, kernels->update->ramda, &task);
}

// The norm r of the p that minimizes sum (d p^2 / 2 - y p) + penalty |p|, where p = r y / (d r + penalty):
// 0 where |y| <= penalty, otherwise the root of f(r) = sum (y / (d r + penalty))^2 - 1. That is convex and falls, so that
// Newton's steps from the left rise to it; with the largest d in the place of all, the root is left of it.
static double group_norm(size_t n, double penalty, const float *d, const float *y) {
  double squares = 0, largest = 0;
  for (size_t j = 0; j < n; j++) {
    squares += (double)y[j] * (double)y[j];
    largest = fmax(largest, (double)d[j]);
  }
  if (!(squares > penalty * penalty)) return squares >= 0 ? 0 : NAN;
  double r = (sqrt(squares) - penalty) / largest;
  for (int step = 0; step < 100; step++) {
    double f = -1, slope = 0;
    for (size_t j = 0; j < n; j++) {
      const double divisor = (double)d[j] * r + penalty, term = (double)y[j] / divisor;
      f += term * term;
      slope += 2 * term * term * (double)d[j] / divisor;
    }
    const double next = r + f / slope;
    if (!(next > r * (1 + 1e-12))) break;
    r = next;
  }
  return r;
}

static void group_rows(const void *task, size_t first, size_t end) {
  const ck_ramda_task *const t = task;
  const double penalty = t->args->penalty;
  for (size_t row = first; row < end; row++) {
    const float *const d = t->divisors + row * t->columns, *const y = t->duals + row * t->columns;
    float *const w = t->w + row * t->columns;
    const double norm = group_norm(t->columns, penalty, d, y);
    for (size_t j = 0; j < t->columns; j++) {
      const double p = norm == 0 ? 0 : norm * (double)y[j] / ((double)d[j] * norm + penalty);
      const double next = (double)t->args->kept * (double)w[j] + (double)t->args->fresh * p;
      w[j] = fabs(next) < (double)FLT_MIN ? 0 : (float)next;  // rows that shrink end at zero
    }
  }
}

void ck_ramda_rows(const ck_kernels *kernels, size_t rows, size_t columns, const ck_ramda_args *args, const float *g,
                   const float *p0, float *v, float *u, float *workspace, float *w) {
  const size_t n = rows * columns;
  const ck_ramda_task task = {.args = args, .columns = columns, .g = g, .p0 = p0, .v = v, .u = u,
                              .divisors = workspace, .duals = workspace + n, .w = w};
  ck_for_ranges(n, CK_UPDATE_GRAIN, kernels->update->ramda_duals, &task);
  ck_for_rows(rows, CK_UPDATE_GRAIN / (8 * columns + 1) + 1, group_rows, &task);
}
