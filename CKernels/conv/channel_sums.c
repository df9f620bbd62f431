// Sums over images and pixels: the gradient of a convolution's bias.
#include "conv_kernels.h"
#include "../reduce/reduce_kernels.h"

typedef struct planes {
  const ck_kernels *kernels;
  size_t images, channels, pixels;
  const float *x;
  float *sums;
} planes;

static void sum_channels(const void *context, size_t first, size_t end) {
  const planes *p = context;
  for (size_t c = first; c < end; c++) {
    double sum = 0;
    for (size_t n = 0; n < p->images; n++) {
      sum += p->kernels->reduce->sum_row(p->pixels, p->x + (n * p->channels + c) * p->pixels);
    }
    p->sums[c] = (float)sum;
  }
}

void ck_channel_sums(const ck_kernels *kernels, size_t images, size_t channels, size_t pixels, const float *x,
                     float *sums) {
  const planes p = {kernels, images, channels, pixels, x, sums};
  ck_for_rows(channels, 32768 / (images * pixels + 1) + 1, sum_channels, &p);
}
