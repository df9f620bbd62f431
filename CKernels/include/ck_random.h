// Counter-based random numbers: Philox 4x32-10 (Salmon, Moraes, Dror and Shaw, SC 2011).
// A number is a function of (key, counter) alone, so a stream can be cut, resumed and filled in parallel.
#ifndef CK_RANDOM_H
#define CK_RANDOM_H

#include "ck_runtime.h"

// The four words of block `counter` under `key`; the upper half of the 128-bit counter is `stream`.
void ck_philox(uint64_t key, uint64_t stream, uint64_t counter, uint32_t out[_Nonnull 4]);

// out[i] = uniform in [0, 1) with 24 bits, from word i % 4 of block counter + i / 4.
void ck_uniform(const ck_kernels *_Nonnull kernels, uint64_t key, uint64_t stream, uint64_t counter, size_t n,
                float *_Nonnull out);

// out[i] = u[i] >= probability ? 1 / (1 - probability) : 0, u as ck_uniform gives it: a dropout mask.
void ck_dropout_mask(const ck_kernels *_Nonnull kernels, uint64_t key, uint64_t stream, uint64_t counter,
                     float probability, size_t n, float *_Nonnull out);

#endif
