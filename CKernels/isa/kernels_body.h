// One instruction set's kernels. Each isa/*.c includes this after its vector vocabulary, inside its target region;
// the bodies below are written once and compiled here once per instruction set.
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
#include "../update/soaa_body.h"
#include "../update/direction_body.h"
#include "../update/factored_body.h"
#include "../random/random_body.h"
#include "../probe/probe_body.h"

static const ck_gemm_kernels gemm_kernels = {
    .mr = MR,
    .nr = NR,
    .gemm_panel = gemm_panel,
    .gemm_dot = gemm_dot,
    .pack_a = pack_a,
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

static const ck_elementwise_kernels elementwise_kernels = {
    .activation_forward = activation_forward,
    .activation_backward = activation_backward,
    .bias_relu = bias_relu,
    .axpy = axpy,
    .add = add,
    .scale = scale,
    .multiply = multiply,
    .mask_elements = mask_elements,
    .clamp = clamp,
};

static const ck_reduce_kernels reduce_kernels = {
    .moments = moments,
    .column_moments = column_moments,
    .column_sums = column_sums,
    .dot = dot,
    .sum = sum_run,
    .column_dots = column_dots,
};

static const ck_norm_kernels norm_kernels = {
    .batch_norm = batch_norm,
    .batch_norm_gradient = batch_norm_gradient,
    .channel_affine = channel_affine,
    .layer_norm = layer_norm,
    .layer_norm_gradient = layer_norm_gradient,
    .layer_norm_sums = layer_norm_sums,
};

static const ck_pool_kernels pool_kernels = {
    .max_pool = max_pool,
    .max_pool_gradient = max_pool_gradient,
    .average_pool = average_pool,
    .average_pool_gradient = average_pool_gradient,
    .row_means = row_means,
    .fill_rows = fill_rows,
    .mask_rows = mask_rows,
};

static const ck_loss_kernels loss_kernels = {
    .softmax_cross_entropy = softmax_cross_entropy,
    .squared_error = squared_error,
};

static const ck_update_kernels update_kernels = {
    .momentum = momentum_step,
    .adam = adam,
    .soaa_moments = soaa_moments,
    .soaa_step = soaa_step,
    .nadam_direction = nadam_direction,
    .blended_momentum = blended_momentum,
    .path_sums = path_sums,
    .average = average_step,
    .descend = descend,
    .descend_elements = descend_elements,
    .descend_factored = descend_factored,
    .factored_gradient = factored_gradient,
};

static const ck_random_kernels random_kernels = {
    .philox = philox_block,
    .uniform = uniform,
    .dropout_mask = dropout_mask,
};

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
