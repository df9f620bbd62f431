#include "split.h"

#include "../runtime/sizes.h"

// Multiply-adds that are worth a hand-over to another thread: about a microsecond.
static const double smallest_task = 6e4;

// What it costs to pack a float, in multiply-adds.
static const double packing = 16;

ck_rectangle ck_gemm_task(const ck_gemm_shape *s, ck_gemm_split split, size_t index) {
  const size_t tiles = ceil_div(s->n, s->nr), columns = split.column_tasks;
  const size_t row = index / columns, column = index % columns;
  return (ck_rectangle){s->m * row / split.row_tasks, s->m * (row + 1) / split.row_tasks,
                        smaller(s->n, tiles * column / columns * s->nr),
                        smaller(s->n, tiles * (column + 1) / columns * s->nr)};
}

// The time that threads of equal speed take, by the largest rectangle.
static double time_of(const ck_gemm_shape *s, ck_gemm_split split, size_t threads) {
  const double rounds = (double)ceil_div(split.row_tasks * split.column_tasks, threads);
  const size_t tiles = ceil_div(ceil_div(s->n, s->nr), split.column_tasks);
  const double rows = (double)ceil_div(s->m, split.row_tasks), columns = (double)smaller(s->n, tiles * s->nr);
  return rounds * (rows * columns + packing * ((s->packs_a ? rows : 0) + (s->packs_b ? columns : 0)));
}

ck_gemm_split ck_split_gemm(const ck_gemm_shape *s, size_t threads) {
  const double work = (double)s->m * (double)s->n * (double)s->k;
  ck_gemm_split best = {1, 1};
  if (threads == 1 || work < 2 * smallest_task) return best;
  // Two threads are alike and come at once; of more, some may be slower, and find less to do.
  const size_t most = threads == 2 || (s->packs_a && s->packs_b) ? threads : 2 * threads;
  const size_t wanted = smaller((size_t)(work / smallest_task), most);
  const size_t row_tiles = ceil_div(s->m, s->mr), column_tiles = ceil_div(s->n, s->nr);
  // Of splits that take equally long, that into more tasks; then by the longer side.
  const bool by_columns = s->n >= s->m || (s->packs_b && !s->packs_a);
  const size_t first_tiles = by_columns ? column_tiles : row_tiles, other_tiles = by_columns ? row_tiles : column_tiles;
  double least = time_of(s, best, threads);
  for (size_t other = 1; other <= smaller(wanted, other_tiles); other++) {
    for (size_t first = smaller(wanted / other, first_tiles); first > 0; first--) {
      const ck_gemm_split split = by_columns ? (ck_gemm_split){other, first} : (ck_gemm_split){first, other};
      const double time = time_of(s, split, threads);
      const bool finer = split.row_tasks * split.column_tasks > best.row_tasks * best.column_tasks;
      if (time < 0.999 * least || (finer && time <= least)) least = time, best = split;
    }
  }
  return best;
}
