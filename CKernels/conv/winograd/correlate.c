// Forward passes and input gradients.
//
//   for each block of tiles                          V[q][tile][channel], q < 36: the inputs' transforms
//     for each few filters
//       for each few channels                        U[q][channel][filter]: the kernels' transforms
//         M[q] += V[q] U[q]
//       outputs from M
//
// Kernels are transformed anew for each block, unless all of them fit a cache: then once, into the workspace.
#include "../../runtime/scratch.h"
#include "../../gemm/gemm_kernels.h"
#include "tiles.h"
#include "winograd.h"

enum {
  TILES = 64,
  CHANNELS = 64,  // of a chunk of kernels
  STORED_FLOATS = 256 * 1024,
  // Shares of scratch memory, for up to 32 filters; V has all of the other one.
  U_FLOATS = CK_WINOGRAD_FREQUENCIES * (CHANNELS * 32 + CK_FREQUENCY_GAP),
  M_FLOATS = CK_WINOGRAD_FREQUENCIES * (TILES * 32 + CK_FREQUENCY_GAP),
  STAGE_FLOATS = 16 * CK_WINOGRAD_TILE * CK_WINOGRAD_TILE * CK_WINOGRAD_COLUMNS,
};
_Static_assert(M_FLOATS + U_FLOATS + CK_WINDOW_FLOATS + STAGE_FLOATS <= CK_PACKED_B_FLOATS, "scratch memory");
_Static_assert(CHANNELS * 9 * 32 <= CK_WINDOW_FLOATS, "room for taps");

typedef struct plan {
  const correlation *c;
  tiling tiling;
  size_t filters;              // of a chunk of kernels: as many as a tile of a product is wide
  size_t filter_chunks, channel_chunks;
  size_t chunk_floats;
  size_t depth, v_frequency;   // floats of one tile's channels in V; from one frequency to the next
  bool stored;
  chunks splits;               // of the chunks of filters, among threads
} plan;

// A chunk of kernels.
typedef struct chunk {
  size_t filter, filters, channel, channels;
  size_t frequency;            // floats of U from one frequency to the next
} chunk;

static chunk chunk_at(const plan *p, size_t filter_chunk, size_t channel_chunk) {
  chunk h = {.filter = filter_chunk * p->filters, .channel = channel_chunk * CHANNELS};
  h.filters = smaller(p->filters, p->c->filters - h.filter);
  h.channels = smaller(CHANNELS, p->c->channels - h.channel);
  h.frequency = ck_frequency_stride(h.channels * p->filters);
  return h;
}

// Floats of one tile's channels in V: whole vectors, and rows that do not all fall into a few sets of a cache.
static size_t padded_depth(const ck_kernels *kernels, size_t channels) {
  const size_t depth = round_up(channels, kernels->lanes);
  return depth % 256 == 0 ? depth + 16 : depth;
}

size_t ck_winograd_block(const ck_kernels *kernels, size_t channels) {
  const size_t frequency = CK_PACKED_A_FLOATS / CK_WINOGRAD_FREQUENCIES - CK_FREQUENCY_GAP;
  return smaller(TILES, frequency / padded_depth(kernels, channels));
}

// Floats of all chunks where they are stored, else 0.
static size_t stored_floats(const ck_kernels *kernels, size_t filters, size_t channels) {
  const size_t columns = kernels->gemm->nr, chunks = ceil_div(filters, columns) * ceil_div(channels, CHANNELS);
  const size_t floats = chunks * CK_WINOGRAD_FREQUENCIES * ck_frequency_stride(smaller(channels, CHANNELS) * columns);
  return floats <= STORED_FLOATS ? floats : 0;
}

size_t ck_winograd_workspace(const ck_kernels *kernels, const ck_conv *conv) {
  return larger_size(stored_floats(kernels, conv->filters, conv->channels),
                     stored_floats(kernels, conv->channels, conv->filters));
}

// Writes U; `taps` has room for a chunk's.
static void transform_kernels(const plan *p, const chunk *h, float *taps, float *u) {
  const correlation *c = p->c;
  const ck_kernels *k = c->kernels;
  const float *weights = c->weights + h->filter * c->weight_filter + h->channel * c->weight_channel;
  if (c->weight_channel == 9) {
    k->gemm->pack_b(true, h->filters, 9 * h->channels, weights, c->weight_filter, taps);
  } else {
    for (size_t i = 0; i < h->channels; i++) {
      k->gemm->pack_b(true, h->filters, 9, weights + i * c->weight_channel, c->weight_filter,
                      taps + 9 * p->filters * i);
    }
  }
  k->conv->winograd_filters(h->channels, ceil_div(h->filters, k->lanes), c->x.spacing < 0, taps, u, h->frequency);
}

static float *stored_chunk(const plan *p, size_t filter_chunk, size_t channel_chunk) {
  return p->c->workspace + (filter_chunk * p->channel_chunks + channel_chunk) * p->chunk_floats;
}

static void store_kernels(void *context, size_t index, ck_scratch *thread_scratch) {
  const plan *p = context;
  const size_t i = index / p->channel_chunks, j = index % p->channel_chunks;
  const chunk h = chunk_at(p, i, j);
  transform_kernels(p, &h, ck_scratch_packed_b(thread_scratch), stored_chunk(p, i, j));
}

