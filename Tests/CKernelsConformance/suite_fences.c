// Reads outside a buffer, which canaries cannot show: every buffer ends where a page begins that may not be read. The
// suites run in children, for what such a read does to a process.
#if defined(__linux__)
#define _DEFAULT_SOURCE  // MAP_ANONYMOUS
#endif
#include "check.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define FENCED(apply)                                                                                       \
  apply(gemm) apply(gemm_blocks) apply(conv) apply(activation) apply(arithmetic) apply(moments) apply(sums) \
      apply(norm) apply(pool) apply(loss) apply(update) apply(soaa) apply(direction) apply(orthogonalize) \
      apply(matrix_update) apply(samt) apply(samt_gradient) apply(random) apply(schedule_free)             \
          apply(learning_rate_free)
#define SUITE(name) {#name, suite_##name},
static const struct {
  const char *name;
  void (*run)(check *c);
} suites[] = {FENCED(SUITE)};
#undef SUITE

// What child and parent share: the child's case is where it died.
typedef struct report {
  check inner;
  char text[256];
} report;

// Without a word from whoever else would handle it.
static void stop(int signal) {
  (void)signal;
  _exit(1);
}

static bool run_in_child(report *r, void (*run)(check *c)) {
  pid_t child = fork();
  if (child == 0) {
    signal(SIGSEGV, stop);
    signal(SIGBUS, stop);
    run(&r->inner);
    check_finish(&r->inner);
    _exit(r->inner.result.failures == 0 ? 0 : 1);
  }
  int status = -1;
  while (child > 0 && waitpid(child, &status, 0) < 0) continue;
  return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// Whether a suite ends well; if not, the note says where it did not.
static bool survives(check *c, const char *name, void (*run)(check *c)) {
  check_case(c, "fenced %s", name);
  report *r = mmap(NULL, sizeof *r, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (r == MAP_FAILED) return false;
  check_start(&r->inner, c->kernels, CKC_QUICK, r->text, sizeof r->text);
  r->inner.page = (size_t)sysconf(_SC_PAGESIZE);
  bool passed = run_in_child(r, run) && r->inner.result.checks > 0;
  check_note(c, ", %s", r->text[0] != 0 ? r->text : r->inner.where);
  munmap(r, sizeof *r);
  return passed;
}

// Reads one float behind a buffer.
static void trespass(check *c) {
  check_case(c, "a trespasser");
  const volatile float *x = check_floats(c, 3, 0);
  check_that(c, "this is reached", x[3] != 0);
}

// A CPU does not read the lanes that a mask leaves out. Some emulators do, and AVX2 kernels cannot pass there.
#if defined(__x86_64__)
__attribute__((target("avx"))) static void read_masked(check *c) {
  check_case(c, "a masked read");
  const __m256i three = _mm256_set_epi32(0, 0, 0, 0, 0, -1, -1, -1);
  float read[8];
  _mm256_storeu_ps(read, _mm256_maskload_ps(check_floats(c, 3, 0), three));
  check_that(c, "three lanes are read", isnan(read[2]) && read[3] == 0);
}
static bool masks_work(check *c) {
  return ck_table_isa(c->kernels) != CK_AVX2 || survives(c, "masked read", read_masked);
}
#else
static bool masks_work(check *c) { return c != NULL; }
#endif

void suite_fences(check *c) {
  bool caught = !survives(c, "trespasser", trespass);
  check_that(c, "it is stopped", caught);
  if (!masks_work(c)) return;
  for (size_t s = 0; s < COUNT(suites); s++) {
    bool passed = survives(c, suites[s].name, suites[s].run);
    check_that(c, "it runs to its end", passed);
  }
}
