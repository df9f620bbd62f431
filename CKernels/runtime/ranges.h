// Splits element-wise work into ranges for the pool.
#ifndef CK_RUNTIME_RANGES_H
#define CK_RUNTIME_RANGES_H

#include "CKernels.h"

// Handles elements first ..< end of what `context` describes.
typedef void (*ck_range_task)(const void *context, size_t first, size_t end);

// Runs `task` over 0 ..< n, in ranges of at least `grain` elements where there is enough of them to share out.
void ck_for_ranges(size_t n, size_t grain, ck_range_task task, const void *context);

#endif
