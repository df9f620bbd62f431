#include "grid.h"

// Runs of equal length in each line, the first at column `first`.
typedef struct line_runs {
  size_t count, length, first;
} line_runs;

// A line of 32 has four runs of 5, then three of 4: the longer and the shorter ones. There may be none of a kind.
static line_runs line_runs_of(const ck_kernels *kernels, size_t columns, bool shorter) {
  const size_t count = ceil_div(columns, kernels->conv->filter_columns), longer = columns % count,
      length = columns / count;
  return shorter ? (line_runs){count - longer, length, longer * (length + 1)} : (line_runs){longer, length + 1, 0};
}

// What the next tile fetches.
static void fetch_next(fetch_ahead ahead[2], ck_filter_tile *tile) {
  fetch_ahead *a = ahead[0].done < ahead[0].lines * ahead[0].segments ? &ahead[0] : &ahead[1];
  const size_t runs = tile->lengths[0] * tile->lengths[1];
  tile->ahead_lines = 0;
  if (a->done >= a->lines * a->segments || !runs) return;
  const size_t segment = a->done / a->lines, line = a->done % a->lines;
  tile->ahead = a->first + segment * a->stride + line * 16;
  tile->ahead_lines = ceil_div(a->per_tile, runs);
  tile->ahead_left = a->lines - line, tile->ahead_segment = a->lines;
  tile->ahead_gap = (ptrdiff_t)a->stride - (ptrdiff_t)(a->lines * 16);
  a->done += tile->ahead_lines * runs;
}

void ck_run_filter_grid(const ck_kernels *kernels, const filter_grid *grid, ck_filter_tile tile, const float *source,
                        float *out, fetch_ahead ahead[2]) {
  tile.source_column = grid->source_column, tile.out_column = grid->out_column;
  for (int shorter = 0; shorter < 2; shorter++) {
    const line_runs runs = line_runs_of(kernels, grid->columns, shorter);
    const size_t total = grid->planes * grid->lines * runs.count;
    if (!total) continue;
    // The rows of a tile are runs from any lines.
    const chunks tiles = {total, ceil_div(total, kernels->conv->filter_rows(runs.length, tile.width))};
    const ptrdiff_t source_run = (ptrdiff_t)runs.length * grid->source_column;
    const size_t out_run = runs.length * grid->out_column;
    const float *source_plane = source + (ptrdiff_t)runs.first * grid->source_column, *source_line = source_plane;
    float *out_plane = out + runs.first * grid->out_column, *out_line = out_plane;
    tile.columns = runs.length;
    for (size_t t = 0, line = 0, run = 0; t < tiles.count; t++) {
      tile.rows = chunk_length(tiles, t);
      for (size_t i = 0; i < tile.rows; i++) {
        tile.source[i] = source_line + (ptrdiff_t)run * source_run, tile.out[i] = out_line + run * out_run;
        if (++run < runs.count) continue;
        run = 0, source_line += grid->source_line, out_line += grid->out_line;
        if (++line < grid->lines) continue;
        line = 0, source_plane += grid->source_plane, out_plane += grid->out_plane;
        source_line = source_plane, out_line = out_plane;
      }
      fetch_next(ahead, &tile);
      kernels->conv->filter_tile(&tile);
    }
  }
}
