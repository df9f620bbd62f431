// The vector vocabulary in NEON (aarch64): four floats. vector_portable.h says what each word means.
#include <arm_neon.h>
#include <string.h>

enum { V_LANES = 4 };
typedef float32x4_t v_t;
typedef uint32x4_t vm_t;

static inline v_t v_set1(float x) { return vdupq_n_f32(x); }
static inline v_t v_load(const float *p) { return vld1q_f32(p); }
static inline void v_store(float *p, v_t x) { vst1q_f32(p, x); }
static inline void v_stream(float *p, v_t x) { v_store(p, x); }
static inline void v_stream_end(void) {}
static inline vm_t v_first(size_t n) {
  const uint32x4_t lane = {0, 1, 2, 3};
  return vcgtq_u32(vdupq_n_u32((uint32_t)n), lane);
}
static inline v_t v_load_n(const float *p, size_t n) {
  float lanes[4] = {0};
  memcpy(lanes, p, n * sizeof(float));
  return vld1q_f32(lanes);
}
static inline void v_store_n(float *p, v_t x, size_t n) {
  float lanes[4];
  vst1q_f32(lanes, x);
  memcpy(p, lanes, n * sizeof(float));
}

static inline v_t v_add(v_t x, v_t y) { return vaddq_f32(x, y); }
static inline v_t v_sub(v_t x, v_t y) { return vsubq_f32(x, y); }
static inline v_t v_mul(v_t x, v_t y) { return vmulq_f32(x, y); }
static inline v_t v_div(v_t x, v_t y) { return vdivq_f32(x, y); }
static inline v_t v_reciprocal(v_t x) { return vdivq_f32(vdupq_n_f32(1.0f), x); }
static inline v_t v_fma(v_t x, v_t y, v_t z) { return vfmaq_f32(z, x, y); }
static inline v_t v_fnma(v_t x, v_t y, v_t z) { return vfmsq_f32(z, x, y); }
// Compared and selected, because vmaxq would return a NaN of either side.
static inline v_t v_max(v_t x, v_t y) { return vbslq_f32(vcgtq_f32(x, y), x, y); }
static inline v_t v_min(v_t x, v_t y) { return vbslq_f32(vcltq_f32(x, y), x, y); }
static inline v_t v_sqrt(v_t x) { return vsqrtq_f32(x); }
static inline v_t v_abs(v_t x) { return vabsq_f32(x); }
static inline v_t v_signed_max(v_t x, v_t y) {
  return vreinterpretq_f32_s32(vmaxq_s32(vreinterpretq_s32_f32(x), vreinterpretq_s32_f32(y)));
}
static inline v_t v_unsigned_max(v_t x, v_t y) {
  return vreinterpretq_f32_u32(vmaxq_u32(vreinterpretq_u32_f32(x), vreinterpretq_u32_f32(y)));
}
static inline v_t v_round(v_t x) { return vrndnq_f32(x); }
static inline v_t v_scale2(v_t x, v_t n) {
  // Two factors, since 2^n itself may lie outside the range of float.
  const int32x4_t whole = vcvtq_s32_f32(n), half = vshrq_n_s32(whole, 1), rest = vsubq_s32(whole, half);
  const int32x4_t bias = vdupq_n_s32(127);
  const v_t first = vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(half, bias), 23));
  const v_t second = vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(rest, bias), 23));
  return vmulq_f32(vmulq_f32(x, first), second);
}
static inline v_t v_copysign(v_t magnitude, v_t sign) {
  return vbslq_f32(vdupq_n_u32(0x80000000u), sign, magnitude);
}

static inline vm_t v_greater(v_t x, v_t y) { return vcgtq_f32(x, y); }
static inline bool v_all(vm_t m) { return vminvq_u32(m) != 0; }
static inline v_t v_select(vm_t m, v_t x, v_t y) { return vbslq_f32(m, x, y); }

static inline v_t v_even(v_t x, v_t y) { return vuzp1q_f32(x, y); }
static inline v_t v_odd(v_t x, v_t y) { return vuzp2q_f32(x, y); }
static inline v_t v_zip_low(v_t x, v_t y) { return vzip1q_f32(x, y); }
static inline v_t v_zip_high(v_t x, v_t y) { return vzip2q_f32(x, y); }

static inline float v_sum(v_t x) { return vaddvq_f32(x); }
static inline float v_highest(v_t x) { return vmaxvq_f32(x); }
static inline float v_lowest(v_t x) { return vminvq_f32(x); }

static inline v_t v_sum_each(const v_t r[4]) {
  return vpaddq_f32(vpaddq_f32(r[0], r[1]), vpaddq_f32(r[2], r[3]));
}

static inline void v_transpose(v_t r[4]) {
  const float32x4_t a = vtrn1q_f32(r[0], r[1]), b = vtrn2q_f32(r[0], r[1]);
  const float32x4_t c = vtrn1q_f32(r[2], r[3]), d = vtrn2q_f32(r[2], r[3]);
  r[0] = vreinterpretq_f32_f64(vtrn1q_f64(vreinterpretq_f64_f32(a), vreinterpretq_f64_f32(c)));
  r[1] = vreinterpretq_f32_f64(vtrn1q_f64(vreinterpretq_f64_f32(b), vreinterpretq_f64_f32(d)));
  r[2] = vreinterpretq_f32_f64(vtrn2q_f64(vreinterpretq_f64_f32(a), vreinterpretq_f64_f32(c)));
  r[3] = vreinterpretq_f32_f64(vtrn2q_f64(vreinterpretq_f64_f32(b), vreinterpretq_f64_f32(d)));
}

static inline void v_load_transposed(const float *p, size_t stride, v_t r[4]) {
  for (size_t i = 0; i < 4; i++) r[i] = v_load(p + i * stride);
  v_transpose(r);
}
