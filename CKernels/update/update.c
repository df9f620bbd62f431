// Parameter updates over threads.
#include "../common/kernels.h"
#include "../runtime/ranges.h"

enum { GRAIN = 32768 };

typedef struct update {
  const ck_kernels *kernels;
  size_t columns;
  float rate, keep, momentum;
  bool nesterov;
  const ck_adam_args *adam;
  const ck_factored_eta *factored;
  const float *g, *g2, *eta, *w;
  float *m, *v, *out;
} update;

static void descend_range(const void *context, size_t first, size_t end) {
  const update *u = context;
  u->kernels->descend(end - first, u->rate, u->keep, u->g + first, u->w + first, u->out + first);
}

static void momentum_range(const void *context, size_t first, size_t end) {
  const update *u = context;
  u->kernels->momentum(end - first, u->rate, u->keep, u->momentum, u->nesterov, u->g + first, u->v + first,
                       u->out + first);
}

static void adam_range(const void *context, size_t first, size_t end) {
  const update *u = context;
  u->kernels->adam(end - first, u->adam, u->g + first, u->m + first, u->v + first, u->out + first);
}

static void average_range(const void *context, size_t first, size_t end) {
  const update *u = context;
  u->kernels->average(end - first, u->rate, u->w + first, u->out + first);
}

static void elements_range(const void *context, size_t first, size_t end) {
  const update *u = context;
  u->kernels->descend_elements(end - first, u->eta + first, u->keep, u->g + first, u->w + first, u->out + first);
}

static void rows_range(const void *context, size_t first, size_t end) {
  const update *u = context;
  for (size_t i = first; i < end; i++) {
    const size_t at = i * u->columns;
    u->kernels->descend(u->columns, u->eta[i], u->keep, u->g + at, u->w + at, u->out + at);
  }
}

static void columns_range(const void *context, size_t first, size_t end) {
  const update *u = context;
  for (size_t i = first; i < end; i++) {
    const size_t at = i * u->columns;
    u->kernels->descend_elements(u->columns, u->eta, u->keep, u->g + at, u->w + at, u->out + at);
  }
}

static size_t row_grain(size_t columns) { return GRAIN / (columns + 1) + 1; }

void ck_sgd(const ck_kernels *kernels, size_t n, float rate, float keep, const float *g, float *w) {
  const update u = {.kernels = kernels, .rate = rate, .keep = keep, .g = g, .w = w, .out = w};
  ck_for_ranges(n, GRAIN, descend_range, &u);
}

void ck_momentum(const ck_kernels *kernels, size_t n, float rate, float keep, float momentum, bool nesterov,
                 const float *g, float *v, float *w) {
  const update u = {.kernels = kernels, .rate = rate, .keep = keep, .momentum = momentum, .nesterov = nesterov,
                    .g = g, .v = v, .out = w};
  ck_for_ranges(n, GRAIN, momentum_range, &u);
}

void ck_adam(const ck_kernels *kernels, size_t n, const ck_adam_args *args, const float *g, float *m, float *v,
             float *w) {
  const update u = {.kernels = kernels, .adam = args, .g = g, .m = m, .v = v, .out = w};
  ck_for_ranges(n, GRAIN, adam_range, &u);
}

void ck_average(const ck_kernels *kernels, size_t n, float weight, const float *w, float *average) {
  const update u = {.kernels = kernels, .rate = weight, .w = w, .out = average};
  ck_for_ranges(n, GRAIN, average_range, &u);
}

void ck_samt_scalar(const ck_kernels *kernels, size_t n, float eta, float keep, const float *g, const float *w,
                    float *next) {
  const update u = {.kernels = kernels, .rate = eta, .keep = keep, .g = g, .w = w, .out = next};
  ck_for_ranges(n, GRAIN, descend_range, &u);
}

void ck_samt_rows(const ck_kernels *kernels, size_t rows, size_t columns, const float *eta, float keep, const float *g,
                  const float *w, float *next) {
  const update u = {.kernels = kernels, .columns = columns, .eta = eta, .keep = keep, .g = g, .w = w, .out = next};
  ck_for_ranges(rows, row_grain(columns), rows_range, &u);
}

void ck_samt_columns(const ck_kernels *kernels, size_t rows, size_t columns, const float *eta, float keep,
                     const float *g, const float *w, float *next) {
  const update u = {.kernels = kernels, .columns = columns, .eta = eta, .keep = keep, .g = g, .w = w, .out = next};
  ck_for_ranges(rows, row_grain(columns), columns_range, &u);
}

void ck_samt_elements(const ck_kernels *kernels, size_t n, const float *eta, float keep, const float *g,
                      const float *w, float *next) {
  const update u = {.kernels = kernels, .eta = eta, .keep = keep, .g = g, .w = w, .out = next};
  ck_for_ranges(n, GRAIN, elements_range, &u);
}

// Bands of rows, as many as the matrix alone decides; their sums are added in order.
enum { BANDS = 64 };

typedef struct banded {
  const ck_kernels *kernels;
  size_t rows, columns;
  const ck_factored_eta *eta;
  float keep;
  const float *g, *w;
  float *next;
  double sums[BANDS];
} banded;

static void factored_band(void *context, size_t index, ck_workspace *workspace) {
  (void)workspace;
  banded *b = context;
  const size_t end = (index + 1) * b->rows / BANDS;
  for (size_t i = index * b->rows / BANDS; i < end; i++) {
    const size_t at = i * b->columns;
    b->sums[index] += b->kernels->descend_factored(i, b->columns, b->eta, b->keep, b->g + at, b->w + at, b->next + at);
  }
}

double ck_samt_factored(const ck_kernels *kernels, size_t rows, size_t columns, const ck_factored_eta *eta, float keep,
                        const float *g, const float *w, float *next) {
  banded b = {.kernels = kernels, .rows = rows, .columns = columns, .eta = eta, .keep = keep, .g = g, .w = w,
              .next = next};
  ck_parallel_for(BANDS, factored_band, &b);
  double sum = 0;
  for (size_t i = 0; i < BANDS; i++) sum += b.sums[i];
  return sum;
}

void ck_samt_factored_gradient(const ck_kernels *kernels, size_t rows, size_t columns, const ck_factored_eta *eta,
                               const float *g, const float *g2, double *dp_row, double *dp_column, double *dq_row,
                               double *dq_column) {
  for (size_t i = 0; i < rows; i++) {
    kernels->factored_gradient(i, 0, columns, eta, g + i * columns, g2 + i * columns, dp_row + i, dp_column,
                               dq_row + i, dq_column);
  }
}
