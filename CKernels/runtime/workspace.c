// Workspaces, kept between calls: as many exist as were ever held at once. No lock, so a fork can hold none.
#include "workspace.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

struct ck_workspace {
  alignas(64) float packed_a[CK_PACKED_A_FLOATS];
  // A page and a half apart from A's phase, so that equal offsets do not fall into the same cache sets.
  alignas(64) float stagger[16 * 24];
  alignas(64) float packed_b[CK_PACKED_B_FLOATS];
};

static _Atomic(ck_workspace *) released[CK_MAX_THREADS];

ck_workspace *ck_workspace_acquire(void) {
  for (size_t i = 0; i < CK_MAX_THREADS; i++) {
    if (!atomic_load_explicit(&released[i], memory_order_relaxed)) continue;
    ck_workspace *workspace = atomic_exchange(&released[i], NULL);
    if (workspace) return workspace;
  }
  ck_workspace *workspace = aligned_alloc(alignof(ck_workspace), sizeof(ck_workspace));
  if (!workspace) abort();  // three megabytes: nothing else would run either
  return workspace;
}

void ck_workspace_release(ck_workspace *workspace) {
  for (size_t i = 0; i < CK_MAX_THREADS; i++) {
    ck_workspace *none = NULL;
    if (atomic_compare_exchange_strong(&released[i], &none, workspace)) return;
  }
  free(workspace);
}

float *ck_workspace_packed_a(ck_workspace *workspace) { return workspace->packed_a; }
float *ck_workspace_packed_b(ck_workspace *workspace) { return workspace->packed_b; }
