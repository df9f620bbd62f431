// One checked matrix product.
#ifndef CK_GEMM_CASE_H
#define CK_GEMM_CASE_H

#include "check.h"

typedef struct gemm_case {
  size_t m, n, k;
  bool transpose_a, transpose_b;
  float alpha, beta;
  bool bias;
  size_t gap_a, gap_b, gap_c;  // floats between the rows
  bool whole;                  // whole numbers, whose products and sums are exact
} gemm_case;

// Runs it and compares every element of C, its gaps included.
void check_gemm(check *c, const gemm_case *g);

// Draws alpha, beta, bias, gaps and the kind of numbers.
void draw_gemm_options(check *c, gemm_case *g);

#endif
