// Mergeable moments against two passes in compensated double.
#include "check.h"

// Neumaier's compensated sum.
typedef struct summation {
  double sum, lost;
} summation;

static void add(summation *s, double x) {
  double sum = s->sum + x;
  s->lost += fabs(s->sum) >= fabs(x) ? (s->sum - sum) + x : (x - sum) + s->sum;
  s->sum = sum;
}

static double total(summation s) { return s.sum + s.lost; }

static ck_moments reference(size_t n, const float *x) {
  ck_moments wanted = {.count = (double)n, .maximum = -INFINITY, .minimum = INFINITY};
  if (n == 0) return wanted;
  summation sum = {0, 0}, squares = {0, 0}, spread = {0, 0};
  for (size_t i = 0; i < n; i++) {
    add(&sum, (double)x[i]);
    add(&squares, (double)x[i] * (double)x[i]);
    if (x[i] > wanted.maximum) wanted.maximum = x[i];
    if (x[i] < wanted.minimum) wanted.minimum = x[i];
  }
  wanted.mean = total(sum) / (double)n;
  wanted.sum_squares = total(squares);
  for (size_t i = 0; i < n; i++) add(&spread, ((double)x[i] - wanted.mean) * ((double)x[i] - wanted.mean));
  wanted.m2 = total(spread);
  return wanted;
}

// `tolerance` is relative. The mean's is taken of the standard deviation, since the mean itself may cancel to 0.
static void compare(check *c, ck_moments got, ck_moments wanted, double tolerance) {
  double deviation = wanted.count > 0 ? sqrt(wanted.m2 / wanted.count) : 0;
  check_near(c, "count", 0, got.count, wanted.count, 0);
  check_near(c, "mean", 0, got.mean, wanted.mean, tolerance * deviation + 1e-15 * fabs(wanted.mean));
  check_near(c, "m2", 0, got.m2, wanted.m2, tolerance * wanted.m2);
  check_near(c, "sum_squares", 0, got.sum_squares, wanted.sum_squares, tolerance * wanted.sum_squares);
  check_near(c, "maximum", 0, (double)got.maximum, (double)wanted.maximum, 0);
  check_near(c, "minimum", 0, (double)got.minimum, (double)wanted.minimum, 0);
}

// Lanes of floats within a block of a few thousand add up some hundred roundings at worst, and mostly far fewer.
static const double block_tolerance = 1e-5;
// Whole numbers leave the rounding of the merge alone, in double.
static const double merge_tolerance = 1e-12;

typedef enum shape {
  NORMAL,
  SHIFTED,
  VAST,
  LARGE,
  FAINT,
  SMALL,
  DENORMAL,
  FIRST,
  MIDDLE,
  RAMP,
  CONSTANT,
  EXTREMES,
  POSITIVE,
  NEGATIVE,
  ZEROS,
  RUNS,
  WHOLE,
  SHAPES
} shape;
static const struct {
  const char *name;
  float mean, deviation;  // of the normal ones
} shapes[SHAPES] = {
    [NORMAL] = {"normal", 0, 1},
    [SHIFTED] = {"mean 1e4 deviation 1e-2", 1e4f, 1e-2f},
    [VAST] = {"around 1e37", 0, 1e37f},
    [LARGE] = {"around 1e20", 0, 1e20f},
    [FAINT] = {"around 1e-21", 0, 1e-21f},  // whose squares are denormal
    [SMALL] = {"around 1e-30", 0, 1e-30f},
    [DENORMAL] = {"denormals", 0, 1e-40f},
    [FIRST] = {"the first 1e8", 0, 1},
    [MIDDLE] = {"the middle one -1e8", 100, 1},
    [RAMP] = {"a ramp", 0, 0},
    [CONSTANT] = {"a constant", 0.1f, 0},
    [EXTREMES] = {"+-FLT_MAX", 0, 0},
    [POSITIVE] = {"positive", 0, 1},
    [NEGATIVE] = {"negative, and one -0", 0, 1},
    [ZEROS] = {"zeros of both signs, and one -1", 0, 0},
    [RUNS] = {"runs of one sign", 0, 1},
    [WHOLE] = {"whole", 0, 0},
};

