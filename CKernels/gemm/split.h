// How a matrix product is cut into rectangles of C, one task each.
#ifndef CK_GEMM_SPLIT_H
#define CK_GEMM_SPLIT_H

#include "CKernels.h"

typedef struct ck_gemm_shape {
  size_t m, n, k;
  size_t mr, nr;  // columns are cut between tiles
  bool packs_a, packs_b;           // what every rectangle must pack of its operands first
} ck_gemm_shape;

// C is cut into row_tasks by column_tasks rectangles.
typedef struct ck_gemm_split {
  size_t row_tasks, column_tasks;
} ck_gemm_split;

// The split that so many threads should finish first.
ck_gemm_split ck_split_gemm(const ck_gemm_shape *shape, size_t threads);

// Rows row ..< row_end and columns column ..< column_end of C.
typedef struct ck_rectangle {
  size_t row, row_end, column, column_end;
} ck_rectangle;
ck_rectangle ck_gemm_task(const ck_gemm_shape *shape, ck_gemm_split split, size_t index);

#endif
