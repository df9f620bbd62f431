// Scratch memory for one participant of a kernel call: sized for the largest packed blocks, once, for ever.
#ifndef CK_RUNTIME_SCRATCH_H
#define CK_RUNTIME_SCRATCH_H

#include "CKernels.h"

enum {
  // A product's tallest block of rows times its deepest of k is 2048 x 272; 64 tiles of 256 channels take more
  // (Winograd), and its weight gradient with sums in double still more. Winograd's outputs take more than the widest
  // packed block of B, 272 x 768.
  CK_PACKED_A_FLOATS = 36 * (64 * 272 + 384) + 64,
  CK_PACKED_B_FLOATS = 824 * 272 + 64,
};

// Scratch memory that no one else holds. Taken from those released before; created where there is none.
ck_scratch *ck_scratch_acquire(void);
void ck_scratch_release(ck_scratch *scratch);

// As ck_parallel_for, on this thread alone: for work that is not worth a hand-over.
void ck_serial_for(size_t count, ck_task task, void *context);

float *ck_scratch_packed_a(ck_scratch *scratch);  // 64-byte aligned
float *ck_scratch_packed_b(ck_scratch *scratch);

#endif
