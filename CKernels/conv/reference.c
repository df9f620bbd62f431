// Convolutions as matrix products: blocks of the matrix that ck_im2col() would make, in thread scratch.
//
//   y = W columns,  columns' gradient = W' dy,  dW = dy columns'
//
// with columns[(channel, tap row, tap column), position]. A block is a range of its rows ("taps", of some channels) and
// of its columns (positions, along the output's rows), so that any shape fits. Blocks depend on the shape alone: the
// same bits always.
#include "reference.h"
#include "../elementwise/elementwise_kernels.h"

#include "../runtime/scratch.h"

#include <string.h>

typedef struct range {
  size_t first, count;
} range;

typedef struct reference {
  const ck_kernels *kernels;
  const ck_conv *conv;
  size_t channels, filters, taps, depth;         // of a group: channels times taps is the depth
  size_t out_width, positions, pixels;           // of an output plane, of an image plane
  const float *x, *w, *dy, *bias;
  float *out;
  chunks position_blocks, tap_blocks, filter_blocks;
} reference;

static reference reference_of(const ck_kernels *kernels, const ck_conv *conv) {
  const size_t taps = conv->kernel_height * conv->kernel_width, width = ck_conv_output_width(conv);
  return (reference){.kernels = kernels, .conv = conv, .channels = conv->channels / conv->groups,
                     .filters = conv->filters / conv->groups, .taps = taps,
                     .depth = conv->channels / conv->groups * taps, .out_width = width,
                     .positions = ck_conv_output_height(conv) * width, .pixels = conv->height * conv->width};
}

static chunks blocks_of(size_t total, size_t most) { return (chunks){total, ceil_div(total, most)}; }
static range block_at(chunks p, size_t index) { return (range){chunk_first(p, index), chunk_length(p, index)}; }

// A row of the matrix within one row of the output: positions j of it that read `pixel` + j stride of the image.
typedef struct row_segment {
  size_t at, count;          // of the block's row
  size_t first, end;         // of its entries, those inside the image
  ptrdiff_t pixel;           // of the first entry, which may lie outside
} row_segment;

// The segment that begins at `position` for one tap.
static row_segment segment_at(const reference *r, range positions, size_t position, size_t tap) {
  const ck_conv *c = r->conv;
  const size_t i = position / r->out_width, j = position % r->out_width, tap_in_channel = tap % r->taps;
  const size_t s = tap_in_channel / c->kernel_width, t = tap_in_channel % c->kernel_width;
  const ptrdiff_t row = (ptrdiff_t)(i * c->stride_height + s * c->dilation_height) - (ptrdiff_t)c->padding_height;
  const ptrdiff_t column = (ptrdiff_t)(j * c->stride_width + t * c->dilation_width) - (ptrdiff_t)c->padding_width;
  const size_t end = positions.first + positions.count;
  row_segment g = {.at = position - positions.first, .count = smaller(r->out_width - j, end - position)};
  if (row < 0 || row >= (ptrdiff_t)c->height) return g;
  const ptrdiff_t reach = (ptrdiff_t)c->width - column;
  g.end = reach <= 0 ? 0 : smaller(g.count, ceil_div((size_t)reach, c->stride_width));
  g.first = smaller(column < 0 ? ceil_div((size_t)-column, c->stride_width) : 0, g.end);
  g.pixel = ((ptrdiff_t)(tap / r->taps * c->height) + row) * (ptrdiff_t)c->width + column;
  return g;
}

// columns[tap, position] of a block, from the first channel of a group of an image.
static void copy_columns(const reference *r, const float *image, range taps, range positions, float *columns) {
  const size_t stride = r->conv->stride_width, end = positions.first + positions.count;
  for (size_t tap = taps.first; tap < taps.first + taps.count; tap++, columns += positions.count) {
    for (size_t position = positions.first, count; position < end; position += count) {
      const row_segment g = segment_at(r, positions, position, tap);
      float *const to = columns + g.at;
      count = g.count;
      memset(to, 0, g.first * sizeof *to);
      if (stride == 1 && g.first < g.end) {
        memcpy(to + g.first, image + g.pixel + (ptrdiff_t)g.first, (g.end - g.first) * sizeof *to);
      } else {
        for (size_t j = g.first; j < g.end; j++) to[j] = image[g.pixel + (ptrdiff_t)(j * stride)];
      }
      memset(to + g.end, 0, (g.count - g.end) * sizeof *to);
    }
  }
}