// The outputs of up to `lanes` filters from their products.
static void transform_products(const plan *p, const tile_block *b, size_t filter, const float *products,
                               size_t tile_stride, size_t frequency, float *staging) {
  const correlation *c = p->c;
  const size_t lanes = c->kernels->lanes, count = smaller(lanes, c->filters - filter);
  const size_t plane = c->y.length * c->x.length, left = b->column * CK_WINOGRAD_TILE;
  const size_t width = smaller(b->columns * CK_WINOGRAD_TILE, c->x.length - left);
  const size_t ahead = (b->images > 1 ? c->filters : lanes) * plane;  // the next image's planes, or this one's
  float bias[16];
  for (size_t i = 0; i < lanes; i++) bias[i] = c->bias && i < count ? c->bias[filter + i] : 0.0f;
  ck_winograd_tiles tiles = {.tiles = b->columns, .pitch = width, .columns = width, .tile_stride = tile_stride,
                             .frequency_stride = frequency, .pixels = staging};
  for (size_t image = 0; image < b->images; image++) {
    float *out = c->out + ((b->image + image) * c->filters + filter) * plane + left;
    for (size_t row = 0; row < b->rows; row++, products += b->columns * tile_stride) {
      const size_t top = (b->row + row) * CK_WINOGRAD_TILE;
      tiles.rows = smaller(CK_WINOGRAD_TILE, c->y.length - top);
      tiles.transformed = (float *)products;
      c->kernels->conv->winograd_outputs(&tiles, bias);
      // Whole rows follow each other in the output.
      const size_t runs = width == c->x.length ? 1 : tiles.rows, length = tiles.rows * width / runs;
      for (size_t r = 0; r < runs; r++) {
        c->kernels->conv->images_from_vectors(count, length, staging + r * length * lanes,
                                              out + (top + r) * c->x.length, plane, 1, ahead);
      }
    }
  }
}

// All filters of a split, for one block of tiles.
static void run_task(void *context, size_t index, ck_scratch *thread_scratch) {
  const plan *p = context;
  const correlation *c = p->c;
  const ck_kernels *k = c->kernels;
  const tile_block b = ck_tile_block(&p->tiling, index / p->splits.count);
  const size_t split = index % p->splits.count, tiles = tiles_of(&b), lanes = k->lanes;
  float *const v = ck_scratch_packed_a(thread_scratch), *const m = ck_scratch_packed_b(thread_scratch);
  float *const scratch_u = m + M_FLOATS, *const window = scratch_u + U_FLOATS,
      *const staging = window + CK_WINDOW_FLOATS;

  // The taps of a reversed kernel reach back from where the others begin.
  const ptrdiff_t back = c->x.spacing < 0 ? 2 : 0;
  const tile_source source = {.kernels = k, .pixels = c->source, .planes = c->channels, .height = c->y.source,
                              .width = c->x.source, .top = c->y.first - back, .left = c->x.first - back, .side = 6,
                              .transform = k->conv->winograd_inputs};
  for (size_t channel = 0; channel < c->channels; channel += lanes) {
    ck_transform_block(&source, &b, channel, smaller(lanes, c->channels - channel), window, v + channel, p->depth,
                       p->v_frequency);
  }

  const chunks panels = {tiles, ceil_div(tiles, k->gemm->mr)};
  for (size_t i = chunk_first(p->splits, split), end = i + chunk_length(p->splits, split); i < end; i++) {
    chunk h = chunk_at(p, i, 0);
    const size_t m_stride = round_up(h.filters, lanes), m_frequency = ck_frequency_stride(tiles * m_stride);
    for (size_t j = 0; j < p->channel_chunks; j++) {
      h = chunk_at(p, i, j);
      const float *const u = p->stored ? stored_chunk(p, i, j) : scratch_u;
      if (!p->stored) transform_kernels(p, &h, window, scratch_u);
      for (size_t q = 0; q < CK_WINOGRAD_FREQUENCIES; q++) {
        ck_panel panel = {.columns = h.filters, .k = h.channels, .alpha = 1, .beta = j ? 1 : 0, .a_stride = p->depth,
                          .b = u + q * h.frequency, .b_stride = p->filters, .ldc = m_stride};
        for (size_t n = 0; n < panels.count; n++) {
          const size_t tile = chunk_first(panels, n);
          panel.rows = chunk_length(panels, n);
          panel.a = v + q * p->v_frequency + tile * p->depth + h.channel;
          panel.c = m + q * m_frequency + tile * m_stride;
          k->gemm->gemm_panel(&panel);
        }
      }
    }
    for (size_t f = 0; f < h.filters; f += lanes) {
      transform_products(p, &b, h.filter + f, m + f, m_stride, m_frequency, staging);
    }
  }
}

void ck_winograd_correlate(const correlation *c) {
  const ck_kernels *k = c->kernels;
  const size_t threads = (size_t)ck_threads();
  plan p = {.c = c, .filters = k->gemm->nr, .filter_chunks = ceil_div(c->filters, k->gemm->nr),
            .channel_chunks = ceil_div(c->channels, CHANNELS), .depth = padded_depth(k, c->channels),
            .tiling = ck_tile(c->images, c->y.length, c->x.length, ck_winograd_block(k, c->channels)),
            .stored = stored_floats(k, c->filters, c->channels) != 0};
  p.chunk_floats = CK_WINOGRAD_FREQUENCIES * chunk_at(&p, 0, 0).frequency;
  p.v_frequency = ck_frequency_stride(most_tiles_of(&p.tiling) * p.depth);
  // A split transforms its inputs itself, so there are as few as keep all threads busy.
  p.splits = (chunks){p.filter_chunks, 1};
  while (p.splits.count < p.filter_chunks && p.tiling.count * p.splits.count < 4 * threads &&
         p.tiling.count * p.splits.count % threads != 0) {
    p.splits.count++;
  }
  if (p.stored) ck_parallel_for(p.filter_chunks * p.channel_chunks, store_kernels, &p);
  ck_parallel_for(p.tiling.count * p.splits.count, run_task, &p);
}
