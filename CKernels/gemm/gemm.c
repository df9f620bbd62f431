// The blocked matrix product: which block is packed when, and which tile comes next. No intrinsics here.
//
//   for each block of rows of C        (mc: the packed A fits L3)
//     for each block of k              (kc: a panel of A, mr x kc, fits L1)
//       pack A
//       for each block of columns      (nc: the block of B fits L2)
//         pack B
//         for each panel of rows: a panel of C, tile by tile
//
// Row panels outside and tiles inside write a row-major C in order. Threads claim rectangles of C.
#include "gemm_kernels.h"
#include "../runtime/caches.h"
#include "../runtime/scratch.h"
#include "blocking.h"
#include "deep.h"
#include "split.h"
#include "upper.h"

enum { KC = CK_GEMM_KC };
// Where C has few rows, a large B is read as it lies: few of its rows at a time, since each lies in a page of its own,
// and so few columns of C that they stay in L2 until all of k has been added.
enum { THIN_KC = 64, THIN_TILES = 4, THIN_COLUMNS = 2048 };

enum { CACHE_LINE = 64 };
enum { LARGE_FLOATS = 512 << 10 };  // beyond most second level caches; of every machine, as the order of sums follows

// The length of equal blocks that cover `total`, each at most `most` and a multiple of `unit`.
static size_t balanced_block(size_t total, size_t most, size_t unit) {
  if (total <= most) return total;
  return round_up(ceil_div(total, ceil_div(total, most)), unit);
}

typedef struct product {
  const ck_kernels *kernels;
  const ck_gemm_args *args;
  bool c_transposed;  // the columns of C in `args` are rows in memory
  bool pack_a, pack_b;
  bool dot;  // as inner products: nothing is packed
  bool upper;  // only the tiles that reach the diagonal
  size_t mc, kc, nc;  // at most
  size_t columns;                // that are finished before the next ones are begun
  ck_gemm_shape shape;
  ck_gemm_split split;           // tasks of C, each of which a thread claims
} product;