// Adds columns[tap, position] of a block to the pixels that they came from.
static void add_columns(const reference *r, const float *columns, range taps, range positions, float *image) {
  const size_t stride = r->conv->stride_width, end = positions.first + positions.count;
  for (size_t tap = taps.first; tap < taps.first + taps.count; tap++, columns += positions.count) {
    for (size_t position = positions.first, count; position < end; position += count) {
      const row_segment g = segment_at(r, positions, position, tap);
      const float *const from = columns + g.at;
      count = g.count;
      if (stride == 1 && g.first < g.end) {
        const ck_axpy_task task = {1, from + g.first, image + g.pixel + (ptrdiff_t)g.first};
        r->kernels->elementwise->axpy(&task, 0, g.end - g.first);
      } else {
        for (size_t j = g.first; j < g.end; j++) image[g.pixel + (ptrdiff_t)(j * stride)] += from[j];
      }
    }
  }
}

// Blocks of columns of 512 KiB: most of a second-level cache.
enum { TAPS = 512, POSITIONS = 256 };
_Static_assert(TAPS * POSITIONS <= CK_PACKED_A_FLOATS, "scratch memory");

static void forward_block(void *context, size_t index, ck_scratch *thread_scratch) {
  const reference *r = context;
  const range positions = block_at(r->position_blocks, index % r->position_blocks.count);
  const size_t plane = index / r->position_blocks.count, image = plane / r->conv->groups;
  const size_t group = plane % r->conv->groups;
  const float *x = r->x + plane * r->channels * r->pixels, *w = r->w + group * r->filters * r->depth;
  float *const columns = ck_scratch_packed_a(thread_scratch);
  float *const y = r->out + (image * r->conv->filters + group * r->filters) * r->positions + positions.first;
  for (size_t b = 0; b < r->tap_blocks.count; b++) {
    const range taps = block_at(r->tap_blocks, b);
    copy_columns(r, x, taps, positions, columns);
    ck_gemm(r->kernels, &(ck_gemm_args){.m = r->filters, .n = positions.count, .k = taps.count, .alpha = 1,
                                        .beta = b > 0, .a = w + taps.first, .lda = r->depth, .b = columns,
                                        .ldb = positions.count, .c = y, .ldc = r->positions});
  }
  for (size_t f = 0; f < r->filters; f++) {
    float *const row = y + f * r->positions;
    const float bias = r->bias ? r->bias[group * r->filters + f] : 0;
    for (size_t p = 0; r->bias && p < positions.count; p++) row[p] += bias;
  }
}

void ck_reference_forward(const ck_kernels *kernels, const ck_conv *conv, const float *x, const float *w,
                          const float *bias, float *y) {
  reference r = reference_of(kernels, conv);
  r.x = x, r.w = w, r.bias = bias, r.out = y;
  r.position_blocks = blocks_of(r.positions, POSITIONS), r.tap_blocks = blocks_of(r.depth, TAPS);
  ck_parallel_for(conv->images * conv->groups * r.position_blocks.count, forward_block, &r);
}

// The input gradient of some channels of one image, which share blocks where their taps are few.
static void input_gradient_channels(void *context, size_t index, ck_scratch *thread_scratch) {
  const reference *r = context;
  const range channels = block_at(r->tap_blocks, index % r->tap_blocks.count);  // of a group
  const size_t plane = index / r->tap_blocks.count, image = plane / r->conv->groups, group = plane % r->conv->groups;
  const float *w = r->w + group * r->filters * r->depth;
  const float *dy = r->dy + (image * r->conv->filters + group * r->filters) * r->positions;
  float *const columns = ck_scratch_packed_a(thread_scratch), *const dx = r->out + plane * r->channels * r->pixels;
  memset(dx + channels.first * r->pixels, 0, channels.count * r->pixels * sizeof *dx);
  const chunks blocks = blocks_of(channels.count * r->taps, TAPS);
  for (size_t b = 0; b < blocks.count; b++) {
    range taps = block_at(blocks, b);
    taps.first += channels.first * r->taps;
    for (size_t q = 0; q < r->position_blocks.count; q++) {
      const range positions = block_at(r->position_blocks, q);
      ck_gemm(r->kernels, &(ck_gemm_args){.m = taps.count, .n = positions.count, .k = r->filters, .transpose_a = true,
                                          .alpha = 1, .a = w + taps.first, .lda = r->depth,
                                          .b = dy + positions.first, .ldb = r->positions, .c = columns,
                                          .ldc = positions.count});
      add_columns(r, columns, taps, positions, dx);
    }
  }
}

