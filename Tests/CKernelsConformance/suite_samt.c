// SAMT's steps: one step size for a block, per row, per column, per element, and factored.
#include "factored.h"

static const size_t shapes[][2] = {{0, 5},  {5, 0}, {1, 1},   {1, 17},   {3, 5},    {5, 16},   {7, 33},
                                   {17, 1}, {8, 8}, {16, 64}, {33, 100}, {2, 1000}, {300, 301}};

typedef struct step {
  size_t rows, columns, n;
  float *g, *w, *next;
} step;

static step make_step(check *c, size_t rows, size_t columns) {
  size_t n = rows * columns;
  step s = {rows, columns, n, check_floats(c, n, 1), check_floats(c, n, 2), check_floats(c, n, 3)};
  check_fill_normal(c, n, s.g, 0, 1);
  check_fill_normal(c, n, s.w, 0, 1);
  return s;
}

static void check_next(check *c, const step *s, size_t i, float decay_factor, double eta, double eta_bound) {
  double g = (double)s->g[i], kept = (double)decay_factor * (double)s->w[i], move = eta * g;
  double bound = (double)FLT_EPSILON * (fabs(kept) + fabs(move)) + eta_bound * fabs(g);
  check_entry(c, "next", i / s->columns, i % s->columns, (double)s->next[i], kept - move, bound);
}

// A constant step size gives the bits of plain gradient descent, whatever it is spread over.
static void test_constant(check *c, size_t rows, size_t columns, float decay_factor) {
  const float eta = 0.0371f;
  check_case(c, "samt (%zu, %zu) constant eta, decay_factor=%g", rows, columns, (double)decay_factor);
  step s = make_step(c, rows, columns);
  float *sgd = check_copy(c, s.n, s.w), *kept = check_copy(c, s.n, s.w),
        *etas = check_floats(c, s.n + rows + columns, 4);
  for (size_t i = 0; i < s.n + rows + columns; i++) etas[i] = eta;
  ck_sgd(c->kernels, s.n, eta, decay_factor, s.g, sgd);
  ck_samt_scalar(c->kernels, s.n, eta, decay_factor, s.g, s.w, s.next);
  check_bits(c, "next by scalar", s.n * sizeof(float), s.next, sgd);
  ck_samt_rows(c->kernels, rows, columns, etas, decay_factor, s.g, s.w, s.next);
  check_bits(c, "next by rows", s.n * sizeof(float), s.next, sgd);
  ck_samt_columns(c->kernels, rows, columns, etas, decay_factor, s.g, s.w, s.next);
  check_bits(c, "next by columns", s.n * sizeof(float), s.next, sgd);
  ck_samt_elements(c->kernels, s.n, etas, decay_factor, s.g, s.w, s.next);
  check_bits(c, "next by elements", s.n * sizeof(float), s.next, sgd);
  check_bits(c, "w", s.n * sizeof(float), s.w, kept);
}

static void test_varied(check *c, size_t rows, size_t columns, float decay_factor) {
  static const char *const names[] = {"rows", "columns", "elements"};
  for (int kind = 0; kind < 3; kind++) {
    check_case(c, "samt %s (%zu, %zu) decay_factor=%g", names[kind], rows, columns, (double)decay_factor);
    step s = make_step(c, rows, columns);
    size_t count = kind == 0 ? rows : kind == 1 ? columns : s.n;
    float *eta = check_floats(c, count, 5);
    check_fill_uniform(c, count, eta, -0.1f, 1);
    if (kind == 0) ck_samt_rows(c->kernels, rows, columns, eta, decay_factor, s.g, s.w, s.next);
    if (kind == 1) ck_samt_columns(c->kernels, rows, columns, eta, decay_factor, s.g, s.w, s.next);
    if (kind == 2) ck_samt_elements(c->kernels, s.n, eta, decay_factor, s.g, s.w, s.next);
    for (size_t i = 0; i < s.n; i++) {
      size_t at = kind == 0 ? i / columns : kind == 1 ? i % columns : i;
      check_next(c, &s, i, decay_factor, (double)eta[at], 0);
    }
  }
}

