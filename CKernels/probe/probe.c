// Probes over threads: every thread does the same, on its own data.
#include "probe_kernels.h"

typedef struct probe {
  const ck_kernels *kernels;
  size_t rounds, n, passes, tasks;
  const float *x;
  float *y;
  void (*copy)(size_t n, const float *x, float *y);
  double results[CK_MAX_THREADS], means[CK_MAX_THREADS];
} probe;

static void peak_task(void *context, size_t index, ck_scratch *scratch) {
  (void)scratch;
  probe *p = context;
  p->results[index] = p->kernels->probe->peak_fma(p->rounds, -1.0f, 1.0f, &p->means[index]);
}

double ck_peak_fma(const ck_kernels *kernels, size_t rounds, double *mean) {
  probe p = {.kernels = kernels, .rounds = rounds, .tasks = (size_t)ck_threads()};
  ck_parallel_for(p.tasks, peak_task, &p);
  double operations = 0, means = 0;
  for (size_t i = 0; i < p.tasks; i++) {
    operations += p.results[i];
    means += p.means[i];
  }
  *mean = means / (double)p.tasks;
  return operations;
}

static void read_task(void *context, size_t index, ck_scratch *scratch) {
  (void)scratch;
  probe *p = context;
  const size_t first = index * p->n / p->tasks, end = (index + 1) * p->n / p->tasks;
  double sum = 0;  // its own, for the results of all tasks lie in one cache line
  for (size_t pass = 0; pass < p->passes; pass++) sum += p->kernels->probe->read_sum(end - first, p->x + first);
  p->results[index] = sum;
}

double ck_read_sum(const ck_kernels *kernels, size_t n, const float *x, size_t passes) {
  probe p = {.kernels = kernels, .n = n, .passes = passes, .tasks = (size_t)ck_threads(), .x = x};
  ck_parallel_for(p.tasks, read_task, &p);
  double sum = 0;
  for (size_t i = 0; i < p.tasks; i++) sum += p.results[i];
  return sum;
}

// Whole cache lines for each thread, so that every share of an aligned y is aligned.
enum { LINE = 16 };

static void copy_task(void *context, size_t index, ck_scratch *scratch) {
  (void)scratch;
  const probe *p = context;
  const size_t first = index * p->n / p->tasks / LINE * LINE;
  const size_t end = index + 1 < p->tasks ? (index + 1) * p->n / p->tasks / LINE * LINE : p->n;
  for (size_t pass = 0; pass < p->passes; pass++) p->copy(end - first, p->x + first, p->y + first);
}

void ck_copy(const ck_kernels *kernels, size_t n, const float *x, float *y, size_t passes, bool around_caches) {
  probe p = {.n = n, .passes = passes, .tasks = (size_t)ck_threads(), .x = x, .y = y};
  p.copy = around_caches ? kernels->probe->copy_around : kernels->probe->copy;
  ck_parallel_for(p.tasks, copy_task, &p);
}
