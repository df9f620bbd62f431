// Chooses the kernel table: by name, by what the CPU and the system can do, or by the environment.
#include "kernels.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const ck_kernels ck_kernels_portable;
#if defined(__aarch64__)
extern const ck_kernels ck_kernels_neon;
#endif
#if defined(__x86_64__)
#include <cpuid.h>
extern const ck_kernels ck_kernels_avx2, ck_kernels_avx512;

// The register states that the operating system saves, from XCR0; 0 where it says nothing.
static unsigned saved_states(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE)) return 0;
  unsigned low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

static bool cpu_has_avx2(void) {
  enum { XMM_YMM = 0x06 };
  unsigned a, b, c, d, b7, c7, d7;
  return (saved_states() & XMM_YMM) == XMM_YMM && __get_cpuid(1, &a, &b, &c, &d) && (c & bit_FMA) && (c & bit_AVX) &&
         __get_cpuid_count(7, 0, &a, &b7, &c7, &d7) && (b7 & bit_AVX2) && (b7 & bit_BMI2);
}

static bool cpu_has_avx512(void) {
  enum { XMM_YMM_OPMASK_ZMM = 0xe6 };
  const unsigned wanted = bit_AVX512F | bit_AVX512VL | bit_AVX512DQ | bit_AVX512BW;
  unsigned a, b, c, d;
  return cpu_has_avx2() && (saved_states() & XMM_YMM_OPMASK_ZMM) == XMM_YMM_OPMASK_ZMM &&
         __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & wanted) == wanted;
}
#endif

static const char *const names[CK_ISA_COUNT] = {"portable", "neon", "avx2", "avx512"};

const char *ck_isa_name(ck_isa isa) { return names[isa]; }

bool ck_isa_named(const char *name, ck_isa *isa) {
  for (int i = 0; i < CK_ISA_COUNT; i++) {
    if (strcmp(name, names[i]) == 0) {
      *isa = (ck_isa)i;
      return true;
    }
  }
  return false;
}

const ck_kernels *ck_table(ck_isa isa) {
  switch (isa) {
    case CK_PORTABLE: return &ck_kernels_portable;
#if defined(__aarch64__)
    case CK_NEON: return &ck_kernels_neon;
#endif
#if defined(__x86_64__)
    case CK_AVX2: return cpu_has_avx2() ? &ck_kernels_avx2 : NULL;
    case CK_AVX512: return cpu_has_avx512() ? &ck_kernels_avx512 : NULL;
#endif
    default: return NULL;
  }
}

bool ck_isa_available(ck_isa isa) { return ck_table(isa) != NULL; }

ck_isa ck_table_isa(const ck_kernels *kernels) { return kernels->isa; }

ck_isa ck_isa_best(void) {
  for (int i = CK_ISA_COUNT - 1; i > 0; i--) {
    if (ck_isa_available((ck_isa)i)) return (ck_isa)i;
  }
  return CK_PORTABLE;
}

static _Atomic(const ck_kernels *) active;

static const ck_kernels *choose(void) {
  const char *wanted = getenv("SAMT_ISA");
  ck_isa isa = ck_isa_best();
  if (wanted && *wanted && (!ck_isa_named(wanted, &isa) || !ck_isa_available(isa))) {
    fprintf(stderr, "SAMT_ISA=%s cannot run here; available:", wanted);
    for (int i = 0; i < CK_ISA_COUNT; i++) {
      if (ck_isa_available((ck_isa)i)) fprintf(stderr, " %s", names[i]);
    }
    fputc('\n', stderr);
    abort();
  }
  // Racing first calls choose alike; one that lost to ck_activate gives way to it.
  const ck_kernels *none = NULL;
  const ck_kernels *chosen = ck_table(isa);
  return atomic_compare_exchange_strong(&active, &none, chosen) ? chosen : none;
}

const ck_kernels *ck_active(void) {
  const ck_kernels *kernels = atomic_load_explicit(&active, memory_order_acquire);
  return kernels ? kernels : choose();
}

bool ck_activate(ck_isa isa) {
  const ck_kernels *kernels = ck_table(isa);
  if (kernels) atomic_store_explicit(&active, kernels, memory_order_release);
  return kernels != NULL;
}
