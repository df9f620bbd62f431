// Losses and their gradients.
#include "check.h"

typedef struct rows_of {
  size_t rows, columns;
  float *x, *gradient;
  int32_t *labels;
} rows_of;

static rows_of make_rows(check *c, size_t rows, size_t columns) {
  return (rows_of){rows, columns, check_floats(c, rows * columns, 1), check_floats(c, rows * columns, 2),
                   check_integers(c, rows)};
}

static void fill(check *c, const rows_of *t, float scale) {
  check_fill_normal(c, t->rows * t->columns, t->x, 0, scale);
  for (size_t i = 0; i < t->rows; i++) t->labels[i] = (int32_t)check_index(c, t->columns);
}

// Checks one row against a sum in double and returns its loss; *bound becomes the error that the loss may have.
static double check_row(check *c, const rows_of *t, size_t i, double *bound) {
  const float *x = t->x + i * t->columns, *gradient = t->gradient + i * t->columns;
  double largest = -INFINITY, sum = 0, total = 0, rows = (double)t->rows;
  for (size_t j = 0; j < t->columns; j++)
    largest = isnan(x[j]) ? NAN : largest >= (double)x[j] ? largest : (double)x[j];
  for (size_t j = 0; j < t->columns; j++) sum += exp((double)x[j] - largest);
  // exp within 2 ulp, its argument rounded once, and a sum of all columns in float.
  double relative = 0.5 * (double)t->columns + 10, eps = (double)FLT_EPSILON;
  for (size_t j = 0; j < t->columns; j++) {
    double distance = largest - (double)x[j], p = exp(-distance) / sum;
    double wanted = (p - (j == (size_t)t->labels[i])) / rows;
    double error = (p > 0 ? (relative + distance) * p : 0) + 4 * fabs(wanted) * rows;
    check_entry(c, "gradient", i, j, (double)gradient[j], wanted, eps * error / rows + (double)FLT_MIN);
    total += (double)gradient[j];
  }
  // Each gradient is a probability, up to its error, and all of a row's add up to 1 - 1.
  check_near(c, "sum of the gradient of row", i, total, isnan(sum) ? NAN : 0, eps * 2 * (relative + 10) / rows);
  double distance = largest - (double)x[t->labels[i]], loss = log(sum) + distance;
  *bound = eps * (relative + distance + fabs(loss));
  return loss;
}

static void check_cross_entropy(check *c, const rows_of *t) {
  double loss = ck_softmax_cross_entropy(c->kernels, &check_plain_entropy, t->rows, t->columns, t->x, t->labels, t->gradient);
  double wanted = 0, bound = 0;
  for (size_t i = 0; i < t->rows; i++) {
    double row_bound;
    wanted += check_row(c, t, i, &row_bound);
    bound += row_bound;
  }
  check_near(c, "loss", 0, loss, wanted / (double)t->rows, bound / (double)t->rows);
}

static void test_shapes(check *c) {
  static const size_t shapes[][2] = {{1, 1}, {1, 2}, {5, 1}, {3, 17}, {128, 10}, {7, 1000}, {2, 2049}, {1000, 10}};
  static const float scales[] = {1, 0.01f, 30, 1e4f, 1e30f};
  for (size_t s = 0; s < COUNT(shapes); s++) {
    for (size_t k = 0; k < COUNT(scales); k++) {
      check_case(c, "cross entropy (%zu, %zu) logits around %g", shapes[s][0], shapes[s][1], (double)scales[k]);
      rows_of t = make_rows(c, shapes[s][0], shapes[s][1]);
      fill(c, &t, scales[k]);
      check_cross_entropy(c, &t);
    }
  }
  for (size_t columns = 1; columns <= 70; columns++) {
    check_case(c, "cross entropy (5, %zu)", columns);
    rows_of t = make_rows(c, 5, columns);
    fill(c, &t, 3);
    check_cross_entropy(c, &t);
  }
}

static void test_extremes(check *c) {
  static const float pairs[][2] = {{1e4f, -1e4f}, {1e30f, -1e30f},  {FLT_MAX, -FLT_MAX}, {0, 0},
                                   {1e-45f, 0},   {-1e30f, -1e30f}, {0, -INFINITY},      {FLT_MAX, -INFINITY}};
  for (size_t k = 0; k < COUNT(pairs); k++) {
    for (int32_t label = 0; label < 2; label++) {
      check_case(c, "cross entropy of (%g, %g), label %d", (double)pairs[k][0], (double)pairs[k][1], label);
      rows_of t = make_rows(c, 1, 2);
      memcpy(t.x, pairs[k], sizeof pairs[k]);
      t.labels[0] = label;
      check_cross_entropy(c, &t);
    }
  }
  for (int repeat = 0; repeat < 20; repeat++) {
    check_case(c, "cross entropy (9, 19) with NaN and an unlabelled -infinity, draw %d", repeat);
    rows_of t = make_rows(c, 9, 19);
    fill(c, &t, 3);
    size_t row = check_index(c, 9), masked = (size_t)(t.labels[3] + 1) % 19;
    t.x[3 * 19 + masked] = -INFINITY;
    t.x[row * 19 + check_index(c, 19)] = NAN;
    check_cross_entropy(c, &t);
  }
}

