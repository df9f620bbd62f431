// The portable kernels: plain C, left to the compiler. The oracle and the fallback of the others.
#include "../common/kernels.h"
#include <float.h>
#include <math.h>
#include <string.h>

#define CK_TABLE_NAME ck_kernels_portable
#define CK_TABLE_ISA CK_PORTABLE
#define TILE_ROWS 4
#define TILE_VECTORS 2

#include "../common/vector_portable.h"
#include "../common/table_body.h"