static void fill(check *c, shape kind, size_t n, float *x) {
  check_fill_normal(c, n, x, shapes[kind].mean, shapes[kind].deviation);
  if (kind == FIRST && n > 0) x[0] = 1e8f;
  if (kind == MIDDLE && n > 0) x[n / 2] = -1e8f;
  if (kind == WHOLE) check_fill_whole(c, n, x, 8);
  for (size_t i = 0; i < n && kind == POSITIVE; i++) x[i] = fabsf(x[i]);
  for (size_t i = 0; i < n && kind == NEGATIVE; i++) x[i] = i == n / 3 ? -0.0f : -fabsf(x[i]);
  for (size_t i = 0; i < n && kind == ZEROS; i++) x[i] = i == n / 3 ? -1.0f : check_index(c, 2) == 0 ? 0.0f : -0.0f;
  for (size_t i = 0; i < n && kind == RUNS; i++) x[i] = copysignf(x[i], i / 3000 % 2 == 0 ? 1.0f : -1.0f);
  for (size_t i = 0; i < n && kind == RAMP; i++) x[i] = (float)i * 0.25f - 100;
  for (size_t i = 0; i < n && kind == EXTREMES; i++) x[i] = check_index(c, 2) == 0 ? FLT_MAX : -FLT_MAX;
}

static void test_shapes(check *c) {
  static const size_t sizes[] = {2047, 2048, 2049, 4097, 65535, 65536, 65537, 1000000};
  for (shape kind = NORMAL; kind < SHAPES; kind++) {
    for (size_t l = 0; l < check_length_count + COUNT(sizes) - (c->quick ? 1 : 0); l++) {
      size_t n = l < check_length_count ? check_lengths[l] : sizes[l - check_length_count];
      check_case(c, "moments of %s n=%zu", shapes[kind].name, n);
      float *x = check_floats(c, n, check_index(c, 17));
      fill(c, kind, n, x);
      compare(c, ck_moments_of(c->kernels, n, x), reference(n, x), kind == WHOLE ? merge_tolerance : block_tolerance);
    }
  }
  // A deviation of ten ulps under ten million numbers: what one pass in float would lose.
  size_t n = c->quick ? 300000 : 10000000;
  check_case(c, "moments of mean 1e4 variance 1e-4 n=%zu", n);
  float *x = check_floats(c, n, 1);
  check_fill_normal(c, n, x, 1e4f, 1e-2f);
  compare(c, ck_moments_of(c->kernels, n, x), reference(n, x), block_tolerance);
}

// Rows and columns of a matrix; a row's moments are the very bits that it has as a vector.
static void compare_lines(check *c, size_t rows, size_t columns, const float *x, double tolerance) {
  ck_moments *by_row = (ck_moments *)(void *)check_doubles(c, rows * sizeof(ck_moments) / sizeof(double));
  ck_moments *by_column = (ck_moments *)(void *)check_doubles(c, columns * sizeof(ck_moments) / sizeof(double));
  ck_row_moments(c->kernels, rows, columns, x, by_row);
  ck_column_moments(c->kernels, rows, columns, x, by_column);
  for (size_t i = 0; i < rows; i++) {
    check_note(c, " row %zu", i);
    const ck_moments wanted = ck_moments_of(c->kernels, columns, x + i * columns);
    check_bits(c, "moments", sizeof wanted, &by_row[i], &wanted);
  }
  float *column = check_floats(c, rows, 0);
  for (size_t j = 0; j < columns; j++) {
    check_note(c, " column %zu", j);
    for (size_t i = 0; i < rows; i++) column[i] = x[i * columns + j];
    bool finite = true;
    for (size_t i = 0; i < rows; i++) finite &= isfinite(column[i]);
    if (finite) {
      compare(c, by_column[j], reference(rows, column), tolerance);
    } else {
      // What is not finite has no tolerance: the same as in a vector, whose suite this is.
      const ck_moments wanted = ck_moments_of(c->kernels, rows, column);
      compare(c, by_column[j], wanted, 0);
    }
  }
}

