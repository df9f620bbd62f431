// The blocked matrix product: which block is packed when, and which tile comes next. No intrinsics here.
//
//   for each block of rows of C        (row_block: the packed A fits L2/L3)
//     for each block of k              (k_block: one panel of B, k_block x tile_columns, fits L1)
//       pack A
//       for each block of columns      (column_block: the packed B fits L2)
//         pack B
//         for each row panel, for each column panel: a tile
//
// Row panels outside and column panels inside write a row-major C in order. Threads split C into rectangles.
#include "../common/kernels.h"
#include "../runtime/workspace.h"

enum { ROW_BLOCK = 2040, K_BLOCK = 256, COLUMN_BLOCK = 768 };

// Below this many multiply-adds a second thread costs more than it brings.
static const double parallel_threshold = 5e5;

static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
static inline size_t ceil_div(size_t a, size_t b) { return (a + b - 1) / b; }

// The length of equal blocks that cover `total`, each at most `most` and a multiple of `unit`.
static size_t balanced_block(size_t total, size_t most, size_t unit) {
  if (total <= most) return total;
  return ceil_div(ceil_div(total, ceil_div(total, most)), unit) * unit;
}

typedef struct rectangle {
  size_t row, row_end, column, column_end;  // of C
} rectangle;

typedef struct product {
  const ck_kernels *kernels;
  const ck_gemm_args *args;
  bool pack_a, pack_b;
  bool split_columns;
  size_t parts;
} product;

static void compute(const product *product, rectangle c, ck_workspace *workspace) {
  const ck_kernels *kernels = product->kernels;
  const ck_gemm_args *args = product->args;
  const size_t rows = c.row_end - c.row, columns = c.column_end - c.column;
  const size_t tile_rows = kernels->tile_rows, tile_columns = kernels->tile_columns;
  const size_t row_block = balanced_block(rows, ROW_BLOCK, tile_rows);
  const size_t k_block = balanced_block(args->k, K_BLOCK, 16);
  const size_t column_block = balanced_block(columns, COLUMN_BLOCK, tile_columns);
  float *const packed_a = ck_workspace_packed_a(workspace), *const packed_b = ck_workspace_packed_b(workspace);

  for (size_t i0 = 0; i0 < rows; i0 += row_block) {
    const size_t block_rows = smaller(row_block, rows - i0);
    // Panels of nearly equal height: 64 rows in tiles of 12 are 11 11 11 11 10 10, not 12 12 12 12 12 4.
    const size_t panels = ceil_div(block_rows, tile_rows), height = block_rows / panels, taller = block_rows % panels;

    for (size_t p0 = 0; p0 < args->k || p0 == 0; p0 += k_block ? k_block : 1) {
      const size_t block_k = smaller(k_block, args->k - p0);
      const bool first = p0 == 0, last = p0 + block_k >= args->k;
      const float *const a = args->transpose_a ? args->a + p0 * args->lda + c.row + i0
                                               : args->a + (c.row + i0) * args->lda + p0;
      const size_t a_row_stride = args->transpose_a ? 1 : args->lda;
      if (product->pack_a) {
        for (size_t panel = 0, i = 0; panel < panels; panel++) {
          const size_t panel_rows = height + (panel < taller);
          kernels->pack_a(args->transpose_a, panel_rows, block_k, a + i * a_row_stride, args->lda, packed_a + i * block_k);
          i += panel_rows;
        }
      }

      for (size_t j0 = 0; j0 < columns; j0 += column_block) {
        const size_t block_columns = smaller(column_block, columns - j0);
        const float *const b = args->transpose_b ? args->b + (c.column + j0) * args->ldb + p0
                                                 : args->b + p0 * args->ldb + c.column + j0;
        if (product->pack_b) kernels->pack_b(args->transpose_b, block_columns, block_k, b, args->ldb, packed_b);

        const size_t column = c.column + j0;
        ck_panel panel = {.columns = block_columns, .k = block_k, .alpha = args->alpha, .beta = first ? args->beta : 1.0f,
                          .a_by_columns = product->pack_a || args->transpose_a, .ldc = args->ldc,
                          .b = product->pack_b ? packed_b : b, .b_stride = product->pack_b ? tile_columns : args->ldb,
                          .b_tile = product->pack_b ? tile_columns * block_k : tile_columns,
                          .bias = last && args->bias ? args->bias + column : NULL, .relu = last && args->relu,
                          .ldmask = args->ldmask};
        for (size_t i = 0, index = 0; index < panels; index++, i += panel.rows) {
          const size_t row = c.row + i0 + i;
          panel.rows = height + (index < taller);
          panel.a = product->pack_a ? packed_a + i * block_k : a + i * a_row_stride;
          panel.a_stride = product->pack_a ? panel.rows : args->lda;
          panel.c = args->c + row * args->ldc + column;
          panel.mask = last && args->mask ? args->mask + row * args->ldmask + column : NULL;
          kernels->gemm_panel(&panel);
        }
      }
    }
  }
}

// Part `index` of `parts` of `total`, cut at multiples of `unit`.
static size_t cut(size_t total, size_t unit, size_t index, size_t parts) {
  return smaller(total, ceil_div(total, unit) * index / parts * unit);
}

static void compute_part(void *context, size_t index, ck_workspace *workspace) {
  const product *product = context;
  const ck_gemm_args *args = product->args;
  rectangle c = {0, args->m, 0, args->n};
  if (product->split_columns) {
    c.column = cut(args->n, product->kernels->tile_columns, index, product->parts);
    c.column_end = cut(args->n, product->kernels->tile_columns, index + 1, product->parts);
  } else {
    c.row = cut(args->m, product->kernels->tile_rows, index, product->parts);
    c.row_end = cut(args->m, product->kernels->tile_rows, index + 1, product->parts);
  }
  if (c.row < c.row_end && c.column < c.column_end) compute(product, c, workspace);
}

void ck_gemm(const ck_kernels *kernels, const ck_gemm_args *args) {
  if (args->m == 0 || args->n == 0) return;
  ck_gemm_args plain = *args;
  if (plain.alpha == 0.0f || plain.k == 0) {  // A and B are not read and may be NULL: stand in a pointer that may be moved
    plain.k = plain.lda = plain.ldb = 0;
    plain.transpose_a = plain.transpose_b = false;
    plain.a = plain.b = plain.c;
    plain.alpha = 1.0f;
  }

  // Packing pays where a block is read often enough, or where B must be transposed.
  const bool few_rows = plain.m <= 2 * kernels->tile_rows, few_columns = plain.n <= 25 * kernels->tile_columns;
  product product = {.kernels = kernels, .args = &plain};
  product.pack_a = !(few_columns || few_rows) || (plain.transpose_a && plain.lda > 2048 && plain.m > kernels->tile_rows);
  product.pack_b = plain.transpose_b || !(few_columns || few_rows);

  const double work = (double)plain.m * (double)plain.n * (double)plain.k;
  const size_t threads = work < parallel_threshold ? 1 : (size_t)ck_threads();
  const size_t row_tiles = ceil_div(plain.m, kernels->tile_rows), column_tiles = ceil_div(plain.n, kernels->tile_columns);
  product.split_columns = column_tiles >= threads && (plain.n >= plain.m || row_tiles < threads);
  product.parts = smaller(threads, product.split_columns ? column_tiles : row_tiles);
  if (product.parts <= 1) {
    ck_workspace *workspace = ck_workspace_acquire();
    compute(&product, (rectangle){0, plain.m, 0, plain.n}, workspace);
    ck_workspace_release(workspace);
  } else {
    ck_parallel_for(product.parts, compute_part, &product);
  }
}
