// Sizes of caches as the system tells them, the blocks of products that follow from them, and that no bit does.
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../CKernels/gemm/blocking.h"
#include "../../CKernels/runtime/caches.h"
#include "../../CKernels/runtime/scratch.h"

enum { KIB = 1 << 10, MIB = 1 << 20 };

static const ck_caches machines[] = {
    {{32 * KIB, 1}, {256 * KIB, 1}, {6 * MIB, 8}},    {{32 * KIB, 1}, {512 * KIB, 1}, {32 * MIB, 16}},
    {{48 * KIB, 1}, {1 * MIB, 1}, {32 * MIB, 16}},    {{48 * KIB, 2}, {2 * MIB, 2}, {260 * MIB, 120}},
    {{128 * KIB, 1}, {12 * MIB, 4}, {0, 0}},          {{32 * KIB, 1}, {16 * KIB, 1}, {16 * KIB, 1}},
    {{64 * KIB, 1}, {64 * MIB, 1}, {1024 * MIB, 1}},
};

static void test_blocks(check *c, ck_caches caches, size_t mr, size_t nr) {
  check_case(c, "blocks for L2 %zu / %zu, L3 %zu / %zu, tiles of %zux%zu", caches.l2.bytes, caches.l2.cpus,
             caches.l3.bytes, caches.l3.cpus, mr, nr);
  const ck_gemm_blocking b = ck_choose_gemm_blocking(caches, mr, nr);
  const size_t l2 = caches.l2.bytes / caches.l2.cpus;
  check_that(c, "whole tiles", b.mc > 0 && b.mc % mr == 0 && b.nc > 0 && b.nc % nr == 0);
  check_that(c, "no more than scratch memory holds",
             b.mc * (CK_GEMM_KC + 16) <= CK_PACKED_A_FLOATS && b.nc * (CK_GEMM_KC + 16) <= CK_PACKED_B_FLOATS);
  check_that(c, "B takes three quarters of L2, or one tile",
             b.nc * CK_GEMM_KC * sizeof(float) <= l2 / 4 * 3 || b.nc == nr);
  check_that(c, "a larger B would take more, or is too large", b.nc + nr > CK_GEMM_NC ||
                                                                   (b.nc + nr) * CK_GEMM_KC * sizeof(float) > l2 / 4 * 3);
}

static void test_known_blocks(check *c) {
  static const struct {
    size_t l2, columns;
  } known[] = {{256 * KIB, 192}, {512 * KIB, 384}, {1 * MIB, 768}, {2 * MIB, 768}};
  for (size_t i = 0; i < COUNT(known); i++) {
    check_case(c, "columns of B in an L2 of %zu bytes", known[i].l2);
    const ck_caches caches = {{32 * KIB, 1}, {known[i].l2, 1}, {8 * MIB, 4}};
    check_near(c, "nc", 0, (double)ck_choose_gemm_blocking(caches, 6, 16).nc, (double)known[i].columns, 0);
  }
  check_case(c, "rows of A in a share of an L3");
  const ck_caches shared = {{32 * KIB, 1}, {MIB, 1}, {32 * MIB, 16}}, none = {{32 * KIB, 1}, {MIB, 1}, {0, 0}};
  check_near(c, "mc, half of 2 MiB", 0, (double)ck_choose_gemm_blocking(shared, 6, 16).mc, 1020, 0);
  check_near(c, "mc without an L3", 0, (double)ck_choose_gemm_blocking(none, 6, 16).mc, 2040, 0);
}

// A product's bits for every machine's blocks are those of the first one's.
static void test_bits(check *c, size_t m, size_t n, size_t k, bool transpose_a, bool transpose_b) {
  check_case(c, "bits of %zux%zux%zu, transposed %d %d, by caches", m, n, k, transpose_a, transpose_b);
  float *a = check_floats(c, m * k, 0), *b = check_floats(c, k * n, 0);
  check_fill_normal(c, m * k, a, 0, 1);
  check_fill_normal(c, k * n, b, 0, 1);
  float *first = NULL;
  for (size_t i = 0; i < COUNT(machines); i++) {
    float *out = check_floats(c, m * n, 0);
    ck_set_caches(&machines[i]);
    ck_gemm(c->kernels, &(ck_gemm_args){.m = m, .n = n, .k = k, .transpose_a = transpose_a, .transpose_b = transpose_b,
                                        .alpha = 1, .a = a, .lda = transpose_a ? m : k, .b = b,
                                        .ldb = transpose_b ? k : n, .c = out, .ldc = n});
    ck_set_caches(NULL);
    if (i > 0) check_bits(c, "C", m * n * sizeof *out, out, first);
    else first = out;
  }
}

