// The vector vocabulary in AVX-512: sixteen floats, hardware masks. vector_portable.h says what each word means.
#include <immintrin.h>

enum { V_LANES = 16 };
typedef __m512 v_t;
typedef __mmask16 vm_t;

static inline v_t v_set1(float x) { return _mm512_set1_ps(x); }
static inline v_t v_load(const float *p) { return _mm512_loadu_ps(p); }
static inline void v_store(float *p, v_t x) { _mm512_storeu_ps(p, x); }
static inline void v_stream(float *p, v_t x) { _mm512_stream_ps(p, x); }
static inline void v_stream_end(void) { _mm_sfence(); }
static inline vm_t v_first(size_t n) { return (vm_t)_bzhi_u32(0xffff, (unsigned)n); }
static inline v_t v_load_n(const float *p, size_t n) { return _mm512_maskz_loadu_ps(v_first(n), p); }
static inline void v_store_n(float *p, v_t x, size_t n) { _mm512_mask_storeu_ps(p, v_first(n), x); }

static inline v_t v_add(v_t x, v_t y) { return _mm512_add_ps(x, y); }
static inline v_t v_sub(v_t x, v_t y) { return _mm512_sub_ps(x, y); }
static inline v_t v_mul(v_t x, v_t y) { return _mm512_mul_ps(x, y); }
static inline v_t v_div(v_t x, v_t y) { return _mm512_div_ps(x, y); }
static inline v_t v_reciprocal(v_t x) {
  // Division holds its unit for sixteen cycles; a step of Newton's doubles the fourteen bits of the estimate.
  const v_t estimate = _mm512_rcp14_ps(x);
  return _mm512_fmadd_ps(estimate, _mm512_fnmadd_ps(x, estimate, _mm512_set1_ps(1.0f)), estimate);
}
static inline v_t v_fma(v_t x, v_t y, v_t z) { return _mm512_fmadd_ps(x, y, z); }
static inline v_t v_fnma(v_t x, v_t y, v_t z) { return _mm512_fnmadd_ps(x, y, z); }
static inline v_t v_max(v_t x, v_t y) { return _mm512_max_ps(x, y); }
static inline v_t v_min(v_t x, v_t y) { return _mm512_min_ps(x, y); }
static inline v_t v_sqrt(v_t x) { return _mm512_sqrt_ps(x); }
static inline v_t v_abs(v_t x) { return _mm512_abs_ps(x); }
static inline v_t v_signed_max(v_t x, v_t y) {
  return _mm512_castsi512_ps(_mm512_max_epi32(_mm512_castps_si512(x), _mm512_castps_si512(y)));
}
static inline v_t v_unsigned_max(v_t x, v_t y) {
  return _mm512_castsi512_ps(_mm512_max_epu32(_mm512_castps_si512(x), _mm512_castps_si512(y)));
}
static inline v_t v_round(v_t x) { return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
static inline v_t v_scale2(v_t x, v_t n) { return _mm512_scalef_ps(x, n); }
static inline v_t v_copysign(v_t magnitude, v_t sign) {
  const __m512i mask = _mm512_set1_epi32((int)0x80000000u);
  return _mm512_castsi512_ps(_mm512_or_si512(_mm512_andnot_si512(mask, _mm512_castps_si512(magnitude)),
                                             _mm512_and_si512(mask, _mm512_castps_si512(sign))));
}

static inline vm_t v_greater(v_t x, v_t y) { return _mm512_cmp_ps_mask(x, y, _CMP_GT_OQ); }
static inline bool v_all(vm_t m) { return m == 0xffff; }
static inline v_t v_select(vm_t m, v_t x, v_t y) { return _mm512_mask_blend_ps(m, y, x); }

static inline v_t v_zip(v_t x, v_t y, int first) {
  const __m512i pairs = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  return _mm512_permutex2var_ps(x, _mm512_add_epi32(pairs, _mm512_set1_epi32(first)), y);
}
static inline v_t v_zip_low(v_t x, v_t y) { return v_zip(x, y, 0); }
static inline v_t v_zip_high(v_t x, v_t y) { return v_zip(x, y, 8); }

static inline float v_sum(v_t x) { return _mm512_reduce_add_ps(x); }
static inline float v_highest(v_t x) { return _mm512_reduce_max_ps(x); }
static inline float v_lowest(v_t x) { return _mm512_reduce_min_ps(x); }

static inline v_t v_even(v_t x, v_t y) {
  const __m512i lanes = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  return _mm512_permutex2var_ps(x, lanes, y);
}
static inline v_t v_odd(v_t x, v_t y) {
  const __m512i lanes = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
  return _mm512_permutex2var_ps(x, lanes, y);
}
// Of four vectors: their sums within each quarter of the register.
static inline v_t v_sum_four(const v_t r[4]) {
  const v_t a = v_add(_mm512_unpacklo_ps(r[0], r[1]), _mm512_unpackhi_ps(r[0], r[1]));
  const v_t b = v_add(_mm512_unpacklo_ps(r[2], r[3]), _mm512_unpackhi_ps(r[2], r[3]));
  return v_add(_mm512_shuffle_ps(a, b, 0x44), _mm512_shuffle_ps(a, b, 0xEE));
}
static inline v_t v_sum_each(const v_t r[16]) {
  const v_t q0 = v_sum_four(r), q1 = v_sum_four(r + 4), q2 = v_sum_four(r + 8), q3 = v_sum_four(r + 12);
  const v_t low = v_add(_mm512_shuffle_f32x4(q0, q1, 0x44), _mm512_shuffle_f32x4(q0, q1, 0xEE));
  const v_t high = v_add(_mm512_shuffle_f32x4(q2, q3, 0x44), _mm512_shuffle_f32x4(q2, q3, 0xEE));
  return v_add(_mm512_shuffle_f32x4(low, high, 0x88), _mm512_shuffle_f32x4(low, high, 0xDD));
}

static inline void v_transpose(v_t r[16]) {
  v_t t[16];
#pragma clang loop unroll(full)
  for (int i = 0; i < 8; i++) {
    t[2 * i] = _mm512_unpacklo_ps(r[2 * i], r[2 * i + 1]);
    t[2 * i + 1] = _mm512_unpackhi_ps(r[2 * i], r[2 * i + 1]);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++) {
    const __m512d a = _mm512_castps_pd(t[4 * i]), b = _mm512_castps_pd(t[4 * i + 1]);
    const __m512d c = _mm512_castps_pd(t[4 * i + 2]), d = _mm512_castps_pd(t[4 * i + 3]);
    r[4 * i] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, c));
    r[4 * i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, c));
    r[4 * i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(b, d));
    r[4 * i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(b, d));
  }