static void compute(const product *product, ck_rectangle c, ck_scratch *scratch) {
  const ck_kernels *kernels = product->kernels;
  const ck_gemm_args *args = product->args;
  const size_t rows = c.row_end - c.row, columns = c.column_end - c.column;
  const size_t mr = kernels->gemm->mr, nr = kernels->gemm->nr;
  const size_t mc = balanced_block(rows, product->mc, mr);
  const size_t kc = balanced_block(args->k, product->kc, 16);
  const size_t nc = balanced_block(columns, product->nc, nr);
  float *const packed_a = product->pack_a ? ck_scratch_packed_a(scratch) : NULL;
  float *const packed_b = product->pack_b ? ck_scratch_packed_b(scratch) : NULL;
  const bool across = product->c_transposed;

  for (size_t i0 = 0; i0 < rows; i0 += mc) {
    const size_t block_rows = smaller(mc, rows - i0);
    // Panels of nearly equal height: 64 rows in tiles of 12 are 11 11 11 11 10 10, not 12 12 12 12 12 4.
    const chunks panels = {block_rows, product->dot ? 1 : ceil_div(block_rows, mr)};

    for (size_t p0 = 0; p0 < args->k || p0 == 0; p0 += kc ? kc : 1) {
      const size_t block_k = smaller(kc, args->k - p0);
      const bool first = p0 == 0, last = p0 + block_k >= args->k;
      const float *const a = args->transpose_a ? args->a + p0 * args->lda + c.row + i0
                                               : args->a + (c.row + i0) * args->lda + p0;
      const size_t a_row_stride = args->transpose_a ? 1 : args->lda;
      if (product->pack_a) {
        // Some of k at a time where A is stored by columns, so that it is read along what lies side by side.
        const size_t step = args->transpose_a ? 8 : block_k;
        for (size_t p = 0; p < block_k; p += step) {
          for (size_t panel = 0, i = 0; panel < panels.count; panel++) {
            const size_t panel_rows = chunk_length(panels, panel);
            kernels->gemm->pack_a(args->transpose_a, panel_rows, smaller(step, block_k - p),
                                  a + i * a_row_stride + p * (args->transpose_a ? args->lda : 1), args->lda,
                                  packed_a + i * block_k + p * panel_rows);
            i += panel_rows;
          }
        }
      }

      for (size_t j0 = 0; j0 < columns; j0 += nc) {
        const size_t block_columns = smaller(nc, columns - j0);
        const float *const b = args->transpose_b ? args->b + (c.column + j0) * args->ldb + p0
                                                 : args->b + p0 * args->ldb + c.column + j0;
        if (product->pack_b) kernels->gemm->pack_b(args->transpose_b, block_columns, block_k, b, args->ldb, packed_b);

        const size_t column = c.column + j0;
        ck_panel panel = {.columns = block_columns, .k = block_k, .alpha = args->alpha,
                          .beta = first ? args->beta : 1.0f,
                          .a_by_columns = product->pack_a || args->transpose_a, .ldc = args->ldc,
                          .c_transposed = across, .b = product->pack_b ? packed_b : b,
                          .b_stride = product->pack_b ? nr : args->ldb, .b_tile = product->pack_b ? nr * block_k : nr};
        const float *const first_tile = panel.b;
        for (size_t i = 0, index = 0; index < panels.count; index++, i += panel.rows) {
          const size_t row = c.row + i0 + i;
          panel.rows = chunk_length(panels, index);
          // Whole tiles left of the diagonal.
          const size_t skipped = product->upper && !product->dot && row > column ? (row - column) / nr : 0;
          if (skipped * nr >= block_columns) continue;
          panel.columns = block_columns - skipped * nr;
          panel.b = first_tile + skipped * panel.b_tile;
          panel.a = product->pack_a ? packed_a + i * block_k : a + i * a_row_stride;
          panel.a_stride = product->pack_a ? panel.rows : args->lda;
          const size_t left = column + skipped * nr;
          const size_t c_row = across ? left : row, c_column = across ? row : left;
          panel.c = args->c + c_row * args->ldc + c_column;
          panel.bias = last && args->bias ? args->bias + c_column : NULL;
          (product->dot ? kernels->gemm->gemm_dot : kernels->gemm->gemm_panel)(&panel);
        }
      }
    }
  }
}

static void compute_columns(const product *p, ck_rectangle c, ck_scratch *scratch) {
  for (const size_t end = c.column_end; c.column < end; c.column = c.column_end) {
    c.column_end = smaller(end, c.column + p->columns);
    compute(p, c, scratch);
  }
}

static void compute_task(void *context, size_t index, ck_scratch *scratch) {
  const product *p = context;
  ck_rectangle c = {0, p->args->m, 0, p->args->n};
  // Small products would take longer to divide than to compute.
  if (p->split.row_tasks * p->split.column_tasks > 1) c = ck_gemm_task(&p->shape, p->split, index);
  compute_columns(p, c, scratch);
}