static void test_lines(check *c, size_t rows, size_t columns) {
  for (shape kind = NORMAL; kind < SHAPES; kind++) {
    check_case(c, "row and column moments of %s (%zu, %zu)", shapes[kind].name, rows, columns);
    float *x = check_floats(c, rows * columns, check_index(c, 17));
    fill(c, kind, rows * columns, x);
    compare_lines(c, rows, columns, x, kind == WHOLE ? merge_tolerance : block_tolerance);
  }
  static const float specials[] = {NAN, INFINITY, -INFINITY};
  for (int repeat = 0; repeat < 3 && rows * columns > 0; repeat++) {
    check_case(c, "row and column moments with NaN and infinities (%zu, %zu), draw %d", rows, columns, repeat);
    float *x = check_floats(c, rows * columns, 1);
    check_fill_normal(c, rows * columns, x, 0, 1);
    for (int k = 0; k < 9; k++) x[check_index(c, rows * columns)] = specials[k % 3];
    compare_lines(c, rows, columns, x, block_tolerance);
  }
}

// A column far from zero changes how its neighbours are read, but none of their bits.
static void test_neighbours(check *c, size_t rows, size_t columns) {
  check_case(c, "column moments beside a far column (%zu, %zu)", rows, columns);
  float *x = check_floats(c, rows * columns, 1);
  check_fill_normal(c, rows * columns, x, 0, 1);
  ck_moments *alone = (ck_moments *)(void *)check_doubles(c, columns * sizeof(ck_moments) / sizeof(double));
  ck_moments *beside = (ck_moments *)(void *)check_doubles(c, columns * sizeof(ck_moments) / sizeof(double));
  ck_column_moments(c->kernels, rows, columns, x, alone);
  const size_t far = check_index(c, columns);
  float *column = check_floats(c, rows, 0);
  for (size_t i = 0; i < rows; i++) column[i] = x[i * columns + far] += 1000;
  ck_column_moments(c->kernels, rows, columns, x, beside);
  compare(c, beside[far], reference(rows, column), block_tolerance);
  beside[far] = alone[far];
  check_bits(c, "moments", columns * sizeof *alone, beside, alone);
}

static void test_special(check *c, size_t n, float value, float other) {
  check_case(c, "moments with %g and %g in n=%zu", (double)value, (double)other, n);
  float *x = check_floats(c, n, 3);
  check_fill_normal(c, n, x, 0, 1);
  // Several of them, so that they meet in one block and across blocks.
  for (int repeat = 0; repeat < 5; repeat++) {
    x[check_index(c, n)] = value;
  }
  size_t place = check_index(c, n);
  x[place] = other;
  if (n > 1) x[(place + 1 + check_index(c, n - 1)) % n] = value;
  float maximum = -INFINITY, minimum = INFINITY;
  bool nan = false, above = false, below = false;
  for (size_t i = 0; i < n; i++) {
    nan |= isnan(x[i]);
    above |= x[i] == INFINITY;
    below |= x[i] == -INFINITY;
    maximum = fmaxf(maximum, x[i]);
    minimum = fminf(minimum, x[i]);
  }
  ck_moments got = ck_moments_of(c->kernels, n, x);
  check_near(c, "count", 0, got.count, (double)n, 0);
  check_near(c, "mean", 0, got.mean, nan || (above && below) ? NAN : above ? INFINITY : -INFINITY, 0);
  check_near(c, "m2", 0, got.m2, NAN, 0);
  check_near(c, "sum_squares", 0, got.sum_squares, nan ? NAN : INFINITY, 0);
  check_near(c, "maximum", 0, (double)got.maximum, nan ? NAN : (double)maximum, 0);
  check_near(c, "minimum", 0, (double)got.minimum, nan ? NAN : (double)minimum, 0);
}

static void test_specials(check *c) {
  static const size_t sizes[] = {1, 2, 5, 8, 17, 33, 100, 2049, 70001};
  for (size_t s = 0; s < COUNT(sizes); s++) {
    for (int repeat = 0; repeat < 10; repeat++) {
      test_special(c, sizes[s], NAN, NAN);
      test_special(c, sizes[s], INFINITY, NAN);
      test_special(c, sizes[s], INFINITY, INFINITY);
      test_special(c, sizes[s], -INFINITY, -INFINITY);
      test_special(c, sizes[s], INFINITY, -INFINITY);
    }
  }
}

