// Weight gradients: transforms of output gradients times those of inputs, summed over tiles, transformed back.
//
//   for each group of filters and channels, and each chunk of the sum
//     for each block of tiles                   V[q][tile][channel], Y[q][tile][filter], q < 36
//       D[q][filter][channel] += Y[q]' V[q]
//     dw from D
#include "../../runtime/scratch.h"
#include "../../elementwise/elementwise_kernels.h"
#include "../../gemm/gemm_kernels.h"
#include "../totals.h"
#include "tiles.h"
#include "winograd.h"

enum { FILTERS = 64, CHANNELS = 64, TILES = 64 };  // of an task; of a block

enum {
  V_FLOATS = CK_WINOGRAD_FREQUENCIES * (TILES * (CHANNELS + 16) + CK_FREQUENCY_GAP),  // whole tiles of a product
  Y_FLOATS = CK_WINOGRAD_FREQUENCIES * (TILES * FILTERS + CK_FREQUENCY_GAP),
  D_FLOATS = CK_WINOGRAD_FREQUENCIES * (FILTERS * CHANNELS + CK_FREQUENCY_GAP),
};
_Static_assert(V_FLOATS + Y_FLOATS + 2 * D_FLOATS <= CK_PACKED_A_FLOATS, "scratch memory");
_Static_assert(D_FLOATS + CK_WINDOW_FLOATS <= CK_PACKED_B_FLOATS, "scratch memory");

typedef struct gradient {
  const ck_kernels *kernels;
  const ck_conv *conv;
  tile_source inputs, gradients;
  float *dw, *chunk_sums;    // chunk_sums: (chunk, filter, channel, 9), unless there is one chunk
  tiling tiling;
  size_t filter_groups, channel_groups, chunk_count;
  size_t row_group;          // filters side by side in Y
} gradient;

static void run_task(void *context, size_t index, ck_scratch *thread_scratch) {
  const gradient *g = context;
  const ck_kernels *k = g->kernels;
  const size_t lanes = k->lanes, width = k->gemm->nr;
  const size_t chunk = index % g->chunk_count, rest = index / g->chunk_count;
  const size_t channel = rest % g->channel_groups * CHANNELS, filter = rest / g->channel_groups * FILTERS;
  const size_t channels = smaller(CHANNELS, g->conv->channels - channel);
  const size_t filters = smaller(FILTERS, g->conv->filters - filter);
  const size_t most = most_tiles_of(&g->tiling);
  float *const v = ck_scratch_packed_a(thread_scratch), *const y = v + V_FLOATS;
  float *const d = ck_scratch_packed_b(thread_scratch), *const window = d + D_FLOATS;
  const size_t v_tile = most * width, v_frequency = ck_frequency_stride(ceil_div(channels, width) * v_tile);
  const size_t y_group = most * g->row_group;
  const size_t y_frequency = ck_frequency_stride(ceil_div(filters, g->row_group) * y_group);
  const size_t d_stride = round_up(channels, lanes), d_frequency = ck_frequency_stride(filters * d_stride);

  const chunks blocks = {g->tiling.count, g->chunk_count};
  const size_t count = chunk_length(blocks, chunk);
  double *const totals = count > CK_FLOAT_BLOCKS ? (double *)(void *)(y + Y_FLOATS) : NULL;
  for (size_t i = 0; i < count; i++) {
    const tile_block b = ck_tile_block(&g->tiling, chunk_first(blocks, chunk) + i);
    for (size_t c = 0; c < channels; c += lanes) {
      ck_transform_block(&g->inputs, &b, channel + c, smaller(lanes, channels - c), window,
                         v + c / width * v_tile + c % width, width, v_frequency);
    }
    for (size_t f = 0; f < filters; f += lanes) {
      ck_transform_block(&g->gradients, &b, filter + f, smaller(lanes, filters - f), window,
                         y + f / g->row_group * y_group + f % g->row_group, g->row_group, y_frequency);
    }
    for (size_t q = 0; q < CK_WINOGRAD_FREQUENCIES; q++) {
      ck_panel panel = {.columns = channels, .k = tiles_of(&b), .alpha = 1, .beta = ck_block_adds(i) ? 1 : 0,
                        .a_by_columns = true,
                        .a_stride = g->row_group, .b = v + q * v_frequency, .b_stride = width, .b_tile = v_tile,
                        .ldc = d_stride};
      for (size_t f = 0; f < filters; f += g->row_group) {
        const size_t rows = smaller(g->row_group, filters - f);
        const chunks panels = {rows, ceil_div(rows, k->gemm->mr)};
        for (size_t j = 0; j < panels.count; j++) {
          const size_t row = chunk_first(panels, j);
          panel.rows = chunk_length(panels, j);
          panel.a = y + q * y_frequency + f / g->row_group * y_group + row;
          panel.c = d + q * d_frequency + (f + row) * d_stride;
          k->gemm->gemm_panel(&panel);
        }
      }
    }
    ck_add_to_totals(i, count, CK_WINOGRAD_FREQUENCIES * d_frequency, d, totals);
  }

  const size_t all = g->conv->channels;
  float *out = g->chunk_count == 1 ? g->dw : g->chunk_sums + chunk * g->conv->filters * all * 9;
  float *const taps = window;
  for (size_t f = 0; f < filters; f++) {
    for (size_t c = 0; c < channels; c += lanes) {
      k->conv->winograd_taps(d + f * d_stride + c, d_frequency, taps);
      k->conv->images_from_vectors(smaller(lanes, channels - c), 9, taps,
                                   out + ((filter + f) * all + channel + c) * 9, 9, 1, 0);
    }
  }
}

