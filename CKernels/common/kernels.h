// The kernel table: one instruction set's serial kernels. Each isa/*.c fills one; the family folders call through it.
#ifndef CK_COMMON_KERNELS_H
#define CK_COMMON_KERNELS_H

#include "CKernels.h"

// One tile of C: `rows` x `columns` of it, summed over all of k in one go.
typedef struct ck_tile {
  size_t rows, columns;           // at most tile_rows x tile_columns of the table
  size_t k;
  const float *a;                 // A[i, p] = a[i * a_row_stride + p * a_k_stride]
  size_t a_row_stride, a_k_stride;
  bool a_packed;                  // a_row_stride is 1 and a_k_stride is `rows`
  const float *b;                 // B[p, j] = b[p * b_k_stride + j]
  size_t b_k_stride;
  bool b_packed;                  // b_k_stride is tile_columns and the row is padded to it with zeros
  float *c;                       // C[i, j] = c[i * ldc + j]
  size_t ldc;
  float alpha, beta;              // C = alpha A B + beta C; with beta 0, C is not read
  const float *bias;              // (columns) or NULL
  bool relu;
} ck_tile;

// The largest and the smallest number met so far: -infinity and infinity before the first.
typedef struct ck_extremes {
  float maximum, minimum;
} ck_extremes;

struct ck_kernels {
  ck_isa isa;

  // gemm
  size_t tile_rows, tile_columns;
  void (*gemm_tile)(const ck_tile *tile);
  // packed[p * rows + i] = a[i, p]: rows <= tile_rows. Writes up to 16 floats past the panel.
  void (*pack_a)(bool transposed, size_t rows, size_t k, const float *a, size_t lda, float *packed);
  // packed[p * tile_columns + j] = b[p, j], zero for columns <= j < tile_columns.
  void (*pack_b)(bool transposed, size_t columns, size_t k, const float *b, size_t ldb, float *packed);

  // elementwise
  // `stream`: the output is too large for caches, aligned to 64 bytes and no input, so it may bypass them. Whoever
  // says so calls stream_end afterwards, on the same thread.
  void (*stream_end)(void);
  void (*activation_forward)(ck_activation activation, float slope, size_t n, bool stream, const float *x, float *y);
  void (*activation_backward)(ck_activation activation, float slope, size_t n, bool stream, const float *x,
                              const float *y, const float *dy, float *dx);
  void (*bias_relu)(size_t n, bool stream, const float *x, const float *b, float *y);
  void (*axpy)(size_t n, float alpha, const float *x, float *y);
  void (*scale)(size_t n, float alpha, float *x);
  void (*multiply)(size_t n, bool stream, const float *x, const float *y, float *z);
  void (*clamp)(size_t n, float low, float high, float *x);

  // reduce
  ck_moments (*moments)(size_t n, const float *x, ck_extremes known);
  void (*column_moments)(size_t rows, size_t columns, size_t stride, const float *x, ck_moments *out);
  void (*column_sums)(size_t rows, size_t columns, size_t stride, const float *x, float *out);
  double (*dot)(size_t n, const float *x, const float *y);
  void (*column_dots)(size_t rows, size_t columns, size_t stride, const float *x, const float *y, double *out);

  // loss: the sum over rows, not the mean; gradient scaled by `scale`
  double (*softmax_cross_entropy)(size_t rows, size_t columns, float scale, const float *x, const int32_t *labels,
                                  float *gradient);
  double (*squared_error)(size_t n, bool stream, float scale, const float *x, const float *target, float *gradient);

  // update
  void (*momentum)(size_t n, float rate, float keep, float momentum, bool nesterov, const float *g, float *v, float *w);
  void (*adam)(size_t n, const ck_adam_args *args, const float *g, float *m, float *v, float *w);
  void (*average)(size_t n, float weight, const float *w, float *average);
  void (*descend)(size_t n, bool stream, float rate, float keep, const float *g, const float *w, float *next);
  void (*descend_elements)(size_t n, bool stream, const float *eta, float keep, const float *g, const float *w,
                           float *next);
  double (*descend_factored)(size_t row, size_t columns, bool stream, const ck_factored_eta *eta, float keep,
                             const float *g, const float *w, float *next);
  // at most 16 rows; writes the row sums, adds to the column sums
  void (*factored_gradient)(size_t row, size_t rows, size_t first, size_t end, size_t stride,
                            const ck_factored_eta *eta, const float *g, const float *g2, double *dp_row,
                            double *dp_column, double *dq_row, double *dq_column);

  // random
  void (*philox)(uint64_t key, uint64_t stream, uint64_t counter, uint32_t out[4]);
  void (*uniform)(uint64_t key, uint64_t stream, uint64_t counter, size_t n, float *out);
  void (*dropout_mask)(uint64_t key, uint64_t stream, uint64_t counter, float probability, size_t n, float *out);

  // probe
  double (*peak_fma)(size_t rounds, float factor, float addend, double *mean);
  float (*read_sum)(size_t n, const float *x);
};

#endif