// As Linux keeps them: an instruction cache, a level shared by some CPUs, sizes with and without a unit.
static void test_directory(check *c) {
  static const char *const names[] = {"level", "type", "size", "shared_cpu_list"};
  static const char *const files[][4] = {{"1\n", "Data\n", "48K\n", "0\n"},
                                         {"1\n", "Instruction\n", "64K\n", "0\n"},
                                         {"2\n", "Unified\n", "1048576\n", "0,64\n"},
                                         {"3\n", "Unified\n", "32M\n", "0-7,64-71\n"}};
  char directory[] = "/tmp/ck-caches-XXXXXX", path[128];
  if (!mkdtemp(directory)) abort();
  bool made = true, removed = true;
  for (size_t i = 0; i < COUNT(files); i++) {
    snprintf(path, sizeof path, "%s/index%zu", directory, i);
    made = made && mkdir(path, 0700) == 0;
    for (size_t j = 0; j < COUNT(names); j++) {
      snprintf(path, sizeof path, "%s/index%zu/%s", directory, i, names[j]);
      FILE *file = fopen(path, "w");
      made = made && file && fputs(files[i][j], file) >= 0;
      if (file) fclose(file);
    }
  }
  check_case(c, "caches in a directory");
  check_that(c, "files are made", made);
  const ck_caches found = ck_caches_in(directory);
  check_near(c, "L1", 0, (double)found.l1.bytes, 48 * KIB, 0);
  check_near(c, "L1's CPUs", 0, (double)found.l1.cpus, 1, 0);
  check_near(c, "L2", 0, (double)found.l2.bytes, MIB, 0);
  check_near(c, "L2's CPUs", 0, (double)found.l2.cpus, 2, 0);
  check_near(c, "L3", 0, (double)found.l3.bytes, 32 * MIB, 0);
  check_near(c, "L3's CPUs", 0, (double)found.l3.cpus, 16, 0);
  for (size_t i = 0; i < COUNT(files); i++) {
    for (size_t j = 0; j < COUNT(names); j++) {
      snprintf(path, sizeof path, "%s/index%zu/%s", directory, i, names[j]);
      removed = remove(path) == 0 && removed;
    }
    snprintf(path, sizeof path, "%s/index%zu", directory, i);
    removed = rmdir(path) == 0 && removed;
  }
  check_that(c, "files are removed", rmdir(directory) == 0 && removed);
  const ck_caches absent = ck_caches_in("/nowhere");
  check_near(c, "bytes where there is no directory", 0,
             (double)(absent.l1.bytes + absent.l2.bytes + absent.l3.bytes), 0, 0);
}

void suite_caches(check *c) {
  static const size_t tiles[][2] = {{12, 32}, {6, 16}, {8, 12}, {4, 8}};
  check_case(c, "this machine's caches");
  const ck_caches here = ck_machine_caches();
  check_that(c, "L1 and L2 are known", here.l1.bytes > 0 && here.l1.cpus > 0 && here.l2.bytes > 0 && here.l2.cpus > 0);
  if (ck_table_isa(c->kernels) == CK_PORTABLE) {  // no kernel has a part in it
    for (size_t i = 0; i < COUNT(machines); i++) {
      for (size_t t = 0; t < COUNT(tiles); t++) test_blocks(c, machines[i], tiles[t][0], tiles[t][1]);
    }
    test_known_blocks(c);
    test_directory(c);
  }
  // Several blocks along all sides; B^T whose tiles are packed one by one; few rows of a large B.
  static const size_t shapes[][3] = {{530, 801, 300}, {40, 420, 130}, {20, 1100, 520}};
  for (size_t s = 0; s < (c->quick ? 2 : COUNT(shapes)); s++) {
    for (int transposes = 0; transposes < 4; transposes++) {
      test_bits(c, shapes[s][0], shapes[s][1], shapes[s][2], transposes & 1, transposes >> 1);
    }
  }
}
