// CKernels: the kernels under SAMT, in C with intrinsics. This is the only header that Swift imports.
//
// Every function takes the kernel table of one instruction set first (`ck_active()` in production, any
// `ck_table(isa)` in a test), trusts its caller about sizes and pointers, and allocates nothing.
// Matrices are row-major; every comment gives the index order. Nothing may alias unless a comment says so.
#ifndef CKERNELS_H
#define CKERNELS_H

#include "ck_runtime.h"
#include "ck_threads.h"
#include "ck_caches.h"
#include "ck_gemm.h"
#include "ck_conv.h"
#include "ck_direction.h"
#include "ck_elementwise.h"
#include "ck_reduce.h"
#include "ck_norm.h"
#include "ck_pool.h"
#include "ck_loss.h"
#include "ck_update.h"
#include "ck_learning_rate_free.h"
#include "ck_schedule_free.h"
#include "ck_random.h"
#include "ck_probe.h"

#endif
