// The NEON kernels: 8 x 12 tiles hold 24 of the 32 registers as sums. Every aarch64 CPU has these instructions.
#if defined(__aarch64__)
#include "kernels.h"
#include <float.h>
#include <math.h>
#include <string.h>
#include <arm_neon.h>

#define CK_TABLE_NAME ck_kernels_neon
#define CK_TABLE_ISA CK_NEON
#define MR 8
#define NR_VECTORS 3

#include "../simd/vector_neon.h"
#include "kernels_body.h"
#endif
