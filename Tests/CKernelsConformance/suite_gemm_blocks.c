// Matrix products around the sizes of cache blocks, and at the shapes that networks have.
#include "gemm_case.h"

static void check_transposes(check *c, size_t m, size_t n, size_t k) {
  for (int transposes = 0; transposes < 4; transposes++) {
    gemm_case g = {.m = m, .n = n, .k = k};
    g.transpose_a = transposes & 1;
    g.transpose_b = transposes >> 1;
    draw_gemm_options(c, &g);
    if (g.alpha == 0) g.alpha = 1;  // here the product is the point
    check_gemm(c, &g);
  }
}

static void block_depths(check *c) {
  static const size_t depths[] = {127, 128, 129, 255, 256, 257, 511, 512, 513};
  static const size_t shapes[][2] = {{1, 1}, {6, 16}, {13, 33}, {25, 70}};
  for (size_t s = 0; s < COUNT(shapes); s++) {
    for (size_t p = 0; p < COUNT(depths); p += c->quick ? 2 : 1) {
      check_transposes(c, shapes[s][0], shapes[s][1], depths[p]);
    }
  }
}

static void block_widths(check *c) {
  static const size_t widths[] = {199, 200, 201, 300, 301, 400, 401, 767, 768, 769, 799, 800, 801, 1537};
  static const size_t heights[] = {1, 7, 9, 13, 16, 17, 23, 24, 25, 29};
  static const size_t depths[] = {1, 7};
  for (size_t i = 0; i < COUNT(heights); i += c->quick ? 2 : 1) {
    for (size_t j = 0; j < COUNT(widths); j += c->quick ? 2 : 1) {
      check_transposes(c, heights[i], widths[j], depths[i % 2]);
    }
  }
}

static void block_heights(check *c) {
  static const size_t heights[] = {2039, 2040, 2041, 2047, 2048, 2049};
  static const size_t widths[] = {1, 5, 17};
  for (size_t i = 0; i < COUNT(heights); i += c->quick ? 2 : 1) {
    for (size_t j = 0; j < COUNT(widths); j++) check_transposes(c, heights[i], widths[j], 1 + i % 3);
  }
}

// Several blocks along several axes at once.
static void block_corners(check *c) {
  static const size_t shapes[][3] = {{30, 801, 257}, {100, 770, 300}, {2050, 40, 20}, {26, 1540, 258}, {2055, 810, 9}};
  for (size_t s = 0; s < (c->quick ? 1 : COUNT(shapes)); s++) {
    check_transposes(c, shapes[s][0], shapes[s][1], shapes[s][2]);
  }
}

// Rows so far apart that another packing may pay, and panels of every height.
static void far_rows(check *c) {
  static const size_t gaps[] = {2048, 4096}, heights[] = {5, 7, 9, 13, 14, 15, 17, 30};
  for (size_t h = 0; h < COUNT(heights); h++) {
    for (int option = 0; option < 8; option++) {
      gemm_case g = {.m = heights[h], .n = 37, .k = 41, .alpha = 1, .whole = true};
      g.transpose_a = option & 1;
      g.transpose_b = option >> 1 & 1;
      g.gap_a = gaps[option >> 2];
      g.gap_b = g.gap_a - 1;
      g.gap_c = g.gap_a + 3;
      check_gemm(c, &g);
    }
  }
  // Panels of A are packed where they are far apart and C is wide.
  static const size_t shapes[][3] = {{13, 801, 20}, {25, 801, 20}, {30, 905, 41}};
  for (size_t s = 0; s < COUNT(shapes); s++) {
    for (int option = 0; option < 4; option++) {
      gemm_case g = {.m = shapes[s][0], .n = shapes[s][1], .k = shapes[s][2], .alpha = 1, .whole = true};
      g.transpose_a = option & 1;
      g.transpose_b = option >> 1;
      g.gap_a = 2048;
      check_gemm(c, &g);
    }
  }
}

// A network's forward pass, weight gradient and input gradient: narrow, deep, flat.
static void network_shapes(check *c) {
  static const size_t shapes[][3] = {{128, 10, 400}, {10, 400, 128}, {128, 400, 10}, {6, 3000, 25},
                                     {16, 2100, 130}, {1, 300, 300}, {300, 1, 300},  {3, 20, 5000},
                                     {5000, 2, 3},   {1, 20000, 2},  {400, 784, 128}};
  for (size_t s = 0; s < COUNT(shapes) - (c->quick ? 1 : 0); s++) {
    check_transposes(c, shapes[s][0], shapes[s][1], shapes[s][2]);
  }
}

static void random_shapes(check *c) {
  for (int repeat = 0; repeat < (c->quick ? 20 : 200); repeat++) {
    size_t sizes[3];
    for (size_t s = 0; s < 3; s++) sizes[s] = 1 + check_index(c, check_index(c, 4) == 0 ? 200 : 50);
    check_transposes(c, sizes[0], sizes[1], sizes[2]);
  }
}

void suite_gemm_blocks(check *c) {
  block_depths(c);
  block_widths(c);
  block_heights(c);
  block_corners(c);
  far_rows(c);
  network_shapes(c);
  random_shapes(c);
}
