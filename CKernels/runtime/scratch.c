// Scratch memory, kept between calls: as many exist as were ever held at once. No lock, so a fork can hold none.
#include "scratch.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

struct ck_scratch {
  alignas(64) float packed_a[CK_PACKED_A_FLOATS];
  // A page and a half apart from A's phase, so that equal offsets do not fall into the same cache sets.
  alignas(64) float stagger[16 * 24];
  alignas(64) float packed_b[CK_PACKED_B_FLOATS];
};

static _Atomic(ck_scratch *) released[CK_MAX_THREADS];

ck_scratch *ck_scratch_acquire(void) {
  for (size_t i = 0; i < CK_MAX_THREADS; i++) {
    if (!atomic_load_explicit(&released[i], memory_order_relaxed)) continue;
    ck_scratch *scratch = atomic_exchange(&released[i], NULL);
    if (scratch) return scratch;
  }
  ck_scratch *scratch = aligned_alloc(alignof(ck_scratch), sizeof(ck_scratch));
  if (!scratch) abort();  // three megabytes: nothing else would run either
  return scratch;
}

void ck_scratch_release(ck_scratch *scratch) {
  for (size_t i = 0; i < CK_MAX_THREADS; i++) {
    ck_scratch *none = NULL;
    if (atomic_compare_exchange_strong(&released[i], &none, scratch)) return;
  }
  free(scratch);
}

float *ck_scratch_packed_a(ck_scratch *scratch) { return scratch->packed_a; }
float *ck_scratch_packed_b(ck_scratch *scratch) { return scratch->packed_b; }
