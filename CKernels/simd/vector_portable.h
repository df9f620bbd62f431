// The vector vocabulary in plain C, and its definition: each instruction set's header has these words and no others.
//   v_t        V_LANES floats              vm_t       a choice of lanes
//   v_first(n) the first n lanes           v_load_n, v_store_n   the first n lanes only; loads put 0 elsewhere
//   v_stream(p, x)  stores past the caches where the CPU can, p on a 64-byte boundary; before anyone may
//                   read it, v_stream_end()
//   v_fma(x, y, z)  = x y + z, rounded once where the hardware can       v_fnma(x, y, z) = z - x y
//   v_reciprocal(x)  1 / x within an ulp; x and its reciprocal are normal numbers, or x is NaN
//   v_max(x, y), v_min(x, y)    y where either is NaN
//   v_all(m)   whether all lanes are chosen
//   v_signed_max(x, y), v_unsigned_max(x, y)   whichever is the larger integer by its bits: of numbers some of which
//                   have a sign and some have none, the largest and the smallest are found by them
//   v_round(x) nearest integer, ties to even, |x| < 2^22                 v_scale2(x, n) = x 2^n, n integral
//   v_select(m, x, y)  x in the chosen lanes, y elsewhere                v_greater(x, y)  false for NaN
//   v_sum, v_highest, v_lowest   over the lanes, in a fixed tree; highest and lowest expect no NaN
//   v_even(x, y), v_odd(x, y)   every other lane of x, then of y
//   v_zip_low(x, y), v_zip_high(x, y)   the halves of x0 y0 x1 y1 ...
//   v_sum_each(r)   lane i is the sum over the lanes of r[i], of V_LANES vectors, in a fixed tree
//   v_transpose(r)  of V_LANES vectors, in place
//   v_load_transposed(p, stride, r)  lane i of r[j] is p[i stride + j]: V_LANES vectors, as v_transpose makes them
#include <math.h>
#include <string.h>

enum { V_LANES = 4 };

// Vector types of the compiler's own: a struct would be passed in halves on x86-64.
typedef float v_t __attribute__((vector_size(16)));
typedef int32_t vm_t __attribute__((vector_size(16)));

#define V_EACH(type, expression)                        \
  type result;                                          \
  for (int i = 0; i < 4; i++) result[i] = (expression); \
  return result

static inline v_t v_set1(float x) { V_EACH(v_t, x); }
static inline v_t v_load(const float *p) {
  v_t x;
  memcpy(&x, p, sizeof x);
  return x;
}
static inline void v_store(float *p, v_t x) { memcpy(p, &x, sizeof x); }
static inline void v_stream(float *p, v_t x) { v_store(p, x); }
static inline void v_stream_end(void) {}
static inline vm_t v_first(size_t n) { V_EACH(vm_t, -((size_t)i < n)); }
static inline v_t v_load_n(const float *p, size_t n) { V_EACH(v_t, (size_t)i < n ? p[i] : 0.0f); }
static inline void v_store_n(float *p, v_t x, size_t n) { memcpy(p, &x, n * sizeof(float)); }

static inline v_t v_add(v_t x, v_t y) { return x + y; }
static inline v_t v_sub(v_t x, v_t y) { return x - y; }
static inline v_t v_mul(v_t x, v_t y) { return x * y; }
static inline v_t v_div(v_t x, v_t y) { return x / y; }
static inline v_t v_reciprocal(v_t x) { return 1.0f / x; }
static inline v_t v_fma(v_t x, v_t y, v_t z) { return x * y + z; }
static inline v_t v_fnma(v_t x, v_t y, v_t z) { return z - x * y; }
static inline vm_t v_greater(v_t x, v_t y) { return x > y; }
static inline bool v_all(vm_t m) { return (m[0] & m[1] & m[2] & m[3]) != 0; }
static inline v_t v_select(vm_t m, v_t x, v_t y) { return (v_t)((m & (vm_t)x) | (~m & (vm_t)y)); }
static inline v_t v_max(v_t x, v_t y) { return v_select(x > y, x, y); }
static inline v_t v_min(v_t x, v_t y) { return v_select(x < y, x, y); }
static inline v_t v_sqrt(v_t x) { V_EACH(v_t, sqrtf(x[i])); }
static inline v_t v_abs(v_t x) { V_EACH(v_t, fabsf(x[i])); }
static inline v_t v_signed_max(v_t x, v_t y) { return v_select((vm_t)x > (vm_t)y, x, y); }
static inline v_t v_unsigned_max(v_t x, v_t y) {
  typedef uint32_t bits_t __attribute__((vector_size(16)));
  return v_select((vm_t)((bits_t)x > (bits_t)y), x, y);
}
// Adding and taking away 1.5 * 2^23 rounds in the last place of the sum.
static inline v_t v_round(v_t x) { V_EACH(v_t, (x[i] + 12582912.0f) - 12582912.0f); }
static inline float v_power_of_2(int n) {
  const uint32_t bits = (uint32_t)(n + 127) << 23;
  float power;
  memcpy(&power, &bits, sizeof power);
  return power;
}
static inline float v_scale2_lane(float x, float n) {
  if (n != n) return n;
  // Two factors, since 2^n itself may lie outside the range of float. Where a NaN elsewhere spoils the result anyway, n
  // may be beyond what an integer holds.
  const int whole = n > 252 ? 252 : n < -252 ? -252 : (int)n, half = whole / 2;
  return x * v_power_of_2(half) * v_power_of_2(whole - half);
}
static inline v_t v_scale2(v_t x, v_t n) { V_EACH(v_t, v_scale2_lane(x[i], n[i])); }
static inline v_t v_copysign(v_t magnitude, v_t sign) { V_EACH(v_t, copysignf(magnitude[i], sign[i])); }

static inline v_t v_even(v_t x, v_t y) { return __builtin_shufflevector(x, y, 0, 2, 4, 6); }
static inline v_t v_odd(v_t x, v_t y) { return __builtin_shufflevector(x, y, 1, 3, 5, 7); }
static inline v_t v_zip_low(v_t x, v_t y) { return __builtin_shufflevector(x, y, 0, 4, 1, 5); }
static inline v_t v_zip_high(v_t x, v_t y) { return __builtin_shufflevector(x, y, 2, 6, 3, 7); }

static inline float v_sum(v_t x) { return (x[0] + x[2]) + (x[1] + x[3]); }
static inline float v_highest(v_t x) { return fmaxf(fmaxf(x[0], x[2]), fmaxf(x[1], x[3])); }
static inline float v_lowest(v_t x) { return fminf(fminf(x[0], x[2]), fminf(x[1], x[3])); }

static inline v_t v_sum_each(const v_t r[4]) { V_EACH(v_t, v_sum(r[i])); }

static inline void v_transpose(v_t r[4]) {
  for (int i = 0; i < 4; i++) {
    for (int j = i + 1; j < 4; j++) {
      const float swapped = r[i][j];
      r[i][j] = r[j][i];
      r[j][i] = swapped;
    }
  }
}

static inline void v_load_transposed(const float *p, size_t stride, v_t r[4]) {
  for (size_t i = 0; i < 4; i++) r[i] = v_load(p + i * stride);
  v_transpose(r);
}
