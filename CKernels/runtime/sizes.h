// Arithmetic of sizes.
#ifndef CK_RUNTIME_SIZES_H
#define CK_RUNTIME_SIZES_H

#include <stddef.h>

static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
static inline size_t larger_size(size_t a, size_t b) { return a > b ? a : b; }
static inline size_t ceil_div(size_t a, size_t b) { return (a + b - 1) / b; }

#endif
