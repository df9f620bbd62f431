// The vector vocabulary in AVX2 with FMA: eight floats. vector_portable.h says what each word means.
#include <immintrin.h>
#include <string.h>

enum { V_LANES = 8 };
typedef __m256 v_t;
typedef __m256 vm_t;

static inline v_t v_set1(float x) { return _mm256_set1_ps(x); }
static inline v_t v_load(const float *p) { return _mm256_loadu_ps(p); }
static inline void v_store(float *p, v_t x) { _mm256_storeu_ps(p, x); }
static inline void v_stream(float *p, v_t x) { _mm256_stream_ps(p, x); }
static inline void v_stream_end(void) { _mm_sfence(); }
static inline vm_t v_first(size_t n) {
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_castsi256_ps(_mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), lane));
}
static inline v_t v_load_n(const float *p, size_t n) { return _mm256_maskload_ps(p, _mm256_castps_si256(v_first(n))); }
static inline void v_store_n(float *p, v_t x, size_t n) {
  // In parts: masked stores take some twenty cycles on AMD.
  if (n == 8) {
    v_store(p, x);
    return;
  }
  __m128 half = _mm256_castps256_ps128(x);
  if (n & 4) {
    _mm_storeu_ps(p, half);
    half = _mm256_extractf128_ps(x, 1);
    p += 4;
  }
  if (n & 2) {
    _mm_storel_pi((__m64 *)(void *)p, half);
    half = _mm_movehl_ps(half, half);
    p += 2;
  }
  if (n & 1) _mm_store_ss(p, half);
}

static inline v_t v_add(v_t x, v_t y) { return _mm256_add_ps(x, y); }
static inline v_t v_sub(v_t x, v_t y) { return _mm256_sub_ps(x, y); }
static inline v_t v_mul(v_t x, v_t y) { return _mm256_mul_ps(x, y); }
static inline v_t v_div(v_t x, v_t y) { return _mm256_div_ps(x, y); }
static inline v_t v_reciprocal(v_t x) { return _mm256_div_ps(_mm256_set1_ps(1.0f), x); }
static inline v_t v_fma(v_t x, v_t y, v_t z) { return _mm256_fmadd_ps(x, y, z); }
static inline v_t v_fnma(v_t x, v_t y, v_t z) { return _mm256_fnmadd_ps(x, y, z); }
static inline v_t v_max(v_t x, v_t y) { return _mm256_max_ps(x, y); }
static inline v_t v_min(v_t x, v_t y) { return _mm256_min_ps(x, y); }
static inline v_t v_sqrt(v_t x) { return _mm256_sqrt_ps(x); }
static inline v_t v_abs(v_t x) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x); }
static inline v_t v_signed_max(v_t x, v_t y) {
  return _mm256_castsi256_ps(_mm256_max_epi32(_mm256_castps_si256(x), _mm256_castps_si256(y)));
}
static inline v_t v_unsigned_max(v_t x, v_t y) {
  return _mm256_castsi256_ps(_mm256_max_epu32(_mm256_castps_si256(x), _mm256_castps_si256(y)));
}
static inline v_t v_round(v_t x) { return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
static inline v_t v_scale2(v_t x, v_t n) {
  // Two factors, since 2^n itself may lie outside the range of float.
  const __m256i whole = _mm256_cvtps_epi32(n), half = _mm256_srai_epi32(whole, 1);
  const __m256i bias = _mm256_set1_epi32(127), rest = _mm256_sub_epi32(whole, half);
  const v_t first = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(half, bias), 23));
  const v_t second = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(rest, bias), 23));
  return v_mul(v_mul(x, first), second);
}
static inline v_t v_copysign(v_t magnitude, v_t sign) {
  return _mm256_or_ps(v_abs(magnitude), _mm256_and_ps(_mm256_set1_ps(-0.0f), sign));
}

static inline vm_t v_greater(v_t x, v_t y) { return _mm256_cmp_ps(x, y, _CMP_GT_OQ); }
static inline bool v_all(vm_t m) { return _mm256_movemask_ps(m) == 0xff; }
static inline v_t v_select(vm_t m, v_t x, v_t y) { return _mm256_blendv_ps(y, x, m); }

