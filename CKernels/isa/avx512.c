// The AVX-512 kernels: 12 x 32 tiles hold 24 of the 32 registers as sums.
#if defined(__x86_64__)
#include "kernels.h"
#include <float.h>
#include <math.h>
#include <string.h>
#include <immintrin.h>

#define CK_TABLE_NAME ck_kernels_avx512
#define CK_TABLE_ISA CK_AVX512
#define MR 12
#define NR_VECTORS 2

#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma,bmi2"))), apply_to = function)
#include "../simd/vector_avx512.h"
#include "kernels_body.h"
#pragma clang attribute pop
#endif
