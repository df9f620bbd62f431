// One instruction set's kernels. Each isa/*.c includes this after its vector vocabulary, inside its target region;
// the bodies below are written once and compiled here once per instruction set.

// Whether there are 16 vector registers, and a product's tile holds 12 sums or fewer; else 32.
#define FEW_REGISTERS (MR * NR_VECTORS < 24)

#include "../simd/vector_double.h"
#include "../simd/vector_math.h"

#include "../simd/vector_loops.h"

#include "../gemm/finish_body.h"
#include "../gemm/tile_body.h"
#include "../gemm/dot_tile_body.h"
#include "../gemm/pack_body.h"
#include "../conv/window_body.h"
#include "../conv/direct_pixels/correlate_tile_body.h"
#include "../conv/direct_pixels/weight_tile_body.h"
#include "../conv/direct_filters/tile_body.h"
#include "../conv/winograd/transforms_body.h"
#include "../elementwise/activation_body.h"
#include "../elementwise/arithmetic_body.h"
#include "../reduce/moments_body.h"
#include "../reduce/column_moments_body.h"
#include "../reduce/sum_body.h"
#include "../reduce/sums_body.h"
#include "../norm/norm_sums_body.h"
#include "../norm/norm_moments_body.h"
#include "../norm/batch_norm_body.h"
#include "../norm/batch_norm_gradient_body.h"
#include "../norm/layer_norm_body.h"
#include "../pool/pool_body.h"
#include "../loss/loss_body.h"
#include "../update/update_body.h"
#include "../update/adam_double_body.h"
#include "../update/soaa_body.h"
#include "../update/direction_body.h"
#include "../update/fisher_body.h"
#include "../update/ramda_body.h"
#include "../update/factored_body.h"
#include "../update/nadamw_body.h"
#include "../update/schedule_free_body.h"
#include "../update/learning_rate_free_body.h"
#include "../random/random_body.h"
#include "../probe/probe_body.h"

static const ck_gemm_kernels gemm_kernels = {
    .mr = MR,
    .nr = NR,
    .gemm_panel = gemm_panel,
    .gemm_dot = gemm_dot,
    .pack_a = pack_a,
    .transpose = transpose,
    .pack_b = pack_b,
};

static const ck_conv_kernels conv_kernels = {
    .weight_rows = WEIGHT_ROWS,
    .weight_columns = WEIGHT_COLUMNS,
    .conv_vectors = conv_vectors,
    .conv_tile = conv_tile,
    .weight_tile = weight_tile,
    .filter_columns = FILTER_COLUMNS,
    .filter_rows = filter_rows,
    .filter_tile = filter_tile,
    .window = window,
    .images_from_vectors = images_from_vectors,
    .winograd_inputs = winograd_inputs,
    .winograd_gradients = winograd_gradients,
    .winograd_outputs = winograd_outputs,
    .winograd_filters = winograd_filters,
    .winograd_taps = winograd_taps,
};

static const ck_elementwise_kernels elementwise_kernels = {CK_ELEMENTWISE_KERNELS(CK_KERNEL_ENTRY)};
static const ck_reduce_kernels reduce_kernels = {CK_REDUCE_KERNELS(CK_KERNEL_ENTRY)};
static const ck_norm_kernels norm_kernels = {CK_NORM_KERNELS(CK_KERNEL_ENTRY)};
static const ck_pool_kernels pool_kernels = {CK_POOL_KERNELS(CK_KERNEL_ENTRY)};
static const ck_loss_kernels loss_kernels = {CK_LOSS_KERNELS(CK_KERNEL_ENTRY)};
static const ck_update_kernels update_kernels = {CK_UPDATE_KERNELS(CK_KERNEL_ENTRY)};
static const ck_random_kernels random_kernels = {CK_RANDOM_KERNELS(CK_KERNEL_ENTRY)};

static const ck_probe_kernels probe_kernels = {
    .peak_fma = peak_fma,
    .read_sum = read_sum,
    .copy = copy,
    .copy_around = copy_around,
};

const ck_kernels CK_TABLE_NAME = {
    .isa = CK_TABLE_ISA,
    .lanes = V_LANES,
    .gemm = &gemm_kernels,
    .conv = &conv_kernels,
    .elementwise = &elementwise_kernels,
    .reduce = &reduce_kernels,
    .norm = &norm_kernels,
    .pool = &pool_kernels,
    .loss = &loss_kernels,
    .update = &update_kernels,
    .random = &random_kernels,
    .probe = &probe_kernels,
    .stream_end = v_stream_end,
};
