// Names, availability and tables of the instruction sets.
#include "check.h"

#include <sys/wait.h>
#include <unistd.h>

static void test_names(check *c) {
  for (int i = 0; i < CK_ISA_COUNT; i++) {
    ck_isa isa = (ck_isa)i, found = (ck_isa)CK_ISA_COUNT;
    check_case(c, "name of instruction set %d", i);
    check_that(c, "it is found by its name", ck_isa_named(ck_isa_name(isa), &found) && found == isa);
  }
  static const char *const words[] = {"portable", "neon", "avx2", "avx512"};
  static const char *const others[] = {"", " ", "AVX2", "avx", "avx51", "avx5122", "avx512 ", "best", "0"};
  for (size_t k = 0; k < COUNT(words); k++) {
    check_case(c, "name '%s'", words[k]);
    check_that(c, "it is the documented one", strcmp(ck_isa_name((ck_isa)k), words[k]) == 0);
  }
  for (size_t k = 0; k < COUNT(others); k++) {
    ck_isa found;
    check_case(c, "name '%s'", others[k]);
    check_that(c, "it is refused", !ck_isa_named(others[k], &found));
  }
}

static void test_tables(check *c) {
  ck_isa best = CK_PORTABLE;
  for (int i = 0; i < CK_ISA_COUNT; i++) {
    ck_isa isa = (ck_isa)i;
    const ck_kernels *table = ck_table(isa);
    check_case(c, "table of %s", ck_isa_name(isa));
    check_that(c, "there is one just where the set is available", (table != NULL) == ck_isa_available(isa));
    check_that(c, "it says what it is for", table == NULL || ck_table_isa(table) == isa);
    if (table != NULL) best = isa;
  }
  check_case(c, "available instruction sets");
  check_that(c, "portable is available", ck_isa_available(CK_PORTABLE));
  check_that(c, "the best one is available", ck_isa_available(ck_isa_best()));
  check_that(c, "the best one is the last one", ck_isa_best() == best);
#if defined(__x86_64__)
  check_that(c, "there is no NEON on x86-64", !ck_isa_available(CK_NEON));
#elif defined(__aarch64__)
  check_that(c, "NEON is available on aarch64", ck_isa_available(CK_NEON));
  check_that(c, "there is no AVX on aarch64", !ck_isa_available(CK_AVX2) && !ck_isa_available(CK_AVX512));
#endif
}

// Whether each set can be made the active one exactly where it is available.
static bool activates(void) {
  bool right = true;
  for (int i = 0; i < CK_ISA_COUNT; i++) {
    ck_isa isa = (ck_isa)i;
    const ck_kernels *before = ck_active();
    bool done = ck_activate(isa);
    right = right && done == ck_isa_available(isa) && ck_active() == (done ? ck_table(isa) : before);
  }
  return right;
}

// In a child, since the choice is the whole process's.
static void test_activation(check *c) {
  check_case(c, "activation");
  const ck_kernels *before = ck_active();
  check_that(c, "the active table is an available one's", ck_table(ck_table_isa(before)) == before);
  pid_t child = fork();
  if (child == 0) _exit(activates() ? 0 : 1);
  check_that(c, "fork succeeds", child > 0);
  if (child <= 0) return;
  int status = -1;
  while (waitpid(child, &status, 0) < 0) continue;
  check_that(c, "the available sets can be activated", WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

void suite_dispatch(check *c) {
  test_names(c);
  test_tables(c);
  test_activation(c);
}