// What is packed, and in which blocks.
static void plan(product *p) {
  const ck_gemm_args *args = p->args;
  const size_t m = args->m, n = args->n, k = args->k;
  const size_t lanes = p->kernels->lanes, mr = p->kernels->gemm->mr, nr = p->kernels->gemm->nr;
  const ck_gemm_blocking blocking = ck_choose_gemm_blocking(ck_caches_at_hand(), mr, nr);
  p->mc = blocking.mc;
  p->kc = KC;
  p->nc = blocking.nc;
  p->columns = n;
  // Inner products pay where A B^T has too few rows for transposing B, or too few columns to fill vectors.
  p->dot = args->transpose_b && !args->transpose_a && k >= 64 && (m <= 16 || (n <= 16 && n % lanes != 0));
  if (p->dot) {
    p->kc = 4 * KC;  // every block ends with sums over lanes
    return;
  }

  // Packing pays where a block is read often enough, where B must be transposed, or where a panel of A lies so far
  // apart that it does not stay in L1.
  const bool wide = n > 25 * nr;
  const bool few_rows = 2 * m > mr && m <= 8 * mr;
  const bool thin = !args->transpose_b && few_rows && (wide || k * n > LARGE_FLOATS);
  const bool often = !thin && m > 2 * mr && wide;
  const bool far = m > mr && args->lda > (args->transpose_a ? 2048 : 1024);
  p->pack_a = args->transpose_a ? often || far : often && far;
  p->pack_b = often || args->transpose_b;
  if (thin) {
    p->kc = THIN_KC;
    p->nc = THIN_TILES * nr;
    p->columns = THIN_COLUMNS;
  } else if (args->transpose_a && 2 * mr * sizeof(float) <= CACHE_LINE) {
    p->kc = KC / 2;  // panels of columns of A that fill but half of each cache line
  } else if (!args->transpose_a && !p->pack_a && !p->pack_b) {
    p->kc = 2 * KC;  // both are streamed anyway, and C is added to half as often
  } else if (args->transpose_b && !p->pack_a && k >= 128 && m * k + k * n + m * n <= LARGE_FLOATS) {
    p->nc = nr;  // a packed tile stays in L1 until all rows have used it
  }
}

// Whether vectors of C's rows are so much fuller than those of its columns that turning C pays. They are read from an A
// whose rows lie side by side.
static bool fills_vectors_across(const ck_kernels *kernels, const ck_gemm_args *args) {
  if (!args->transpose_a || args->k < 32) return false;
  const size_t row_vectors = ceil_div(args->m, kernels->lanes), column_vectors = ceil_div(args->n, kernels->lanes);
  return 6 * args->n * row_vectors <= 5 * args->m * column_vectors;
}

// C^T = op(B)^T op(A)^T, where C and bias stay as they lie in memory.
static ck_gemm_args transposed(const ck_gemm_args *args) {
  ck_gemm_args swapped = *args;
  swapped.m = args->n;
  swapped.n = args->m;
  swapped.transpose_a = !args->transpose_b;
  swapped.transpose_b = !args->transpose_a;
  swapped.a = args->b;
  swapped.lda = args->ldb;
  swapped.b = args->a;
  swapped.ldb = args->lda;
  return swapped;
}

void ck_gemm(const ck_kernels *kernels, const ck_gemm_args *args) {
  if (args->m == 0 || args->n == 0) return;
  ck_gemm_args plain = *args;
  if (plain.alpha == 0.0f || plain.k == 0) {
    // A and B are not read and may be NULL: stand in a pointer that may be moved.
    plain.k = plain.lda = plain.ldb = 0;
    plain.transpose_a = plain.transpose_b = false;
    plain.a = plain.b = plain.c;
    plain.alpha = 1.0f;
  }
  if (plain.k > CK_DEEP_K) {
    ck_gemm_deep(kernels, &plain);
    return;
  }

  product product = {.kernels = kernels, .args = &plain};
  if (fills_vectors_across(kernels, &plain)) {
    plain = transposed(&plain);
    product.c_transposed = true;
  }
  plan(&product);
  product.shape = (ck_gemm_shape){.m = plain.m, .n = plain.n, .k = plain.k, .mr = kernels->gemm->mr,
                                  .nr = kernels->gemm->nr, .packs_a = product.pack_a, .packs_b = product.pack_b};
  product.split = ck_split_gemm(&product.shape, (size_t)ck_threads());
  const size_t tasks = product.split.row_tasks * product.split.column_tasks;
  if (tasks == 1 && !product.pack_a && !product.pack_b) compute_task(&product, 0, NULL);  // needs no scratch memory
  else ck_parallel_for(tasks, compute_task, &product);
}

void ck_gemm_upper(const ck_kernels *kernels, const ck_gemm_args *args, size_t first, size_t end, ck_scratch *scratch) {
  product product = {.kernels = kernels, .args = args, .upper = true};
  plan(&product);
  compute_columns(&product, (ck_rectangle){first, end, first, args->n}, scratch);
}
