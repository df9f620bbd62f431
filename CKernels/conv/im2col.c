// Patches of an image as the columns of a matrix, and back: the textbook's form of a convolution, for callers that
// want it. The convolutions here do without.
#include "conv_kernels.h"

// Calls BODY for every entry of the matrix, in order; `pixel` is the pixel it stands for, or NULL outside the image.
#define FOR_EACH_ENTRY(POINTER, X, BODY)                                                                        \
  const size_t height = ck_conv_output_height(c), width = ck_conv_output_width(c);                              \
  for (size_t channel = 0; channel < c->channels; channel++) {                                                  \
    for (size_t s = 0; s < c->kernel_height; s++) {                                                             \
      for (size_t t = 0; t < c->kernel_width; t++) {                                                            \
        for (size_t i = 0; i < height; i++) {                                                                   \
          const ptrdiff_t row = (ptrdiff_t)(i * c->stride_height + s * c->dilation_height) -                    \
                                (ptrdiff_t)c->padding_height;                                                   \
          const bool in_rows = row >= 0 && row < (ptrdiff_t)c->height;                                          \
          for (size_t j = 0; j < width; j++) {                                                                  \
            const ptrdiff_t column = (ptrdiff_t)(j * c->stride_width + t * c->dilation_width) -                 \
                                     (ptrdiff_t)c->padding_width;                                               \
            const bool inside = in_rows && column >= 0 && column < (ptrdiff_t)c->width;                         \
            POINTER pixel = inside ? (X) + (channel * c->height + (size_t)row) * c->width + (size_t)column : NULL; \
            BODY;                                                                                               \
          }                                                                                                     \
        }                                                                                                       \
      }                                                                                                         \
    }                                                                                                           \
  }

void ck_im2col(const ck_conv *c, const float *x, float *columns) {
  FOR_EACH_ENTRY(const float *, x, *columns++ = pixel ? *pixel : 0.0f)
}

void ck_col2im(const ck_conv *c, const float *columns, float *x) {
  for (size_t i = 0; i < c->channels * c->height * c->width; i++) x[i] = 0.0f;
  FOR_EACH_ENTRY(float *, x, if (pixel) *pixel += *columns; columns++)
}
