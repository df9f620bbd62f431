// One instruction set's kernels. Each isa/*.c includes this after its vector vocabulary, inside its target region;
// the bodies below are written once and compiled here once per instruction set.
#include "vector_double.h"
#include "vector_math.h"

// Runs WHOLE at every whole vector of 0 ..< n, then TAIL once for the last `tail` < V_LANES lanes.
#define V_FOR(n, WHOLE, TAIL)                             \
  do {                                                    \
    size_t i = 0;                                         \
    for (; i + V_LANES <= (n); i += V_LANES) { WHOLE; }   \
    if (i < (n)) { const size_t tail = (n) - i; TAIL; }   \
  } while (0)

// BODY(LOAD, STORE) for each vector of 0 ..< n at index i, which writes to what it does not read: past the caches if
// `stream`, and lane by lane in the tail.
#define V_MAP(n, stream, BODY)                                                   \
  do {                                                                           \
    size_t i = 0;                                                                \
    if (stream) {                                                                \
      for (; i + V_LANES <= (n); i += V_LANES) { BODY(v_load, v_stream); }       \
    } else {                                                                     \
      for (; i + V_LANES <= (n); i += V_LANES) { BODY(v_load, v_store); }        \
    }                                                                            \
    if (i < (n)) { const size_t tail = (n) - i; BODY(LOAD_TAIL, STORE_TAIL); }   \
  } while (0)
#define LOAD_TAIL(p) v_load_n(p, tail)
#define STORE_TAIL(p, x) v_store_n(p, x, tail)

#include "../gemm/tile_body.h"
#include "../gemm/pack_body.h"
#include "../elementwise/activation_body.h"
#include "../elementwise/arithmetic_body.h"
#include "../reduce/moments_body.h"
#include "../reduce/column_moments_body.h"
#include "../reduce/sums_body.h"
#include "../loss/loss_body.h"
#include "../update/update_body.h"
#include "../update/factored_body.h"
#include "../random/random_body.h"
#include "../probe/probe_body.h"

const ck_kernels CK_TABLE_NAME = {
    .isa = CK_TABLE_ISA,
    .tile_rows = TILE_ROWS,
    .tile_columns = TILE_COLUMNS,
    .gemm_tile = gemm_tile,
    .pack_a = pack_a,
    .pack_b = pack_b,
    .stream_end = v_stream_end,
    .activation_forward = activation_forward,
    .activation_backward = activation_backward,
    .bias_relu = bias_relu,
    .axpy = axpy,
    .scale = scale,
    .multiply = multiply,
    .clamp = clamp,
    .moments = moments,
    .column_moments = column_moments,
    .column_sums = column_sums,
    .dot = dot,
    .column_dots = column_dots,
    .softmax_cross_entropy = softmax_cross_entropy,
    .squared_error = squared_error,
    .momentum = momentum_step,
    .adam = adam,
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
};
