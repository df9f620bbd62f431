// V_LANES doubles, for sums that floats are too coarse for: the compiler's own vectors, so + - * / work on them, and
// they are as many registers as they need.
typedef double vd_t __attribute__((vector_size(V_LANES * sizeof(double))));
typedef int64_t vd_mask_t __attribute__((vector_size(V_LANES * sizeof(int64_t))));  // what comparing them makes
typedef float v_narrow_t __attribute__((vector_size(V_LANES * sizeof(float))));

// Each lane of a v_t as a double. A macro, because functions of wide vectors have no agreed calling convention.
#define v_widen(x) __builtin_convertvector((v_narrow_t)(x), vd_t)

// Each lane's square root; a macro for the same reason.
#define vd_sqrt(x) __builtin_elementwise_sqrt(x)

// Over the lanes, in a fixed tree: halves, then quarters, while they are vectors.
static inline double vd_sum(const vd_t *x) {
  typedef double half_t __attribute__((vector_size(V_LANES * sizeof(double) / 2)));
  typedef double quarter_t __attribute__((vector_size(V_LANES * sizeof(double) / 4)));
  half_t halves[2];
  memcpy(halves, x, sizeof halves);
  halves[0] += halves[1];
  quarter_t quarters[2];
  memcpy(quarters, halves, sizeof quarters);
  quarters[0] += quarters[1];
  double lanes[V_LANES / 4];
  memcpy(lanes, quarters, sizeof lanes);
  for (int width = V_LANES / 8; width > 0; width /= 2) {
    for (int i = 0; i < width; i++) lanes[i] += lanes[i + width];
  }
  return lanes[0];
}

// Whether all lanes of a comparison hold.
static inline bool vd_all(const vd_mask_t *m) {
  int64_t lanes[V_LANES], all = -1;
  memcpy(lanes, m, sizeof lanes);
  for (int i = 0; i < V_LANES; i++) all &= lanes[i];
  return all != 0;
}

// p[i] += x[i], over all lanes or the first n.
static inline void vd_add(double *p, v_t x) {
  vd_t sum;
  memcpy(&sum, p, sizeof sum);
  sum += v_widen(x);
  memcpy(p, &sum, sizeof sum);
}
static inline void vd_add_n(double *p, v_t x, size_t n) {
  const vd_t wide = v_widen(x);
  double lanes[V_LANES];
  memcpy(lanes, &wide, sizeof lanes);
  for (size_t i = 0; i < n; i++) p[i] += lanes[i];
}
