// The suites' own test: what is wrong must be seen, and what is right must pass.
#include "check.h"

typedef struct twin {
  check inner;
  char text[256];
} twin;

static void open_twin(check *c, twin *t, const char *name) {
  check_case(c, "harness %s", name);
  check_start(&t->inner, c->kernels, CKC_QUICK, t->text, sizeof t->text);
  check_case(&t->inner, "inner case");
}

static void expect_failures(check *c, twin *t, size_t failures) {
  check_finish(&t->inner);
  check_near(c, "failures", 0, (double)t->inner.result.failures, (double)failures, 0);
  check_that(c, "the first failure is told", failures == 0 || strncmp(t->text, "inner case: ", 12) == 0);
  check_that(c, "no failure is told where there is none", failures > 0 || t->text[0] == 0);
}

static void test_comparisons(check *c) {
  twin t;
  open_twin(c, &t, "right values");
  check_near(&t.inner, "x", 0, 1, 1, 0);
  check_near(&t.inner, "x", 0, 1.5, 1, 0.5);
  check_near(&t.inner, "x", 0, INFINITY, INFINITY, 0);
  check_near(&t.inner, "x", 0, NAN, NAN, 0);
  expect_failures(c, &t, 0);
  check_near(c, "worst", 0, t.inner.result.worst, 1, 0);
  check_near(c, "checks", 0, (double)t.inner.result.checks, 4, 0);

  open_twin(c, &t, "wrong values");
  check_near(&t.inner, "x", 0, 1.51, 1, 0.5);
  check_near(&t.inner, "x", 0, 1, 1 + DBL_EPSILON, 0);
  check_near(&t.inner, "x", 0, INFINITY, -INFINITY, 1);
  check_that(&t.inner, "false is true", false);
  expect_failures(c, &t, 4);

  open_twin(c, &t, "NaN");
  check_near(&t.inner, "x", 0, NAN, 1, 1);
  check_near(&t.inner, "x", 0, 1, NAN, 1);
  check_near(&t.inner, "x", 0, 1, 2, NAN);
  check_near(&t.inner, "x", 0, 1, 2, INFINITY);
  check_entry(&t.inner, "x", 0, 0, NAN, 0, 1);
  expect_failures(c, &t, 5);

  open_twin(c, &t, "bits");
  float one = 1, other = 1 + FLT_EPSILON, zero = 0, minus_zero = -zero;
  check_bits(&t.inner, "x", sizeof one, &one, &one);
  check_bits(&t.inner, "x", sizeof one, &one, &other);
  check_bits(&t.inner, "x", sizeof zero, &zero, &minus_zero);
  check_exact(&t.inner, "x", 1, &zero, &minus_zero);
  expect_failures(c, &t, 2);
}

static void test_guards(check *c) {
  twin t;
  for (size_t offset = 0; offset < 18; offset++) {
    open_twin(c, &t, "guards");
    float *x = check_floats(&t.inner, 5, offset);
    check_that(&t.inner, "a buffer is full of NaN", isnan(x[0]) && isnan(x[4]));
    check_untouched(&t.inner, "x", 5, x);
    for (size_t i = 0; i < 5; i++) x[i] = 0;
    expect_failures(c, &t, 0);

    open_twin(c, &t, "writes outside");
    check_floats(&t.inner, 5, offset)[-1] = 0;
    check_floats(&t.inner, 5, offset)[5] = 0;
    check_floats(&t.inner, 0, offset)[0] = NAN;  // another NaN than the canary
    check_doubles(&t.inner, 3)[3] = 0;
    expect_failures(c, &t, 4);

    open_twin(c, &t, "write into a gap");
    float *y = check_floats(&t.inner, 5, offset);
    y[3] = 0;
    check_untouched(&t.inner, "y", 5, y);
    expect_failures(c, &t, 1);
  }
}

void suite_harness(check *c) {
  test_comparisons(c);
  test_guards(c);
}
