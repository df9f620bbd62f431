// One checked convolution.
#ifndef CK_CONV_CASE_H
#define CK_CONV_CASE_H

#include "check.h"

typedef struct conv_case {
  ck_conv conv;
  bool bias;
  bool aligned;  // outputs begin on a boundary of 64 bytes, as those that go past the caches must
  bool whole;  // whole numbers, whose products and sums are exact
  bool nan;    // one input is NaN, and spoils what depends on it and nothing else; by Winograd, its tiles
} conv_case;

// Runs it and compares every output.
void check_conv_forward(check *c, const conv_case *k);

// Runs both gradients and compares every entry.
void check_conv_gradients(check *c, const conv_case *k);

// The sums of a convolution and both of its gradients.
void conv_sums(const ck_conv *conv, const float *x, const float *w, const float *dy, double *y, double *dx, double *dw);

// A square convolution of one group, computed directly.
ck_conv square_conv(size_t images, size_t channels, size_t side, size_t filters, size_t kernel, size_t stride,
                    size_t padding);

// A small convolution with every property drawn on its own, computed directly.
ck_conv draw_conv(check *c);

// The pixel of the input that kernel entry (s, t) reads for output position (i, j): its index in a plane, or -1.
ptrdiff_t conv_pixel(const ck_conv *conv, size_t i, size_t j, size_t s, size_t t);

#endif
