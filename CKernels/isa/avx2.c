// The AVX2 kernels: 6 x 16 tiles hold 12 of the 16 registers as sums.
#if defined(__x86_64__)
#include "kernels.h"
#include <float.h>
#include <math.h>
#include <string.h>
#include <immintrin.h>

#define CK_TABLE_NAME ck_kernels_avx2
#define CK_TABLE_ISA CK_AVX2
#define MR 6
#define NR_VECTORS 2

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "../simd/vector_avx2.h"
#include "kernels_body.h"
#pragma clang attribute pop
#endif
