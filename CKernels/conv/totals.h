// Sums over many blocks: some blocks are added in float, and then their sum in double, so that errors do not grow with
// the number of images.
#ifndef CK_CONV_TOTALS_H
#define CK_CONV_TOTALS_H

#include "conv_kernels.h"

enum { CK_FLOAT_BLOCKS = 128 };

// Floats of workspace for so many sums over so many blocks: totals in double lie behind the sums where there are any.
static inline size_t ck_with_totals(size_t sums, size_t blocks) {
  return blocks > CK_FLOAT_BLOCKS ? round_up(sums, 2) + 2 * sums : sums;
}
static inline double *ck_totals_behind(float *sums, size_t count, size_t blocks) {
  return blocks > CK_FLOAT_BLOCKS ? (double *)(void *)(sums + round_up(count, 2)) : NULL;
}

// Whether block i adds to the float sums of those before it.
static inline bool ck_block_adds(size_t i) { return i % CK_FLOAT_BLOCKS > 0; }

// Takes n sums to their totals where block i is the last of some in float, and totals back where it is the last of all.
// Without totals there is nothing to do.
static inline void ck_add_to_totals(size_t i, size_t blocks, size_t n, float *sums, double *totals) {
  const bool last = i + 1 == blocks;
  if (!totals || (!last && ck_block_adds(i + 1))) return;
  for (size_t k = 0; k < n; k++) {
    const double total = i < CK_FLOAT_BLOCKS ? (double)sums[k] : totals[k] + (double)sums[k];
    if (last) sums[k] = (float)total;
    else totals[k] = total;
  }
}

#endif