#pragma clang loop unroll(full)
  for (int j = 0; j < 4; j++) {
    const v_t low01 = _mm512_shuffle_f32x4(r[j], r[4 + j], 0x44), high01 = _mm512_shuffle_f32x4(r[j], r[4 + j], 0xEE);
    const v_t low23 = _mm512_shuffle_f32x4(r[8 + j], r[12 + j], 0x44);
    const v_t high23 = _mm512_shuffle_f32x4(r[8 + j], r[12 + j], 0xEE);
    t[j] = _mm512_shuffle_f32x4(low01, low23, 0x88);
    t[4 + j] = _mm512_shuffle_f32x4(low01, low23, 0xDD);
    t[8 + j] = _mm512_shuffle_f32x4(high01, high23, 0x88);
    t[12 + j] = _mm512_shuffle_f32x4(high01, high23, 0xDD);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; i++) r[i] = t[i];
}

// Halves of vectors are loaded into place, which leaves three rounds of shuffles of four.
static inline void v_load_transposed(const float *p, size_t stride, v_t r[16]) {
  const __m512i low = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13), high = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
#pragma clang loop unroll(full)
  for (size_t j = 0; j < 16; j += 8) {
    v_t t[8], u[8];
#pragma clang loop unroll(full)
    for (size_t i = 0; i < 8; i++) {
      const __m256d first = _mm256_castps_pd(_mm256_loadu_ps(p + i * stride + j));
      const __m256d second = _mm256_castps_pd(_mm256_loadu_ps(p + (8 + i) * stride + j));
      t[i] = _mm512_castpd_ps(_mm512_insertf64x4(_mm512_castpd256_pd512(first), second, 1));
    }
#pragma clang loop unroll(full)
    for (size_t i = 0; i < 8; i += 4) {
      const v_t a = _mm512_unpacklo_ps(t[i], t[i + 1]), b = _mm512_unpackhi_ps(t[i], t[i + 1]);
      const v_t c = _mm512_unpacklo_ps(t[i + 2], t[i + 3]), d = _mm512_unpackhi_ps(t[i + 2], t[i + 3]);
      u[i] = _mm512_shuffle_ps(a, c, 0x44);
      u[i + 1] = _mm512_shuffle_ps(a, c, 0xEE);
      u[i + 2] = _mm512_shuffle_ps(b, d, 0x44);
      u[i + 3] = _mm512_shuffle_ps(b, d, 0xEE);
    }
    // Quarters of u[i]: rows 0, 0, 8, 8 and on of columns i, i + 4, i, i + 4; of u[4 + i], rows 4 and 12 and on.
#pragma clang loop unroll(full)
    for (size_t i = 0; i < 4; i++) {
      const __m512d a = _mm512_castps_pd(u[i]), b = _mm512_castps_pd(u[4 + i]);
      r[j + i] = _mm512_castpd_ps(_mm512_permutex2var_pd(a, low, b));
      r[j + 4 + i] = _mm512_castpd_ps(_mm512_permutex2var_pd(a, high, b));
    }
  }
}
