// Sums over many channels: those of a chain are added in registers, and then their sum to that of the chains before, so
// that errors do not grow with the number of channels.
#ifndef CK_CONV_CHAINS_H
#define CK_CONV_CHAINS_H

#include "conv_kernels.h"

// Terms of a chain, one for each channel and tap; sums of fewer are one chain. Equal numbers over 8192 channels of 3x3
// taps are then 1e-5 off, as one chain 5.5e-4.
enum { CK_CHAIN_TERMS = 640 };

static inline chunks ck_chains(size_t channels, size_t taps) {
  return (chunks){channels, larger_size(1, smaller(channels, ceil_div(channels * taps, CK_CHAIN_TERMS)))};
}

#endif
