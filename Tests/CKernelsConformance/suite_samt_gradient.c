// The gradient of a factored head: against its formula, and against differences of the step that it is the gradient of.
#include "factored.h"

typedef struct gradient {
  size_t rows, columns;
  factored_head head;
  float *g, *g2;
  double *dp_row, *dp_column, *dq_row, *dq_column;
} gradient;

static gradient make_gradient(check *c, size_t rows, size_t columns, int variant, float spread) {
  size_t n = rows * columns;
  gradient t = {.rows = rows, .columns = columns};
  t.head = make_head(c, rows, columns, factored_variants[variant], spread);
  t.g = check_floats(c, n, 1);
  t.g2 = check_floats(c, n, 2);
  check_fill_normal(c, n, t.g, 0, 1);
  check_fill_normal(c, n, t.g2, 0, 1);
  t.dp_row = check_doubles(c, rows);
  t.dq_row = check_doubles(c, rows);
  t.dp_column = check_doubles(c, columns);
  t.dq_column = check_doubles(c, columns);
  // The sums are added to what is there.
  for (size_t i = 0; i < rows; i++) t.dp_row[i] = t.dq_row[i] = 0.5;
  for (size_t j = 0; j < columns; j++) t.dp_column[j] = t.dq_column[j] = -0.25;
  return t;
}

static void run(check *c, const gradient *t) {
  ck_samt_factored_gradient(c->kernels, t->rows, t->columns, &t->head.eta, t->g, t->g2, t->dp_row, t->dp_column,
                            t->dq_row, t->dq_column);
}

typedef struct sums {
  double dp, dp_bound, dq, dq_bound, magnitude_p, magnitude_q;
} sums;

static void add_entry(sums *s, const gradient *t, size_t i, size_t j) {
  const factored_head *h = &t->head;
  factored_entry entry =
      make_entry(&h->eta, (double)h->row_p[i] * (double)h->column_p[j], (double)h->row_q[i] * (double)h->column_q[j]);
  double m = -(double)h->eta.scale * (double)t->g[i * t->columns + j] * (double)t->g2[i * t->columns + j];
  s->dp += m * entry.dp;
  s->dq += m * entry.dq;
  s->magnitude_p += fabs(m * entry.dp);
  s->magnitude_q += fabs(m * entry.dq);
  s->dp_bound += fabs(m) * entry.dp_bound;
  s->dq_bound += fabs(m) * entry.dq_bound;
}

// `count` terms may be added in float, before the sum is added to the `start` that was there.
static void compare(check *c, const char *p, const char *q, size_t i, size_t count, double start, double dp, double dq,
                    const sums *s) {
  double unit = (double)((count < 2048 ? count : 2048) + 6) * ROUNDING;
  check_near(c, p, i, dp, start + s->dp, s->dp_bound + unit * s->magnitude_p + 1e-15);
  check_near(c, q, i, dq, start + s->dq, s->dq_bound + unit * s->magnitude_q + 1e-15);
}

static void check_gradient(check *c, const gradient *t) {
  size_t rows = t->rows, columns = t->columns;
  run(c, t);
  for (size_t i = 0; i < rows; i++) {
    sums s = {0};
    for (size_t j = 0; j < columns; j++) add_entry(&s, t, i, j);
    compare(c, "dp_row", "dq_row", i, columns, 0.5, t->dp_row[i], t->dq_row[i], &s);
  }
  for (size_t j = 0; j < columns; j++) {
    sums s = {0};
    for (size_t i = 0; i < rows; i++) add_entry(&s, t, i, j);
    compare(c, "dp_column", "dq_column", j, rows, -0.25, t->dp_column[j], t->dq_column[j], &s);
  }
}

static void test_formula(check *c, size_t rows, size_t columns, int variant, float spread) {
  check_case(c, "samt factored gradient (%zu, %zu) %s, spread %g", rows, columns, factored_names[variant],
             (double)spread);
  gradient t = make_gradient(c, rows, columns, variant, spread);
  check_gradient(c, &t);
}

static void test_saturated(check *c, int variant) {
  for (unsigned ends = 0; ends < 4; ends++) {
    check_case(c, "samt factored gradient (3, 37) %s, saturated %u", factored_names[variant], ends);
    gradient t = make_gradient(c, 3, 37, variant, 1);
    saturate(&t.head, 3, 37, ends);
    check_gradient(c, &t);
  }
}

// Which part of the head a difference moves.
typedef enum moved { ROW_P, ROW_Q, COLUMN_P, COLUMN_Q } moved;

// The sum of g2 next over all entries in double, less its constant part, with one logit moved by `by`.
static double stepped_loss(const gradient *t, moved part, size_t at, double by) {
  const factored_head *h = &t->head;
  double rate = part == ROW_P || part == COLUMN_P ? -1 : h->eta.projection == CK_EXP_TANH ? 2 : 1, sum = 0;
  for (size_t i = 0; i < t->rows; i++) {
    for (size_t j = 0; j < t->columns; j++) {
      double p = (double)h->row_p[i] * (double)h->column_p[j], q = (double)h->row_q[i] * (double)h->column_q[j];
      if ((part == ROW_P && at == i) || (part == COLUMN_P && at == j)) p *= exp(rate * by);
      if ((part == ROW_Q && at == i) || (part == COLUMN_Q && at == j)) q *= exp(rate * by);
      sum -= make_entry(&h->eta, p, q).eta * (double)t->g[i * t->columns + j] * (double)t->g2[i * t->columns + j];
    }
  }
  return sum;
}

static void test_differences(check *c, size_t rows, size_t columns, int variant) {
  check_case(c, "samt factored gradient (%zu, %zu) %s by differences", rows, columns, factored_names[variant]);
  gradient t = make_gradient(c, rows, columns, variant, 0.7f);
  run(c, &t);
  static const char *const names[] = {"dp_row", "dq_row", "dp_column", "dq_column"};
  const double *const got[] = {t.dp_row, t.dq_row, t.dp_column, t.dq_column};
  for (moved part = ROW_P; part <= COLUMN_Q; part++) {
    bool by_row = part == ROW_P || part == ROW_Q;
    for (size_t i = 0; i < (by_row ? rows : columns); i++) {
      const double h = 1e-4;
      double wanted = (stepped_loss(&t, part, i, h) - stepped_loss(&t, part, i, -h)) / (2 * h);
      // The differences are good to h^2 times a third derivative, itself below half_range^3 times the first, and the
      // kernel to some hundred epsilons of terms around 1.
      check_near(c, names[part], i, got[part][i] - (by_row ? 0.5 : -0.25), wanted, 1e-4 * (1 + fabs(wanted)));
    }
  }
}

void suite_samt_gradient(check *c) {
  static const size_t shapes[][2] = {{0, 5},  {5, 0},   {1, 1},    {1, 17},   {3, 5},    {5, 16},   {7, 33},
                                     {17, 1}, {16, 64}, {33, 100}, {2, 1000}, {1000, 2}, {200, 201}};
  for (int variant = 0; variant < 4; variant++) {
    for (size_t k = 0; k < COUNT(shapes); k++) {
      test_formula(c, shapes[k][0], shapes[k][1], variant, 0.5f);
      test_formula(c, shapes[k][0], shapes[k][1], variant, 5);
    }
    test_saturated(c, variant);
    test_differences(c, 4, 5, variant);
    test_differences(c, 9, 17, variant);
  }
}
