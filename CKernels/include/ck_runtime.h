// Which instruction set runs: detection, names, and the table that holds one instruction set's kernels.
#ifndef CK_RUNTIME_H
#define CK_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ck_isa {
  CK_PORTABLE = 0,  // plain C, any CPU
  CK_NEON = 1,      // aarch64
  CK_AVX2 = 2,      // x86-64 with AVX2 and FMA
  CK_AVX512 = 3,    // x86-64 with AVX-512 F, VL, DQ and BW
} ck_isa;
enum { CK_ISA_COUNT = 4 };

// One instruction set's kernels; its members are the library's own business (runtime/kernels.h).
typedef struct ck_kernels ck_kernels;

// "portable", "neon", "avx2", "avx512".
const char *_Nonnull ck_isa_name(ck_isa isa);

// The instruction set of that name; false for any other word.
bool ck_isa_named(const char *_Nonnull name, ck_isa *_Nonnull isa);

// Whether this build has the kernels, the CPU the instructions, and the system saves the registers.
bool ck_isa_available(ck_isa isa);

// The fastest available instruction set.
ck_isa ck_isa_best(void);

// The kernels of `isa`, or NULL where it is not available.
const ck_kernels *_Nullable ck_table(ck_isa isa);

// The instruction set a table is for.
ck_isa ck_table_isa(const ck_kernels *_Nonnull kernels);

// The process-wide table: what `ck_activate` chose last, else what the environment variable SAMT_ISA
// names, else the best. Where SAMT_ISA names something that cannot run here, prints why and aborts:
// programs that would rather answer for themselves call `ck_isa_named` and `ck_activate` first.
const ck_kernels *_Nonnull ck_active(void);

// Makes `isa` the process-wide choice; false, changing nothing, where it is not available.
bool ck_activate(ck_isa isa);

#endif
