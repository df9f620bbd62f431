// Everything that a table is made of.
#ifndef CK_ISA_KERNELS_H
#define CK_ISA_KERNELS_H

#include "../conv/conv_kernels.h"
#include "../elementwise/elementwise_kernels.h"
#include "../gemm/gemm_kernels.h"
#include "../loss/loss_kernels.h"
#include "../norm/norm_kernels.h"
#include "../pool/pool_kernels.h"
#include "../probe/probe_kernels.h"
#include "../random/random_kernels.h"
#include "../reduce/reduce_kernels.h"
#include "../update/update_kernels.h"

#endif
