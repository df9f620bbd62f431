// Arithmetic of sizes.
#ifndef CK_COMMON_SIZES_H
#define CK_COMMON_SIZES_H

#include <stddef.h>

static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
static inline size_t larger_size(size_t a, size_t b) { return a > b ? a : b; }
static inline size_t ceil_div(size_t a, size_t b) { return (a + b - 1) / b; }
static inline size_t round_up(size_t a, size_t unit) { return ceil_div(a, unit) * unit; }

// `total` cut into nearly equal chunks: 64 in six are 11 11 11 11 10 10.
typedef struct chunks {
  size_t total, count;
} chunks;
static inline size_t chunk_first(chunks p, size_t index) {
  return index * (p.total / p.count) + smaller(index, p.total % p.count);
}
static inline size_t chunk_length(chunks p, size_t index) { return p.total / p.count + (index < p.total % p.count); }

#endif
