// A grid of sums whose lanes are filters, as tiles.
#ifndef CK_CONV_FILTER_GRID_H
#define CK_CONV_FILTER_GRID_H

#include "../conv_kernels.h"

// planes x lines x columns of places, each with one vector of sums. From one plane, line and column to the next, the
// source of their numbers is so many floats further, and so are their sums.
typedef struct filter_grid {
  size_t planes, lines, columns;
  ptrdiff_t source_plane, source_line, source_column;
  size_t out_plane, out_line, out_column;
} filter_grid;

// Memory that will soon be read or written, which tiles fetch into a second-level cache while they run, as no hardware
// guesses where it is: segments of so many lines of 64 bytes, `stride` floats from one to the next.
typedef struct fetch_ahead {
  const float *first;
  size_t lines, stride, segments;
  size_t done;      // lines, of all
  size_t per_tile;  // at least, until all is done
} fetch_ahead;

// Runs `tile` at every place: its source, out and their columns are of the grid, from those of the first place on.
// Fetches the first of two memories, then the second.
void ck_run_filter_grid(const ck_kernels *kernels, const filter_grid *grid, ck_filter_tile tile, const float *source,
                        float *out, fetch_ahead ahead[2]);

#endif
