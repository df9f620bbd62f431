// What a convolution and its input gradient have in common: outputs on a regular grid, each the sum over channels and
// taps of weights times source pixels. The gradient has one such grid for every phase of the stride.
#ifndef CK_CONV_CORRELATION_H
#define CK_CONV_CORRELATION_H

#include "axes.h"

typedef struct correlation {
  ck_conv_algorithm algorithm;
  const ck_kernels *kernels;
  size_t images, groups;
  size_t channels, filters;  // of one group: of the source, of the output
  grid_axis y, x;
  const float *source;  // (images, groups channels, y.source, x.source)
  float *out;           // (images, groups filters, y.output, x.output)
  const float *bias;    // (groups filters) or NULL
  // Weight (filter, channel, tap row, tap column) of group g stands at weights[g weight_group + filter weight_filter +
  // channel weight_channel + row weight_row + column weight_column].
  const float *weights;
  size_t weight_group, weight_filter, weight_channel, weight_row, weight_column;
  float *workspace;     // of ck_conv_workspace() floats
} correlation;

// The number of terms of one output.
static inline size_t correlation_depth(const correlation *c) { return c->channels * c->y.taps * c->x.taps; }

#endif
