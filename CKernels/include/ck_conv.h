// Two-dimensional convolution (cross-correlation, as in deep learning), and its gradients.
#ifndef CK_CONV_H
#define CK_CONV_H

#include "ck_runtime.h"

typedef enum ck_conv_algorithm {
  CK_CONV_AUTOMATIC = 0,  // whichever should be faster for these shapes, the number of images included
  // Each result is one sum over channels and kernel positions in their order, whatever the number of images and
  // threads, or with more than 640 terms a sum of such sums over some of the channels each; kernel rows and columns that
  // lie outside the image may be left out. Where scratch memory cannot hold the inputs of a row of results, as with many
  // channels and large dilation, CK_CONV_REFERENCE.
  CK_CONV_DIRECT = 1,
  // Winograd's minimal filtering F(4x4, 3x3) where kernels are 3x3, stride and dilation 1, one group, and fewer
  // channels than some thousand; else directly. A quarter of the products; errors of random numbers' results are below
  // 1e-6 of their root mean square, up to three times those of sums. A NaN or an infinity spoils its tiles of 4x4
  // results, and all weights' gradients of its channel. Neither threads nor addresses change a bit.
  CK_CONV_WINOGRAD = 2,
  // CK_CONV_DIRECT with vectors of positions or of images alone, never of filters.
  CK_CONV_DIRECT_PIXELS = 4,
  // Matrix products over patches of the image, as ck_im2col makes them, a block at a time: any shape.
  CK_CONV_REFERENCE = 3,
} ck_conv_algorithm;

// Inputs are (images, channels, height, width), weights (filters, channels / groups, kernel_height, kernel_width),
// outputs (images, filters, output height, output width), all contiguous:
// y[n, f, i, j] = bias[f] + sum over c, s, t of
//     w[f, c, s, t] x[n, first(f) + c, i stride_height + s dilation_height - padding_height, j stride_width + ...],
// where x is zero outside the image, and group f / (filters / groups) reads its own channels / groups channels from
// first(f) on.
typedef struct ck_conv {
  size_t images, channels, height, width;  // any may be 0 but channels
  size_t filters, kernel_height, kernel_width;  // at least 1
  size_t stride_height, stride_width, dilation_height, dilation_width;  // at least 1
  size_t padding_height, padding_width;
  size_t groups;  // at least 1, divides channels and filters
  ck_conv_algorithm algorithm;
} ck_conv;

// floor((length + 2 padding - dilation (kernel - 1) - 1) / stride) + 1, or 0 where the kernel does not fit.
size_t ck_conv_output_height(const ck_conv *_Nonnull conv);
size_t ck_conv_output_width(const ck_conv *_Nonnull conv);

// Floats of workspace that any of the three calls below needs for this convolution. Aligned for
// doubles; what is in it is of no matter.
size_t ck_conv_workspace(const ck_kernels *_Nonnull kernels, const ck_conv *_Nonnull conv);

typedef enum ck_conv_pass {
  CK_CONV_FORWARD = 0,
  CK_CONV_INPUT_GRADIENT = 1,
  CK_CONV_WEIGHT_GRADIENT = 2,
} ck_conv_pass;

// The way that a pass of this convolution goes: "winograd", "direct_filters", "direct_pixels" or "reference".
const char *_Nonnull ck_conv_path_name(const ck_kernels *_Nonnull kernels, const ck_conv *_Nonnull conv,
                                       ck_conv_pass pass);

// Writes y, + bias (filters) unless it is NULL.
void ck_conv_forward(const ck_kernels *_Nonnull kernels, const ck_conv *_Nonnull conv, const float *_Nonnull x,
                     const float *_Nonnull w, const float *_Nullable bias, float *_Nonnull y,
                     float *_Nonnull workspace);

// Writes dx, the gradient by x, given that by y.
void ck_conv_input_gradient(const ck_kernels *_Nonnull kernels, const ck_conv *_Nonnull conv, const float *_Nonnull dy,
                            const float *_Nonnull w, float *_Nonnull dx, float *_Nonnull workspace);

// Writes dw, the gradient by w, given that by y.
void ck_conv_weight_gradient(const ck_kernels *_Nonnull kernels, const ck_conv *_Nonnull conv,
                             const float *_Nonnull x, const float *_Nonnull dy, float *_Nonnull dw,
                             float *_Nonnull workspace);

// sums[c] = sum over n and p of x[n, c, p]; x is (images, channels, pixels). Float within a run, double between runs.
void ck_channel_sums(const ck_kernels *_Nonnull kernels, size_t images, size_t channels, size_t pixels,
                     const float *_Nonnull x, float *_Nonnull sums);

// One image (channels, height, width) as the matrix whose product with the weights is its convolution:
// columns[(c, s, t), (i, j)] = x[c, i stride + s dilation - padding, ...], zero outside; `images` and `groups` are
// not looked at.
void ck_im2col(const ck_conv *_Nonnull conv, const float *_Nonnull x, float *_Nonnull columns);

// The transpose of ck_im2col: adds every entry of `columns` to the pixel it came from. x is overwritten.
void ck_col2im(const ck_conv *_Nonnull conv, const float *_Nonnull columns, float *_Nonnull x);

#endif
