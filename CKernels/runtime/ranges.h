// Splits element-wise work into ranges for the pool.
#ifndef CK_RUNTIME_RANGES_H
#define CK_RUNTIME_RANGES_H

#include "CKernels.h"
#include "sizes.h"

// Handles elements, or rows, first ..< end of what `task` describes: the struct that is named after the kernel.
typedef void (*ck_range_kernel)(const void *task, size_t first, size_t end);

// Runs `kernel` over 0 ..< n, in ranges of at least `grain` elements where there is enough of them to share out. Ranges
// begin at multiples of 16, so that no two of them meet in a cache line or within a vector.
void ck_for_ranges(size_t n, size_t grain, ck_range_kernel kernel, const void *task);

// The same over rows, of which a few may be all the work: ranges begin anywhere.
void ck_for_rows(size_t n, size_t grain, ck_range_kernel kernel, const void *task);

// The length of the chunks that a sum over n numbers is cut into, at most CK_CHUNKS: it depends on n alone, so that
// merging the chunks in order gives the same bits on any number of threads. None is so small that a thread is not worth
// it.
enum { CK_CHUNKS = 64 };
size_t ck_chunk_length(size_t n);

// As ck_range_kernel; returns a sum over the range.
typedef double (*ck_sum_kernel)(const void *task, size_t first, size_t end);

// The sum of `kernel` over 0 ..< n, in at most CK_CHUNKS chunks of `length`, added in their order.
double ck_sum_chunks(size_t n, size_t length, ck_sum_kernel kernel, const void *task);

// As ck_range_kernel; adds several sums over the range to sums[0], sums[1] ..., at most CK_SUMS.
enum { CK_SUMS = 4 };
typedef void (*ck_sums_kernel)(const void *task, size_t first, size_t end, double *sums);

// sums[0 ..< count] = those of `kernel` over 0 ..< n, in chunks of ck_chunk_length(n), added in their order.
void ck_sums_of_chunks(size_t n, size_t count, ck_sums_kernel kernel, const void *task, double *sums);

// Whether an output of n floats is so large that whoever reads it next will not find it in a cache, and whether rows of
// `row` floats (n where it has none) all begin on a boundary of 64 bytes: then stores may bypass the caches.
bool ck_streams(size_t n, size_t row, const float *out);

#endif
