// Updates of matrices: AdaFisher's and RAMDA's.
#include "check.h"

static const double eps = (double)FLT_EPSILON;

static void test_fisher(check *c, size_t rows, size_t columns) {
  check_case(c, "fisher %zux%zu", rows, columns);
  const size_t n = rows * columns;
  const ck_fisher_args a = {.rate = 0.01f, .decay_factor = 0.99f, .beta = 0.9f, .damping = 1e-3f};
  float *s = check_floats(c, rows, 1), *h = check_floats(c, columns, 2), *g = check_floats(c, n, 3);
  float *m = check_floats(c, n, 4), *w = check_floats(c, n, 5);
  check_fill_normal(c, n, g, 0, 1);
  check_fill_normal(c, n, m, 0, 1);
  check_fill_normal(c, n, w, 0, 1);
  for (size_t i = 0; i < rows; i++) s[i] = i % 3 == 0 ? 0 : check_uniform(c, 0, 1);
  for (size_t j = 0; j < columns; j++) h[j] = check_uniform(c, 0, 0.1f);
  float *m0 = check_copy(c, n, m), *w0 = check_copy(c, n, w);
  ck_fisher(c->kernels, rows, columns, &a, s, h, g, m, w);
  for (size_t i = 0; i < n; i++) {
    const double old = (double)a.beta * (double)m0[i], fresh = (1 - (double)a.beta) * (double)g[i];
    const double diagonal = (double)s[i / columns] * (double)h[i % columns] + (double)a.damping;
    const double kept = (double)a.decay_factor * (double)w0[i], move = (double)a.rate * (old + fresh) / diagonal;
    const double m_bound = 1.5 * eps * (fabs(old) + fabs(fresh));
    check_near(c, "m", i, (double)m[i], old + fresh, m_bound);
    // A sum of positive terms, a division and two products: six operations of at most an ulp.
    const double bound = (double)a.rate * m_bound / diagonal + 6 * eps * fabs(move) + eps * (fabs(kept) + fabs(move));
    check_near(c, "w", i, (double)w[i], kept - move, bound);
  }
}

typedef struct ramda_case {
  size_t n;
  float *g, *p0, *v, *u, *w;
  float *v0, *u0, *w0;
} ramda_case;

static ramda_case make_case(check *c, size_t n) {
  ramda_case r = {.n = n, .g = check_floats(c, n, 1), .p0 = check_floats(c, n, 2), .v = check_floats(c, n, 3),
                  .u = check_floats(c, n, 4), .w = check_floats(c, n, 5)};
  check_fill_normal(c, n, r.g, 0, 1);
  check_fill_normal(c, n, r.p0, 0, 1);
  check_fill_normal(c, n, r.v, 0, 1);
  check_fill_normal(c, n, r.w, 0, 1);
  for (size_t i = 0; i < n; i++) r.u[i] = check_uniform(c, 0, 3);
  for (size_t i = 3; i < n; i += 7) r.u[i] = r.v[i] = r.g[i] = 0;  // nothing has reached it yet
  for (size_t i = 5; i < n; i += 11) r.u[i] = 1e30f;
  r.v0 = check_copy(c, n, r.v), r.u0 = check_copy(c, n, r.u), r.w0 = check_copy(c, n, r.w);
  return r;
}

// The averages as they should be, and how far D is off at most: the root has a third of U's error, and three ulp.
static void check_averages(check *c, const ramda_case *r, const ck_ramda_args *a, size_t i, double *v, double *d) {
  const double step = (double)a->size * (double)r->g[i], u = (double)r->u0[i] + step * (double)r->g[i];
  *v = (double)r->v0[i] + step;
  *d = cbrt(u) + (double)a->epsilon;
  check_near(c, "v", i, (double)r->v[i], *v, eps * (fabs((double)r->v0[i]) + 2 * fabs(step)));
  check_near(c, "u", i, (double)r->u[i], u, 3 * eps * u);
}

