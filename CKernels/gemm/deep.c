// Products with a deep k: rectangles of C, each the sum in double of products over some of k.
//
// The rectangles and the blocks of k depend on the shape alone, so that neither threads nor addresses change a bit.
#include "deep.h"

#include "../runtime/scratch.h"

enum { ROWS = 128, COLUMNS = 256, DEPTH = 1 << 14 };
_Static_assert(3 * ROWS * COLUMNS <= CK_PACKED_A_FLOATS, "scratch memory");

typedef struct deep_product {
  const ck_kernels *kernels;
  const ck_gemm_args *args;
  chunks rows, columns, depths;
} deep_product;

// The operands of op(A) op(B) for some rows, columns and k, without anything else.
static ck_gemm_args block_args(const ck_gemm_args *args, size_t row, size_t rows, size_t column, size_t columns,
                               size_t p, size_t k, float *c) {
  return (ck_gemm_args){.m = rows, .n = columns, .k = k, .transpose_a = args->transpose_a,
                        .transpose_b = args->transpose_b, .alpha = 1,
                        .a = args->transpose_a ? args->a + p * args->lda + row : args->a + row * args->lda + p,
                        .lda = args->lda,
                        .b = args->transpose_b ? args->b + column * args->ldb + p : args->b + p * args->ldb + column,
                        .ldb = args->ldb, .c = c, .ldc = columns};
}

static float finished(const ck_gemm_args *args, size_t row, size_t column, double sum) {
  double value = (double)args->alpha * sum;
  if (args->beta != 0) value += (double)args->beta * (double)args->c[row * args->ldc + column];
  if (args->bias) value += (double)args->bias[column];
  return (float)value;
}

static void compute_rectangle(void *context, size_t index, ck_scratch *scratch) {
  const deep_product *p = context;
  const size_t i = index / p->columns.count, j = index % p->columns.count;
  const size_t row = chunk_first(p->rows, i), rows = chunk_length(p->rows, i);
  const size_t column = chunk_first(p->columns, j), columns = chunk_length(p->columns, j);
  double *const sums = (double *)(void *)ck_scratch_packed_a(scratch);
  float *const product = (float *)(sums + ROWS * COLUMNS);
  for (size_t d = 0; d < p->depths.count; d++) {
    const ck_gemm_args args = block_args(p->args, row, rows, column, columns, chunk_first(p->depths, d),
                                         chunk_length(p->depths, d), product);
    ck_gemm(p->kernels, &args);
    for (size_t k = 0; k < rows * columns; k++) sums[k] = d ? sums[k] + (double)product[k] : (double)product[k];
  }
  for (size_t r = 0; r < rows; r++) {
    for (size_t s = 0; s < columns; s++) {
      p->args->c[(row + r) * p->args->ldc + column + s] = finished(p->args, row + r, column + s, sums[r * columns + s]);
    }
  }
}

void ck_gemm_deep(const ck_kernels *kernels, const ck_gemm_args *args) {
  deep_product p = {.kernels = kernels, .args = args, .rows = {args->m, ceil_div(args->m, ROWS)},
                    .columns = {args->n, ceil_div(args->n, COLUMNS)}, .depths = {args->k, ceil_div(args->k, DEPTH)}};
  ck_parallel_for(p.rows.count * p.columns.count, compute_rectangle, &p);
}
