// The data caches, by whose sizes products are cut into blocks.
#ifndef CK_CACHES_H
#define CK_CACHES_H

#include <stddef.h>

// A cache, and how many CPUs share it; both 0 where there is none.
typedef struct ck_cache {
  size_t bytes, cpus;
} ck_cache;

// The caches that the first CPU reads data through.
typedef struct ck_caches {
  ck_cache l1, l2, l3;
} ck_caches;

// This machine's, asked once. Where the system does not tell: 32 KiB and 1 MiB for each CPU, and 16 MiB for all.
ck_caches ck_machine_caches(void);

// Those that Linux describes in a directory: index0, index1 ..., each with `level`, `type`, `size` (48K) and
// `shared_cpu_list` (0-3,8).
ck_caches ck_caches_in(const char *_Nonnull directory);

#endif
