// The geometry of a convolution along one axis, and of its input gradient.
#ifndef CK_CONV_AXES_H
#define CK_CONV_AXES_H

#include "conv_kernels.h"

// One axis of the grid. Tap t of grid position g reads source position g step + first + t spacing, and the result
// stands at position start + g stride of the output.
typedef struct grid_axis {
  size_t length;  // grid positions
  size_t source, step;
  size_t taps;
  ptrdiff_t first, spacing;
  size_t output, start, stride;
} grid_axis;

// floor((length + 2 padding - dilation (kernel - 1) - 1) / stride) + 1, or 0 where the kernel does not fit.
size_t ck_output_length(size_t length, size_t kernel, size_t stride, size_t dilation, size_t padding);

grid_axis ck_forward_axis(size_t length, size_t kernel, size_t stride, size_t dilation, size_t padding);

// The input positions i of one stride phase of i + padding by the stride. Tap `first_tap` + j `tap_period` of the
// kernel reaches each of them from exactly one output position; the other taps reach none.
typedef struct stride_phase {
  grid_axis axis;
  size_t first_tap, tap_period;
} stride_phase;

stride_phase ck_phase_axis(size_t index, size_t length, size_t output, size_t kernel, size_t stride, size_t dilation,
                     size_t padding);

#endif
