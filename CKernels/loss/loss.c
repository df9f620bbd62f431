// Losses over a batch.
#include "../common/kernels.h"
#include "../runtime/ranges.h"

// Parts of rows, as many as the matrix alone decides; their sums are added in order.
enum { PARTS = 64, SMALLEST_PART = 4096 };

typedef struct logits {
  const ck_kernels *kernels;
  size_t rows, columns, length;
  const float *x;
  const int32_t *labels;
  float *gradient;
  double sums[PARTS];
} logits;

static void cross_entropy_part(void *context, size_t index, ck_workspace *workspace) {
  (void)workspace;
  logits *l = context;
  const size_t first = index * l->length, rest = l->rows - first, at = first * l->columns;
  l->sums[index] = l->kernels->softmax_cross_entropy(rest < l->length ? rest : l->length, l->columns,
                                                     1.0f / (float)l->rows, l->x + at, l->labels + first,
                                                     l->gradient + at);
}

double ck_softmax_cross_entropy(const ck_kernels *kernels, size_t rows, size_t columns, const float *x,
                                const int32_t *labels, float *gradient) {
  const size_t share = (rows + PARTS - 1) / PARTS, least = SMALLEST_PART / columns + 1;
  logits l = {.kernels = kernels, .rows = rows, .columns = columns, .length = share > least ? share : least, .x = x,
              .labels = labels, .gradient = gradient};
  const size_t parts = (rows + l.length - 1) / l.length;
  ck_parallel_for(parts, cross_entropy_part, &l);
  double sum = 0;
  for (size_t i = 0; i < parts; i++) sum += l.sums[i];
  return sum / (double)rows;
}

double ck_mean_squared_error(const ck_kernels *kernels, size_t n, const float *x, const float *target,
                             float *gradient) {
  const bool stream = ck_streams(n, n, gradient);
  const double sum = kernels->squared_error(n, stream, 2.0f / (float)n, x, target, gradient);
  if (stream) kernels->stream_end();
  return sum / (double)n;
}

size_t ck_count_correct(size_t rows, size_t columns, const float *x, const int32_t *labels) {
  size_t correct = 0;
  for (size_t row = 0; row < rows; row++, x += columns) {
    size_t best = 0;
    bool nan = x[0] != x[0];
    for (size_t j = 1; j < columns; j++) {
      nan |= x[j] != x[j];
      if (x[j] > x[best]) best = j;
    }
    correct += !nan && best == (size_t)labels[row];
  }
  return correct;
}
