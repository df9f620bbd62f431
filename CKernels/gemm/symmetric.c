// A product that is known to be symmetric: blocks of rows, each from the diagonal on, and a copy of what they hold.
#include "gemm_kernels.h"

enum { ROWS = 96, TILE = 16 };  // rows of a block; side of the squares that are copied at a time

// c[j, i] = c[i, j] for i < j.
static void mirror(size_t n, float *c) {
  for (size_t i0 = 0; i0 < n; i0 += TILE) {
    for (size_t j0 = i0; j0 < n; j0 += TILE) {
      const size_t i1 = smaller(n, i0 + TILE), j1 = smaller(n, j0 + TILE);
      for (size_t j = j0; j < j1; j++) {
        for (size_t i = i0; i < i1 && i < j; i++) c[j * n + i] = c[i * n + j];
      }
    }
  }
}

void ck_gemm_symmetric(const ck_kernels *kernels, const ck_gemm_args *args) {
  const size_t n = args->n;
  for (size_t i = 0; i < n; i += ROWS) {
    ck_gemm_args block = *args;
    block.m = smaller(ROWS, n - i);
    block.n = n - i;
    block.a += args->transpose_a ? i : i * args->lda;
    block.b += args->transpose_b ? i * args->ldb : i;
    block.c += i * n + i;
    ck_gemm(kernels, &block);
  }
  mirror(n, args->c);
}
