// Probes of the machine: the limits that a kernel's speed is held against, in the same instruction set.
#ifndef CK_PROBE_H
#define CK_PROBE_H

#include "ck_runtime.h"

// Each of the ck_threads() threads runs two multiply-adds a round in every one of its independent chains, all in
// registers. Returns the floating-point operations done, two for a multiply-add. *mean becomes the mean over all
// chains' ends: exactly 0.5, for any number of rounds.
double ck_peak_fma(const ck_kernels *_Nonnull kernels, size_t rounds, double *_Nonnull mean);

// Each of the ck_threads() threads reads its own share of x[i], i < n, `passes` times over. Returns the sum of all
// that was read. A probe and no reduction: its rounding depends on the number of threads.
double ck_read_sum(const ck_kernels *_Nonnull kernels, size_t n, const float *_Nonnull x, size_t passes);

// Each of the ck_threads() threads copies its own share, y[i] = x[i], i < n, `passes` times over. Where it goes around
// the caches, stores leave no line of y in them, nor fetch it first; y is then aligned to 64 bytes.
void ck_copy(const ck_kernels *_Nonnull kernels, size_t n, const float *_Nonnull x, float *_Nonnull y, size_t passes,
             bool around_caches);

#endif