// Adds the chunks of a range of weights, in their order.
static void add_chunks(void *context, size_t index, ck_scratch *thread_scratch) {
  (void)thread_scratch;
  const gradient *g = context;
  const size_t n = g->conv->channels * 9;
  float *out = g->dw + index * n;
  for (size_t chunk = 0; chunk + 1 < g->chunk_count; chunk++) {
    const float *next = g->chunk_sums + ((chunk + 1) * g->conv->filters + index) * n;
    const ck_add_task task = {.x = chunk ? out : g->chunk_sums + index * n, .y = next, .z = out};
    g->kernels->elementwise->add(&task, 0, n);
  }
}

// Where few filters and channels make few tasks, the sum is cut, whatever the number of threads.
static size_t chunk_count(const ck_conv *conv, const tiling *t) {
  enum { ITEMS = 8, BLOCKS = 2 };
  const size_t tasks = ceil_div(conv->filters, FILTERS) * ceil_div(conv->channels, CHANNELS);
  return smaller(ceil_div(ITEMS, tasks), larger_size(1, t->count / BLOCKS));
}

static tiling tiling_of(const ck_conv *conv) {
  return ck_tile(conv->images, ck_conv_output_height(conv), ck_conv_output_width(conv), TILES);
}

size_t ck_winograd_weight_workspace(const ck_conv *conv) {
  const tiling t = tiling_of(conv);
  const size_t chunk_sums = chunk_count(conv, &t);
  return chunk_sums == 1 ? 0 : chunk_sums * conv->filters * conv->channels * 9;
}

void ck_winograd_weight_gradient(const ck_kernels *kernels, const ck_conv *conv, const float *x, const float *dy,
                                 float *dw, float *workspace) {
  gradient g = {.kernels = kernels, .conv = conv, .dw = dw, .chunk_sums = workspace,
                .inputs = {.kernels = kernels, .pixels = x, .planes = conv->channels, .height = conv->height,
                           .width = conv->width, .top = -(ptrdiff_t)conv->padding_height,
                           .left = -(ptrdiff_t)conv->padding_width, .side = 6,
                               .transform = kernels->conv->winograd_inputs},
                .gradients = {.kernels = kernels, .pixels = dy, .planes = conv->filters,
                              .height = ck_conv_output_height(conv), .width = ck_conv_output_width(conv), .side = 4,
                              .transform = kernels->conv->winograd_gradients},
                .tiling = tiling_of(conv),
                .filter_groups = ceil_div(conv->filters, FILTERS),
                .channel_groups = ceil_div(conv->channels, CHANNELS),
                .row_group = kernels->lanes * larger_size(1, kernels->gemm->mr / kernels->lanes)};
  g.chunk_count = chunk_count(conv, &g.tiling);
  ck_parallel_for(g.filter_groups * g.channel_groups * g.chunk_count, run_task, &g);
  if (g.chunk_count > 1) ck_parallel_for(conv->filters, add_chunks, &g);
}
