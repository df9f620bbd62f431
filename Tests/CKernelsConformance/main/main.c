// Runs the conformance suites from the command line, where there is no Swift: emulators, other systems, debuggers.
#include <CKernelsConformance.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int usage(const char *program) {
  fprintf(stderr,
          "usage: %s [--quick] [--require ISA] [--forbid ISA] [ISA]\n"
          "Runs every suite on every available instruction set, or on ISA alone: portable, neon, avx2, avx512.\n"
          "--quick tests the edges only; --require and --forbid fail where ISA is not, or is, available.\n",
          program);
  return 2;
}

static double now(void) {
  struct timespec time;
  timespec_get(&time, TIME_UTC);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static bool passes(size_t suite, ck_isa isa, ckc_effort effort) {
  char text[512];
  double start = now();
  ckc_result result = ckc_run(suite, ck_table(isa), effort, text, sizeof text);
  bool passed = result.checks > 0 && result.failures == 0;
  printf("%s %-8s %-13s %9zu checks, %zu failed, at most %.2f of a bound, %.2f s\n", passed ? "ok  " : "FAIL",
         ck_isa_name(isa), ckc_suite_name(suite), result.checks, result.failures, result.worst, now() - start);
  if (!passed) printf("     %s\n", text);
  fflush(stdout);
  return passed;
}

int main(int count, char **arguments) {
  ckc_effort effort = CKC_FULL;
  bool chosen[CK_ISA_COUNT] = {false}, all = true;
  size_t passed = 0, failed = 0;
  for (int i = 1; i < count; i++) {
    const char *argument = arguments[i];
    ck_isa isa;
    bool require = strcmp(argument, "--require") == 0, forbid = strcmp(argument, "--forbid") == 0;
    if (strcmp(argument, "--quick") == 0) {
      effort = CKC_QUICK;
    } else if (require || forbid) {
      if (++i == count || !ck_isa_named(arguments[i], &isa)) return usage(arguments[0]);
      if (ck_isa_available(isa) == require) continue;
      printf("FAIL %s is %s\n", arguments[i], require ? "not available" : "available");
      failed++;
    } else {
      if (!ck_isa_named(argument, &isa)) return usage(arguments[0]);
      chosen[isa] = true;
      all = false;
    }
  }
  for (int i = 0; i < CK_ISA_COUNT; i++) {
    ck_isa isa = (ck_isa)i;
    if (!all && !chosen[isa]) continue;
    if (!ck_isa_available(isa)) {
      printf("%s %-8s not available\n", all ? "--  " : "FAIL", ck_isa_name(isa));
      if (!all) failed++;
      continue;
    }
    for (size_t suite = 0; suite < ckc_suite_count(); suite++) *(passes(suite, isa, effort) ? &passed : &failed) += 1;
  }
  printf("%zu passed, %zu failed\n", passed, failed);
  return failed > 0 || passed == 0;
}