static inline v_t v_zip_low(v_t x, v_t y) {
  return _mm256_permute2f128_ps(_mm256_unpacklo_ps(x, y), _mm256_unpackhi_ps(x, y), 0x20);
}
static inline v_t v_zip_high(v_t x, v_t y) {
  return _mm256_permute2f128_ps(_mm256_unpacklo_ps(x, y), _mm256_unpackhi_ps(x, y), 0x31);
}

static inline float v_sum(v_t x) {
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
static inline float v_highest(v_t x) {
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}
static inline float v_lowest(v_t x) {
  const __m128 four = _mm_min_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  const __m128 two = _mm_min_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_min_ss(two, _mm_movehdup_ps(two)));
}

static inline v_t v_even(v_t x, v_t y) {
  const __m256d mixed = _mm256_castps_pd(_mm256_shuffle_ps(x, y, 0x88));
  return _mm256_castpd_ps(_mm256_permute4x64_pd(mixed, 0xD8));
}
static inline v_t v_odd(v_t x, v_t y) {
  const __m256d mixed = _mm256_castps_pd(_mm256_shuffle_ps(x, y, 0xDD));
  return _mm256_castpd_ps(_mm256_permute4x64_pd(mixed, 0xD8));
}
// Of four vectors: their sums within each half of the register.
static inline v_t v_sum_four(const v_t r[4]) {
  const v_t a = v_add(_mm256_unpacklo_ps(r[0], r[1]), _mm256_unpackhi_ps(r[0], r[1]));
  const v_t b = v_add(_mm256_unpacklo_ps(r[2], r[3]), _mm256_unpackhi_ps(r[2], r[3]));
  return v_add(_mm256_shuffle_ps(a, b, 0x44), _mm256_shuffle_ps(a, b, 0xEE));
}
static inline v_t v_sum_each(const v_t r[8]) {
  const v_t low = v_sum_four(r), high = v_sum_four(r + 4);
  return v_add(_mm256_permute2f128_ps(low, high, 0x20), _mm256_permute2f128_ps(low, high, 0x31));
}

static inline void v_transpose(v_t r[8]) {
  v_t t[8];
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++) {
    t[2 * i] = _mm256_unpacklo_ps(r[2 * i], r[2 * i + 1]);
    t[2 * i + 1] = _mm256_unpackhi_ps(r[2 * i], r[2 * i + 1]);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < 2; i++) {
    r[4 * i] = _mm256_shuffle_ps(t[4 * i], t[4 * i + 2], 0x44);
    r[4 * i + 1] = _mm256_shuffle_ps(t[4 * i], t[4 * i + 2], 0xEE);
    r[4 * i + 2] = _mm256_shuffle_ps(t[4 * i + 1], t[4 * i + 3], 0x44);
    r[4 * i + 3] = _mm256_shuffle_ps(t[4 * i + 1], t[4 * i + 3], 0xEE);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++) {
    t[i] = _mm256_permute2f128_ps(r[i], r[4 + i], 0x20);
    t[4 + i] = _mm256_permute2f128_ps(r[i], r[4 + i], 0x31);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < 8; i++) r[i] = t[i];
}

// Halves of vectors are loaded into place, so that what is left to shuffle stays within halves.
static inline void v_load_transposed(const float *p, size_t stride, v_t r[8]) {
#pragma clang loop unroll(full)
  for (size_t j = 0; j < 8; j += 4) {
    v_t t[4];
#pragma clang loop unroll(full)
    for (size_t i = 0; i < 4; i++) {
      const float *const low = p + i * stride + j, *const high = low + 4 * stride;
      t[i] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(low)), _mm_loadu_ps(high), 1);
    }
    const v_t a = _mm256_unpacklo_ps(t[0], t[1]), b = _mm256_unpackhi_ps(t[0], t[1]);
    const v_t c = _mm256_unpacklo_ps(t[2], t[3]), d = _mm256_unpackhi_ps(t[2], t[3]);
    r[j] = _mm256_shuffle_ps(a, c, 0x44);
    r[j + 1] = _mm256_shuffle_ps(a, c, 0xEE);
    r[j + 2] = _mm256_shuffle_ps(b, d, 0x44);
    r[j + 3] = _mm256_shuffle_ps(b, d, 0xEE);
  }
}