static void check_factored(check *c, const step *s, const factored_head *head, float decay_factor) {
  double sum = ck_samt_factored(c->kernels, s->rows, s->columns, &head->eta, decay_factor, s->g, s->w, s->next);
  double wanted = 0, bound = 0;
  for (size_t i = 0; i < s->n; i++) {
    size_t row = i / s->columns, column = i % s->columns;
    factored_entry entry = make_entry(&head->eta, (double)head->row_p[row] * (double)head->column_p[column],
                                      (double)head->row_q[row] * (double)head->column_q[column]);
    check_next(c, s, i, decay_factor, entry.eta, entry.eta_bound);
    wanted += entry.eta;
    bound += entry.eta_bound;
  }
  // A row may be added in float.
  double added = (double)(s->columns < 2048 ? s->columns : 2048) * ROUNDING;
  check_near(c, "sum of eta", 0, sum, wanted, bound + added * wanted);
}

static void test_factored(check *c, size_t rows, size_t columns, int variant, float spread, float decay_factor) {
  check_case(c, "samt factored (%zu, %zu) %s, spread %g, decay_factor=%g", rows, columns, factored_names[variant],
             (double)spread, (double)decay_factor);
  step s = make_step(c, rows, columns);
  factored_head head = make_head(c, rows, columns, factored_variants[variant], spread);
  check_factored(c, &s, &head, decay_factor);
}

// Step sizes at the ends of their range are finite and right.
static void test_saturated(check *c, int variant) {
  for (unsigned ends = 0; ends < 4; ends++) {
    check_case(c, "samt factored (3, 37) %s, saturated %u", factored_names[variant], ends);
    step s = make_step(c, 3, 37);
    factored_head head = make_head(c, 3, 37, factored_variants[variant], 1);
    saturate(&head, 3, 37, ends);
    check_factored(c, &s, &head, 1);
  }
}

// At the initial factors eta is scale eta0 to the last bit, so the step is gradient descent's.
static void test_initial(check *c, size_t rows, size_t columns, int variant, float decay_factor) {
  static const float splits[] = {1, 2, 0.25f};  // powers of two, so that products are exact
  for (size_t k = 0; k < COUNT(splits); k++) {
    ck_factored_eta options = factored_variants[variant];
    options.eta0 = check_uniform(c, 0.001f, 1);
    options.scale = check_uniform(c, 0.1f, 1);
    options.initial_q = check_uniform(c, 0.1f, 9);
    check_case(c,
               "samt factored (%zu, %zu) %s at the start: eta0=%.9g scale=%.9g initial_q=%.9g split %g "
               "decay_factor=%g", rows, columns, factored_names[variant], (double)options.eta0, (double)options.scale,
               (double)options.initial_q, (double)splits[k], (double)decay_factor);
    step s = make_step(c, rows, columns);
    factored_head head = make_head(c, rows, columns, options, 0);
    for (size_t i = 0; i < rows; i++) head.row_p[i] = head.row_q[i] = splits[k];
    for (size_t j = 0; j < columns; j++) {
      head.column_p[j] = 1 / splits[k];
      head.column_q[j] = options.initial_q / splits[k];
    }
    float *wanted = check_floats(c, s.n, 0), eta = options.scale * options.eta0;
    ck_samt_scalar(c->kernels, s.n, eta, decay_factor, s.g, s.w, wanted);
    double sum = ck_samt_factored(c->kernels, rows, columns, &head.eta, decay_factor, s.g, s.w, s.next);
    check_bits(c, "next", s.n * sizeof(float), s.next, wanted);
    double total = (double)s.n * (double)eta;
    check_near(c, "sum of eta", 0, sum, total, (double)(columns < 2048 ? columns : 2048) * ROUNDING * total);
  }
}

void suite_samt(check *c) {
  for (size_t k = 0; k < COUNT(shapes); k++) {
    for (int decays = 0; decays < 2; decays++) {
      size_t rows = shapes[k][0], columns = shapes[k][1];
      float decay_factor = decays ? 0.999f : 1;
      test_constant(c, rows, columns, decay_factor);
      test_varied(c, rows, columns, decay_factor);
      for (int variant = 0; variant < 4; variant++) {
        test_factored(c, rows, columns, variant, 0.5f, decay_factor);
        test_factored(c, rows, columns, variant, 5, decay_factor);
        test_initial(c, rows, columns, variant, decay_factor);
      }
    }
  }
  for (int variant = 0; variant < 4; variant++) test_saturated(c, variant);
}