static void test_mean_squared_error(check *c, size_t n, bool whole) {
  check_case(c, "mean squared error n=%zu %s", n, whole ? "whole" : "real");
  float *x = check_floats(c, n, 1), *target = check_floats(c, n, 2), *gradient = check_floats(c, n, 3);
  if (whole) {
    check_fill_whole(c, n, x, 8);
    check_fill_whole(c, n, target, 8);
  } else {
    check_fill_normal(c, n, x, 0, 1);
    check_fill_normal(c, n, target, 0, 1);
  }
  for (int nan = 0; nan < 2; nan++) {
    check_note(c, " nan=%d", nan);
    if (nan) x[check_index(c, n)] = NAN;
    double loss = ck_mean_squared_error(c->kernels, n, x, target, gradient), sum = 0, count = (double)n;
    for (size_t i = 0; i < n; i++) {
      double difference = (double)x[i] - (double)target[i], wanted = 2 * difference / count;
      sum += difference * difference;
      // The difference, 2 / n and their product.
      check_near(c, "gradient", i, (double)gradient[i], wanted, 2 * (double)FLT_EPSILON * fabs(wanted));
    }
    // As long as float sums last, whole numbers are exact; the quotient is rounded in double.
    double relative = whole ? 1e-15 : ((double)(n < 2048 ? n : 2048) + 4) * ROUNDING;
    check_near(c, "loss", 0, loss, sum / count, relative * sum / count);
  }
}

// Smoothing, weights and ignored rows, against the same in double.
static void test_weighted_entropy(check *c, size_t rows, size_t columns, bool weighted, float smoothing) {
  check_case(c, "cross entropy (%zu, %zu) weighted=%d smoothing %g", rows, columns, weighted, (double)smoothing);
  rows_of t = make_rows(c, rows, columns);
  fill(c, &t, 3);
  float *weights = check_floats(c, columns, 1);
  check_fill_uniform(c, columns, weights, 0, 2);
  weights[check_index(c, columns)] = 0;
  const ck_cross_entropy settings = {smoothing, weighted ? weights : NULL, -7};
  double weight = 0, wanted = 0, all = 0;
  for (size_t j = 0; j < columns; j++) all += weighted ? (double)weights[j] : 1;
  for (size_t i = 0; i < rows; i++) {
    if (i % 5 == 2) t.labels[i] = -7;
    else weight += weighted ? (double)weights[t.labels[i]] : 1;
  }
  check_near(c, "weight", 0, ck_cross_entropy_weight(&settings, rows, t.labels), weight, 0);
  double loss = ck_softmax_cross_entropy(c->kernels, &settings, rows, columns, t.x, t.labels, t.gradient);
  const double share = (double)smoothing / (double)columns, eps = (double)FLT_EPSILON;
  for (size_t i = 0; i < rows; i++) {
    const float *x = t.x + i * columns;
    const bool ignored = t.labels[i] == -7 || weight == 0;
    const size_t label = ignored ? 0 : (size_t)t.labels[i];
    const double own = (1 - (double)smoothing) * (weighted ? (double)weights[label] : 1);
    double largest = -INFINITY, sum = 0;
    for (size_t j = 0; j < columns; j++) largest = fmax(largest, (double)x[j]);
    for (size_t j = 0; j < columns; j++) sum += exp((double)x[j] - largest);
    for (size_t j = 0; j < columns; j++) {
      const double w = weighted ? (double)weights[j] : 1, log_p = (double)x[j] - largest - log(sum), p = exp(log_p);
      const double slope = ignored ? 0 : ((own + share * all) * p - share * w - (j == label) * own) / weight;
      // exp within 2 ulp of a rounded argument, a sum of all columns in float, and a few roundings of each term.
      const double terms = (own + share * all) * p * (0.5 * (double)columns + 14 - log_p) + share * w + own;
      check_entry(c, "gradient", i, j, (double)t.gradient[i * columns + j], slope,
                  ignored ? 0 : 2 * eps * terms / weight + (double)FLT_MIN);
      if (!ignored) wanted -= (share * w + (j == label) * own) * log_p / weight;
    }
  }
  check_near(c, "loss", 0, loss, wanted, eps * (0.5 * (double)columns + 20) * (wanted + 1));
}

static double limited(double d, double most) { return d > most ? most : d < -most ? -most : d; }

