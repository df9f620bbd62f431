// Moments of a channel or a row.
//
// Moments come from sums of x - pivot and of its square, and the pivot is the first element. Where that lies far from
// the mean, the squares lose the variance, and the sums are taken again around the mean; where squares leave float's
// range, in double.
//
// A mean of many deviations, rounded to float, loses what the deviations are made of. What rounding took, its rest,
// then goes into the shift; gradients find it again.

// Mean, biased variance and 1 / sqrt(variance + epsilon), from the sums of x - pivot and of its square.
typedef struct norm_moments {
  double mean, variance, inverse;
} norm_moments;

static norm_moments norm_finish(double n, double pivot, double sum, double squares, float epsilon) {
  const double offset = sum / n, spread = squares / n - offset * offset, variance = spread < 0 ? 0 : spread;
  return (norm_moments){pivot + offset, variance, 1 / sqrt(variance + (double)epsilon)};
}

// Whether float sums tell the moments: squares in float's range, or far below epsilon, and the pivot within four
// deviations of the mean.
static bool norm_is_trusted(double n, double sum, double squares, float epsilon) {
  const double between = sum * sum / n, added = n * (double)epsilon;
  const bool in_range = squares < 1e37 && (squares > 1e-30 || added > 1e-20);
  return in_range && between <= 16 * (squares - between + added);
}

static norm_moments norm_moments_in_double(size_t runs, size_t n, size_t stride, const float *x, float epsilon) {
  const double count = (double)(runs * n);
  double sum = 0, squares = 0;
  for (size_t run = 0; run < runs; run++) {
    for (size_t i = 0; i < n; i++) sum += x[run * stride + i];
  }
  const double mean = sum / count;
  for (size_t run = 0; run < runs; run++) {
    for (size_t i = 0; i < n; i++) squares += (x[run * stride + i] - mean) * (x[run * stride + i] - mean);
  }
  return norm_finish(count, mean, 0, squares, epsilon);
}

// Of all runs of a channel, or of the one run of a row. Runs of one element, a column, would all meet in one lane.
static norm_moments norm_moments_of(size_t runs, size_t n, size_t stride, const float *x, float epsilon) {
  if (n == 1) return norm_moments_in_double(runs, n, stride, x, epsilon);
  const double count = (double)(runs * n);
  float pivot = *x;
  for (int attempt = 0; attempt < 2; attempt++) {
    const norm_sums s = norm_add(runs, n, stride, x, pivot, NULL, NULL, NULL);
    if (norm_is_trusted(count, s.first_total, s.second_total, epsilon)) {
      return norm_finish(count, pivot, s.first_total, s.second_total, epsilon);
    }
    pivot += (float)(s.first_total / count);
    if (!(fabsf(pivot) <= FLT_MAX)) break;
  }
  return norm_moments_in_double(runs, n, stride, x, epsilon);
}

// As floats. A finite variance stays finite.
static inline void norm_store(norm_moments m, float *mean, float *variance, float *inverse) {
  *mean = (float)m.mean;
  *variance = m.variance > (double)FLT_MAX ? FLT_MAX : (float)m.variance;
  *inverse = (float)m.inverse;
}

// Whether the mean's rounding is worth a thought: it is more than a few deviations.
static inline bool norm_has_rest(float mean, float inverse) { return fabsf(mean) * inverse > 8.0f; }

static inline float norm_rest(norm_moments m, float mean, float inverse) {
  return norm_has_rest(mean, inverse) ? (float)(m.mean - (double)mean) : 0.0f;
}

// The rest that a forward pass found, or 0 where the mean is not that of x.
static float norm_rest_again(size_t runs, size_t n, size_t stride, const float *x, float mean, float inverse) {
  if (!norm_has_rest(mean, inverse)) return 0;
  const float rest = norm_rest(norm_moments_of(runs, n, stride, x, 0), mean, inverse);
  return fabsf(rest) <= FLT_EPSILON * fabsf(mean) ? rest : 0.0f;
}

// Whether differences from the mean, or powers of the deviation, leave float's range: such channels go in double.
static inline bool norm_is_extreme(float mean, float inverse) {
  return inverse < 1e-12f || inverse > 1e12f || fabsf(mean) > 1e37f;
}
