// Losses over a batch.
#include "loss_kernels.h"
#include "../runtime/ranges.h"

// Elements of the smallest part: as many parts of rows as the matrix alone decides.
enum { SMALLEST_CHUNK = 4096 };

typedef struct logits {
  const ck_kernels *kernels;
  size_t rows, columns;
  const float *x;
  const int32_t *labels;
  float *gradient;
} logits;

static double cross_entropy_rows(const void *context, size_t first, size_t end) {
  const logits *l = context;
  const size_t at = first * l->columns;
  return l->kernels->loss->softmax_cross_entropy(end - first, l->columns, 1.0f / (float)l->rows, l->x + at,
                                           l->labels + first, l->gradient + at);
}

double ck_softmax_cross_entropy(const ck_kernels *kernels, size_t rows, size_t columns, const float *x,
                                const int32_t *labels, float *gradient) {
  const logits l = {.kernels = kernels, .rows = rows, .columns = columns, .x = x, .labels = labels,
                    .gradient = gradient};
  const size_t share = (rows + CK_CHUNKS - 1) / CK_CHUNKS, least = SMALLEST_CHUNK / columns + 1;
  return ck_sum_chunks(rows, share > least ? share : least, cross_entropy_rows, &l) / (double)rows;
}

double ck_mean_squared_error(const ck_kernels *kernels, size_t n, const float *x, const float *target,
                             float *gradient) {
  const bool stream = ck_streams(n, n, gradient);
  const double sum = kernels->loss->squared_error(n, stream, 2.0f / (float)n, x, target, gradient);
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
