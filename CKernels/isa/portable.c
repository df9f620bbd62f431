// The portable kernels: plain C, left to the compiler. The oracle and the fallback of the others.
#include "kernels.h"
#include <float.h>
#include <math.h>
#include <string.h>

#define CK_TABLE_NAME ck_kernels_portable
#define CK_TABLE_ISA CK_PORTABLE
#define MR 4
#define NR_VECTORS 2

#include "../simd/vector_portable.h"
#include "kernels_body.h"
