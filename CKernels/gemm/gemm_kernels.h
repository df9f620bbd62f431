// Matrix products: the kernels, and what a panel is.
#ifndef CK_GEMM_KERNELS_H
#define CK_GEMM_KERNELS_H

#include "../runtime/kernels.h"

// A panel of C, `rows` x `columns` of it: at most mr high, any width.
typedef struct ck_panel {
  size_t rows, columns;
  size_t k;
  const float *a;       // A[i, p] = a[i * a_stride + p], or a[p * a_stride + i] where a_by_columns
  size_t a_stride;
  bool a_by_columns;
  const float *b;       // B[p, j] = b[p * b_stride + j] for the first nr of j, b + b_tile for the next ones
  size_t b_stride, b_tile;
  float *c;             // C[i, j] = c[i * ldc + j], or c[j * ldc + i] where c_transposed
  size_t ldc;
  bool c_transposed;    // the bias is, too: it lies like a row of c
  float alpha, beta;    // C = alpha A B + beta C, with beta 0 C is not read; then
  const float *bias;    // (columns), added, or NULL
} ck_panel;

// One instruction set's serial kernels.
struct ck_gemm_kernels {
  size_t mr, nr;
  void (*gemm_panel)(const ck_panel *panel);
  // The same, as inner products: A by rows, B[p, j] = b[j * b_stride + p], and panels may be of any height.
  void (*gemm_dot)(const ck_panel *panel);
  // packed[p * rows + i] = a[i, p]: rows <= mr. Writes up to 16 floats past the panel.
  void (*pack_a)(bool transposed, size_t rows, size_t k, const float *a, size_t lda, float *packed);
  // out[j * ldo + i] = a[i * lda + j]: rows a multiple of the lanes.
  void (*transpose)(size_t rows, size_t columns, const float *a, size_t lda, float *out, size_t ldo);
  // Tile after tile of columns: packed[p * nr + j] = b[p, j], with anything behind the last column.
  void (*pack_b)(bool transposed, size_t columns, size_t k, const float *b, size_t ldb, float *packed);
};

#endif
