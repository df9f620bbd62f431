// Scratch memory for one participant of a kernel call: sized for the largest packed blocks, once, for ever.
#ifndef CK_RUNTIME_WORKSPACE_H
#define CK_RUNTIME_WORKSPACE_H

#include "CKernels.h"

enum {
  CK_PACKED_A_FLOATS = 2048 * 272 + 64,  // the tallest block of rows times the deepest block of k, and a vector's overrun
  CK_PACKED_B_FLOATS = 800 * 272 + 64,
};

// A workspace no one else holds. Taken from those released before; created where there is none.
ck_workspace *ck_workspace_acquire(void);
void ck_workspace_release(ck_workspace *workspace);

float *ck_workspace_packed_a(ck_workspace *workspace);  // 64-byte aligned
float *ck_workspace_packed_b(ck_workspace *workspace);

#endif
