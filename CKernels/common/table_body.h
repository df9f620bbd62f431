// One instruction set's kernels. Each isa/*.c includes this after its vector vocabulary, inside its target region;
// the bodies below are written once and compiled here once per instruction set.
#include "vector_double.h"
#include "vector_math.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")
// Keeps p in a register of its own, instead of being computed from another pointer.
#define KEEP_POINTER(p) __asm__("" : "+r"(p))

// Runs WHOLE at every whole vector of 0 ..< n, then TAIL once for the last `tail` < V_LANES lanes.
#define V_FOR(n, WHOLE, TAIL)                             \
  do {                                                    \
    size_t i = 0;                                         \
    for (; i + V_LANES <= (n); i += V_LANES) { WHOLE; }   \
    if (i < (n)) { const size_t tail = (n) - i; TAIL; }   \
  } while (0)

// The first 1 ... V_LANES lanes, where that is decided at run time but seldom changes.
static inline v_t v_load_up_to(const float *p, size_t n) { return n == V_LANES ? v_load(p) : v_load_n(p, n); }
static inline void v_store_up_to(float *p, v_t x, size_t n) {
  if (n == V_LANES) v_store(p, x);
  else v_store_n(p, x, n);
}

// Loads, and asks for what lies 2 KiB ahead: the CPU's own prefetchers stop at the end of a page, and several streams
// end theirs at once. Not for vectors so narrow that each line would be asked for again and again.
static inline v_t v_load_ahead(const float *p) {
  if (V_LANES >= 8) __builtin_prefetch(p + 512);
  return v_load(p);
}

// BODY(LOAD, STORE) for each vector of 0 ..< n at index i, which writes to what it does not read: past the caches if
// `stream`, and lane by lane in the tail.
#define V_MAP(n, stream, BODY)                                                   \
  do {                                                                           \
    size_t i = 0;                                                                \
    if (stream) {                                                                \
      for (; i + V_LANES <= (n); i += V_LANES) { BODY(v_load_ahead, v_stream); } \
    } else {                                                                     \
      for (; i + V_LANES <= (n); i += V_LANES) { BODY(v_load, v_store); }        \
    }                                                                            \
    if (i < (n)) { const size_t tail = (n) - i; BODY(LOAD_TAIL, STORE_TAIL); }   \
  } while (0)
#define LOAD_TAIL(p) v_load_n(p, tail)
#define STORE_TAIL(p, x) v_store_n(p, x, tail)

#include "../gemm/finish_body.h"
#include "../gemm/tile_body.h"
#include "../gemm/dot_tile_body.h"
#include "../gemm/pack_body.h"
#include "../conv/window_body.h"
#include "../conv/positions/correlate_tile_body.h"
#include "../conv/positions/weight_tile_body.h"
#include "../conv/filters/tile_body.h"
#include "../conv/winograd/transforms_body.h"
#include "../elementwise/activation_body.h"
#include "../elementwise/arithmetic_body.h"
#include "../reduce/moments_body.h"
#include "../reduce/column_moments_body.h"
#include "../reduce/sum_body.h"
#include "../reduce/sums_body.h"
#include "../norm/norm_body.h"
#include "../pool/pool_body.h"
#include "../loss/loss_body.h"
#include "../update/update_body.h"
#include "../update/soaa_body.h"
#include "../update/direction_body.h"
#include "../update/factored_body.h"
#include "../random/random_body.h"
#include "../probe/probe_body.h"

const ck_kernels CK_TABLE_NAME = {
    .isa = CK_TABLE_ISA,
    .lanes = V_LANES,
    .tile_rows = TILE_ROWS,
    .tile_columns = TILE_COLUMNS,
    .gemm_panel = gemm_panel,
    .gemm_dot = gemm_dot,
    .pack_a = pack_a,
    .pack_b = pack_b,
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
    .stream_end = v_stream_end,
    .activation_forward = activation_forward,
    .activation_backward = activation_backward,
    .bias_relu = bias_relu,
    .axpy = axpy,
    .add = add,
    .scale = scale,
    .multiply = multiply,
    .mask_elements = mask_elements,
    .clamp = clamp,
    .moments = moments,
    .column_moments = column_moments,
    .column_sums = column_sums,
    .dot = dot,
    .sum = sum_run,
    .column_dots = column_dots,
    .batch_norm = batch_norm,
    .batch_norm_gradient = batch_norm_gradient,
    .channel_affine = channel_affine,
    .layer_norm = layer_norm,
    .layer_norm_gradient = layer_norm_gradient,
    .layer_norm_sums = layer_norm_sums,
    .max_pool = max_pool,
    .max_pool_gradient = max_pool_gradient,
    .average_pool = average_pool,
    .average_pool_gradient = average_pool_gradient,
    .row_means = row_means,
    .fill_rows = fill_rows,
    .mask_rows = mask_rows,
    .softmax_cross_entropy = softmax_cross_entropy,
    .squared_error = squared_error,
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
    .philox = philox_block,
    .uniform = uniform,
    .dropout_mask = dropout_mask,
    .peak_fma = peak_fma,
    .read_sum = read_sum,
    .copy = copy,
    .copy_around = copy_around,
};