static void test_ramda(check *c, size_t n) {
  check_case(c, "ramda n=%zu", n);
  const ck_ramda_args a = {.size = 0.03f, .epsilon = 1e-6f, .kept = 0.9f, .fresh = 0.1f};
  ramda_case r = make_case(c, n);
  ck_ramda(c->kernels, n, &a, r.g, r.p0, r.v, r.u, r.w);
  for (size_t i = 0; i < n; i++) {
    double v, d;
    check_averages(c, &r, &a, i, &v, &d);
    const double p = (double)r.p0[i] - v / d, kept = (double)a.kept * (double)r.w0[i];
    const double v_bound = eps * (fabs((double)r.v0[i]) + 2 * fabs((double)a.size * (double)r.g[i]));
    const double p_bound = v_bound / d + 7 * eps * fabs(v / d) + eps * fabs(p);
    const double bound = (double)a.fresh * p_bound + 2 * eps * (fabs(kept) + (double)a.fresh * fabs(p));
    check_near(c, "w", i, (double)r.w[i], kept + (double)a.fresh * p, bound);
  }
}

// p minimizes where d p - y + penalty p / |p| = 0, or where |y| <= penalty and p = 0; with kept 0 and fresh 1, w is p.
static void test_ramda_rows(check *c, size_t rows, size_t columns, double penalty) {
  check_case(c, "ramda_rows %zux%zu penalty=%g", rows, columns, penalty);
  const size_t n = rows * columns;
  const ck_ramda_args a = {.size = 0.03f, .epsilon = 1e-6f, .kept = 0, .fresh = 1, .penalty = penalty};
  ramda_case r = make_case(c, n);
  float *workspace = check_floats(c, 2 * n, 6);
  ck_ramda_rows(c->kernels, rows, columns, &a, r.g, r.p0, r.v, r.u, workspace, r.w);
  for (size_t row = 0; row < rows; row++) {
    double norm = 0, dual = 0, slack = 0;
    for (size_t j = 0; j < columns; j++) {
      double v, d;
      check_averages(c, &r, &a, row * columns + j, &v, &d);
      const double y = d * (double)r.p0[row * columns + j] - v, p = (double)r.w[row * columns + j];
      norm += p * p;
      dual += y * y;
      slack += fabs(v) + 6 * fabs(d * (double)r.p0[row * columns + j]) + 6 * d * fabs(p);
    }
    norm = sqrt(norm), dual = sqrt(dual), slack *= 2 * eps;
    if (norm == 0) {
      check_that(c, "a row of zeros", dual <= penalty + slack);
      continue;
    }
    check_that(c, "a row that is none", dual >= penalty - slack);
    for (size_t j = 0; j < columns; j++) {
      const size_t i = row * columns + j;
      const double d = cbrt((double)r.u0[i] + (double)a.size * (double)r.g[i] * (double)r.g[i]) + (double)a.epsilon;
      const double v = (double)r.v0[i] + (double)a.size * (double)r.g[i], y = d * (double)r.p0[i] - v;
      const double p = (double)r.w[i];
      // The rounding of p changes its term by as much, and the row's norm the other one.
      check_near(c, "gradient at p", i, d * p + penalty * p / norm, y, slack + 4 * eps * penalty);
    }
  }
}

void suite_matrix_update(check *c) {
  static const size_t shapes[][2] = {{1, 1}, {3, 1}, {1, 9}, {6, 25}, {16, 27}, {5, 64}, {33, 65}};
  for (size_t s = 0; s < COUNT(shapes); s++) {
    test_fisher(c, shapes[s][0], shapes[s][1]);
    test_ramda_rows(c, shapes[s][0], shapes[s][1], 0.25);
    test_ramda_rows(c, shapes[s][0], shapes[s][1], 4);
  }
  if (!c->quick) test_fisher(c, 100, 1000);
  for (size_t l = 0; l < check_length_count; l++) test_ramda(c, check_lengths[l]);
  test_ramda(c, c->quick ? 10007 : 100003);
}
