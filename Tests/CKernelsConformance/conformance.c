// The table of suites.
#include "check.h"

#define SUITE(name) {#name, suite_##name},
static const struct {
  const char *name;
  void (*run)(check *c);
} suites[] = {SUITES(SUITE)};
#undef SUITE

size_t ckc_suite_count(void) { return COUNT(suites); }

const char *ckc_suite_name(size_t suite) { return suites[suite].name; }

ckc_result ckc_run(size_t suite, const ck_kernels *kernels, ckc_effort effort, char *text, size_t capacity) {
  check c;
  check_start(&c, kernels, effort, text, capacity);
  suites[suite].run(&c);
  check_finish(&c);
  return c.result;
}
