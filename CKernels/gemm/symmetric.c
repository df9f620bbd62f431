// A product that is known to be symmetric: chunks of rows, each from the diagonal on, and a copy of what they hold.
#include "deep.h"
#include "upper.h"
#include "../runtime/scratch.h"

#include <math.h>
#include <string.h>

enum { STRIP = 16 };  // rows that are copied at a time, a multiple of every vector's lanes
static const double smallest_task = 6e4;  // multiply-adds worth a hand-over to another thread

typedef struct symmetric {
  const ck_kernels *kernels;
  const ck_gemm_args *args;
  const float *addend;
  size_t tasks;
} symmetric;

// c[j, i] = c[i, j] for first <= i < end and all j > i.
static void mirror(const ck_kernels *kernels, size_t n, size_t first, size_t end, float *c) {
  for (size_t i0 = first; i0 < end; i0 += STRIP) {
    const size_t i1 = smaller(end, i0 + STRIP);
    const bool whole = i1 - i0 == STRIP;
    const size_t side = whole ? i1 : n;  // what lies behind goes by vectors
    for (size_t i = i0; i < i1; i++) {
      for (size_t j = i + 1; j < side; j++) c[j * n + i] = c[i * n + j];
    }
    if (whole) kernels->gemm->transpose(STRIP, n - i1, c + i0 * n + i1, n, c + i1 * n + i0, n);
  }
}

// The first row of a task: the triangle is cut into equal areas, between strips.
static size_t first_row(const symmetric *s, size_t task) {
  const size_t n = s->args->n;
  if (task == s->tasks) return n;
  const double rows = (double)n * (1 - sqrt(1 - (double)task / (double)s->tasks));
  return (size_t)(rows / STRIP + 0.5) * STRIP;
}

static void compute_rows(void *context, size_t task, ck_scratch *scratch) {
  const symmetric *s = context;
  const size_t n = s->args->n, first = first_row(s, task), end = first_row(s, task + 1);
  if (s->addend) {
    for (size_t i = first; i < end; i++) {
      memcpy(s->args->c + i * n + first, s->addend + i * n + first, (n - first) * sizeof(float));
    }
  }
  ck_gemm_upper(s->kernels, s->args, first, end, scratch);
  mirror(s->kernels, n, first, end, s->args->c);
}

void ck_gemm_symmetric(const ck_kernels *kernels, const ck_gemm_args *args, const float *addend) {
  const size_t n = args->n;
  if (args->k > CK_DEEP_K) {
    if (addend) memcpy(args->c, addend, n * n * sizeof *addend);
    ck_gemm_deep(kernels, args);
    mirror(kernels, n, 0, n, args->c);
    return;
  }
  symmetric s = {kernels, args, addend, 1};
  const double work = (double)n * (double)n * (double)args->k / 2;
  const size_t threads = (size_t)ck_threads();
  if (threads > 1 && work >= 2 * smallest_task) {
    // Strips do not divide the triangle evenly among more than two threads; smaller tasks do.
    s.tasks = smaller(threads == 2 ? 2 : 8 * threads, (size_t)(work / smallest_task));
    s.tasks = smaller(s.tasks, ceil_div(n, STRIP));
  }
  ck_parallel_for(s.tasks, compute_rows, &s);
}