void ck_reference_input_gradient(const ck_kernels *kernels, const ck_conv *conv, const float *dy, const float *w,
                                 float *dx) {
  reference r = reference_of(kernels, conv);
  r.dy = dy, r.w = w, r.out = dx;
  r.position_blocks = blocks_of(r.positions, POSITIONS);
  r.tap_blocks = blocks_of(r.channels, larger_size(1, TAPS / r.taps));
  ck_parallel_for(conv->images * conv->groups * r.tap_blocks.count, input_gradient_channels, &r);
}

// The weights' gradients of some filters and taps, whose sums over images and blocks of positions are in double.
enum { SUM_FILTERS = 128, SUM_TAPS = 128, SUM_POSITIONS = 1024 };
_Static_assert(SUM_TAPS * SUM_POSITIONS + 3 * SUM_FILTERS * SUM_TAPS <= CK_PACKED_A_FLOATS, "scratch memory");

static void weight_gradient_block(void *context, size_t index, ck_scratch *thread_scratch) {
  const reference *r = context;
  const range filters = block_at(r->filter_blocks, index % r->filter_blocks.count);
  const size_t rest = index / r->filter_blocks.count, group = rest / r->tap_blocks.count;
  const range taps = block_at(r->tap_blocks, rest % r->tap_blocks.count);
  double *const sums = (double *)(void *)ck_scratch_packed_a(thread_scratch);
  float *const product = (float *)(sums + SUM_FILTERS * SUM_TAPS), *const columns = product + SUM_FILTERS * SUM_TAPS;
  const size_t count = filters.count * taps.count;
  for (size_t k = 0; k < count; k++) sums[k] = 0;
  for (size_t image = 0; image < r->conv->images; image++) {
    const float *x = r->x + (image * r->conv->groups + group) * r->channels * r->pixels;
    const float *dy = r->dy + (image * r->conv->filters + group * r->filters + filters.first) * r->positions;
    for (size_t q = 0; q < r->position_blocks.count; q++) {
      const range positions = block_at(r->position_blocks, q);
      copy_columns(r, x, taps, positions, columns);
      ck_gemm(r->kernels, &(ck_gemm_args){.m = filters.count, .n = taps.count, .k = positions.count,
                                          .transpose_b = true, .alpha = 1, .a = dy + positions.first,
                                          .lda = r->positions, .b = columns, .ldb = positions.count, .c = product,
                                          .ldc = taps.count});
      for (size_t k = 0; k < count; k++) sums[k] += (double)product[k];
    }
  }
  float *const dw = r->out + (group * r->filters + filters.first) * r->depth + taps.first;
  for (size_t k = 0; k < count; k++) dw[k / taps.count * r->depth + k % taps.count] = (float)sums[k];
}

void ck_reference_weight_gradient(const ck_kernels *kernels, const ck_conv *conv, const float *x, const float *dy,
                                  float *dw) {
  reference r = reference_of(kernels, conv);
  r.x = x, r.dy = dy, r.out = dw;
  r.position_blocks = blocks_of(r.positions, SUM_POSITIONS), r.tap_blocks = blocks_of(r.depth, SUM_TAPS);
  r.filter_blocks = blocks_of(r.filters, SUM_FILTERS);
  ck_parallel_for(conv->groups * r.tap_blocks.count * r.filter_blocks.count, weight_gradient_block, &r);
}