static void test_empty(check *c) {
  check_case(c, "moments of nothing");
  ck_moments empty = ck_moments_empty();
  compare(c, empty, reference(0, NULL), 0);
  compare(c, ck_moments_merge(empty, empty), empty, 0);
  float x[3] = {1, 2, 4.5f};
  ck_moments some = ck_moments_of(c->kernels, 3, x), left = ck_moments_merge(empty, some);
  ck_moments right = ck_moments_merge(some, empty);
  check_bits(c, "empty with some", sizeof some, &left, &some);
  check_bits(c, "some with empty", sizeof some, &right, &some);
}

// The merge alone, fed with exact parts, and kernel and merge together.
static void test_splits(check *c, size_t n, int parts, bool whole) {
  check_case(c, "moments of n=%zu %s in %d parts", n, whole ? "whole" : "real", parts);
  float *x = check_floats(c, n, 1);
  if (whole) {
    check_fill_whole(c, n, x, 8);
  } else {
    check_fill_normal(c, n, x, 3, 1);
  }
  ck_moments merged = ck_moments_empty(), exact = ck_moments_empty();
  size_t start = 0;
  for (int part = 0; part < parts; part++) {
    size_t end = part == parts - 1 ? n : start + check_index(c, n - start + 1);
    merged = ck_moments_merge(merged, ck_moments_of(c->kernels, end - start, x + start));
    exact = ck_moments_merge(exact, reference(end - start, x + start));
    start = end;
  }
  compare(c, exact, reference(n, x), merge_tolerance);
  compare(c, merged, reference(n, x), whole ? merge_tolerance : block_tolerance);
}

// Parts may be as unordered and as infinite as numbers.
static void test_special_merges(check *c) {
  static const float values[] = {1, INFINITY, -INFINITY, NAN};
  for (size_t i = 0; i < 4; i++) {
    for (size_t j = 0; j < 4; j++) {
      check_case(c, "moments of %g merged with those of %g", (double)values[i], (double)values[j]);
      ck_moments a = ck_moments_of(c->kernels, 1, &values[i]), b = ck_moments_of(c->kernels, 1, &values[j]);
      ck_moments got = ck_moments_merge(a, b);
      double x = (double)values[i], y = (double)values[j];
      bool nan = isnan(x) || isnan(y), finite = isfinite(x) && isfinite(y);
      check_near(c, "count", 0, got.count, 2, 0);
      check_near(c, "mean", 0, got.mean, (x + y) / 2, 0);
      check_near(c, "m2", 0, got.m2, finite ? 0 : NAN, 0);
      check_near(c, "sum_squares", 0, got.sum_squares, x * x + y * y, 0);
      check_near(c, "maximum", 0, (double)got.maximum, nan ? NAN : fmax(x, y), 0);
      check_near(c, "minimum", 0, (double)got.minimum, nan ? NAN : fmin(x, y), 0);
    }
  }
}

void suite_moments(check *c) {
  static const size_t tables[][2] = {{0, 5},   {5, 0},    {1, 1},   {1, 40},   {40, 1},     {7, 7},     {8, 17},
                                     {9, 511}, {16, 513}, {65, 33}, {500, 20}, {33, 70000}, {3000, 513}};
  test_empty(c);
  test_shapes(c);
  for (size_t t = 0; t < COUNT(tables) - (c->quick ? 2 : 0); t++) test_lines(c, tables[t][0], tables[t][1]);
  for (int repeat = 0; repeat < 5; repeat++) {
    test_neighbours(c, 40, 5);
    test_neighbours(c, 16, 150);
    test_neighbours(c, 100, 150);
  }
  test_specials(c);
  test_special_merges(c);
  for (int repeat = 0; repeat < 5; repeat++) {
    for (int whole = 0; whole < 2; whole++) {
      test_splits(c, 10, 3, whole);
      test_splits(c, 5000, 2, whole);
      test_splits(c, 20011, 7, whole);
    }
  }
}