static void test_huber(check *c, size_t n, float delta, float scale) {
  check_case(c, "Huber n=%zu delta %g, errors around %g", n, (double)delta, (double)scale);
  float *x = check_floats(c, n, 1), *target = check_floats(c, n, 2), *gradient = check_floats(c, n, 3);
  check_fill_normal(c, n, x, 0, scale);
  check_fill_normal(c, n, target, 0, scale);
  for (int special = 0; special < 3; special++) {
    if (special) x[check_index(c, n)] = special == 1 ? INFINITY : NAN;
    check_note(c, " special=%d", special);
    double loss = ck_huber(c->kernels, n, delta, x, target, gradient), sum = 0, count = (double)n;
    for (size_t i = 0; i < n; i++) {
      const double d = (double)x[i] - (double)target[i], limit = limited(d, (double)delta);
      sum += limit * (d - 0.5 * limit);
      // The difference, 1 / n and their product.
      check_near(c, "gradient", i, (double)gradient[i], limit / count,
                 2 * (double)FLT_EPSILON * fabs(limit / count) + (double)FLT_MIN);
    }
    // The difference is rounded before it is squared, and a block's sum in vectors.
    const double relative = ((double)(n < 2048 ? n : 2048) + 8) * ROUNDING;
    if (isfinite(sum)) check_near(c, "loss", 0, loss, sum / count, relative * sum / count);
    else check_that(c, "loss is not finite", isnan(sum) ? isnan(loss) : loss == INFINITY);
  }
}

static void test_binary(check *c, size_t n, float scale) {
  check_case(c, "binary cross entropy n=%zu, logits around %g", n, (double)scale);
  float *x = check_floats(c, n, 1), *target = check_floats(c, n, 2), *gradient = check_floats(c, n, 3);
  check_fill_normal(c, n, x, 0, scale);
  check_fill_uniform(c, n, target, 0, 1);
  target[check_index(c, n)] = 1;
  double loss = ck_binary_cross_entropy(c->kernels, n, x, target, gradient), sum = 0, count = (double)n;
  for (size_t i = 0; i < n; i++) {
    const double v = (double)x[i], t = (double)target[i];
    sum += fmax(v, 0) - v * t + log1p(exp(-fabs(v)));
    const double slope = (0.5 * (1 + tanh(0.5 * v)) - t) / count;
    check_near(c, "gradient", i, (double)gradient[i], slope, ROUNDING * fabs(slope) + 4 * DBL_EPSILON / count);
  }
  // Sums of n terms in double, in another order; the terms here cancel down from the size of the logits.
  check_near(c, "loss", 0, loss, sum / count, (count + 8) * DBL_EPSILON * (sum / count + (double)scale));
}

static size_t first_largest(size_t columns, const float *x) {
  size_t best = 0;
  for (size_t j = 0; j < columns; j++) {
    if (isnan(x[j])) return columns;
    if (x[j] > x[best]) best = j;
  }
  return best;
}

// Whole numbers of small range, so that ties are common.
static void test_count_correct(check *c, size_t rows, size_t columns) {
  check_case(c, "count_correct (%zu, %zu)", rows, columns);
  rows_of t = make_rows(c, rows, columns);
  check_fill_whole(c, rows * columns, t.x, 2);
  size_t wanted = 0;
  for (size_t i = 0; i < rows; i++) {
    float *row = t.x + i * columns;
    if (i % 7 == 3) row[check_index(c, columns)] = NAN;
    if (i % 7 == 4) row[check_index(c, columns)] = INFINITY;
    for (size_t j = 0; j < columns && i % 7 == 5; j++) row[j] = -INFINITY;
    size_t best = first_largest(columns, row);
    t.labels[i] = (int32_t)(check_index(c, 3) == 0 || best == columns ? check_index(c, columns) : best);
    wanted += (size_t)t.labels[i] == best;
  }
  double got = (double)ck_count_correct(rows, columns, t.x, t.labels);
  check_near(c, "count", 0, got, (double)wanted, 0);
}

void suite_loss(check *c) {
  static const size_t columns[] = {1, 2, 7, 10, 16, 33};
  test_shapes(c);
  test_extremes(c);
  static const float scales[] = {1e-30f, 1, 100, 1e30f};
  for (size_t l = 1; l < check_length_count; l++) {
    for (size_t k = 0; k < COUNT(scales); k++) {
      test_huber(c, check_lengths[l], 1, scales[k]);
      test_binary(c, check_lengths[l], scales[k]);
    }
    test_huber(c, check_lengths[l], 1e-20f, 1);
  }
  test_huber(c, 100003, 0.5f, 1);
  test_binary(c, 100003, 3);
  for (int whole = 0; whole < 2; whole++) {
    for (size_t l = 1; l < check_length_count; l++) test_mean_squared_error(c, check_lengths[l], whole);
    test_mean_squared_error(c, 100003, whole);
  }
  for (size_t k = 0; k < COUNT(columns); k++) {
    for (int weighted = 0; weighted < 2; weighted++) {
      test_weighted_entropy(c, 11, columns[k], weighted, 0);
      test_weighted_entropy(c, 11, columns[k], weighted, 0.1f);
      test_weighted_entropy(c, 3, columns[k], weighted, 1);
      test_weighted_entropy(c, 1000, columns[k], weighted, 0.3f);
    }
    test_count_correct(c, 0, columns[k]);
    test_count_correct(c, 1, columns[k]);
    test_count_correct(c, 500, columns[k]);
  }
}
