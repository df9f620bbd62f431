// The vector vocabulary in plain C, and its definition: each instruction set's header has these words and no others.
//   v_t        V_LANES floats              vm_t       a choice of lanes
//   v_first(n) the first n lanes           v_load_n, v_store_n   the first n lanes only; loads put 0 elsewhere
//   v_fma(x, y, z)  = x y + z, rounded once where the hardware can       v_fnma(x, y, z) = z - x y
//   v_max(x, y), v_min(x, y)    y where either is NaN
//   v_round(x) nearest integer, ties to even, |x| < 2^22                 v_scale2(x, n) = x 2^n, n integral
//   v_select(m, x, y)  x in the chosen lanes, y elsewhere                v_greater(x, y)  false for NaN
//   v_sum, v_highest, v_lowest   over the lanes, in a fixed tree; highest and lowest expect no NaN
//   v_transpose(r)  of V_LANES vectors, in place
#include <math.h>
#include <string.h>

enum { V_LANES = 4 };
typedef struct { float lane[4]; } v_t;
typedef struct { bool lane[4]; } vm_t;

#define V_EACH(type, expression)                        \
  type result;                                          \
  for (int i = 0; i < 4; i++) result.lane[i] = (expression); \
  return result

static inline v_t v_set1(float x) { V_EACH(v_t, x); }
static inline v_t v_load(const float *p) { V_EACH(v_t, p[i]); }
static inline void v_store(float *p, v_t x) { memcpy(p, x.lane, sizeof x.lane); }
static inline vm_t v_first(size_t n) { V_EACH(vm_t, (size_t)i < n); }
static inline v_t v_load_n(const float *p, size_t n) { V_EACH(v_t, (size_t)i < n ? p[i] : 0.0f); }
static inline void v_store_n(float *p, v_t x, size_t n) { memcpy(p, x.lane, n * sizeof(float)); }

static inline v_t v_add(v_t x, v_t y) { V_EACH(v_t, x.lane[i] + y.lane[i]); }
static inline v_t v_sub(v_t x, v_t y) { V_EACH(v_t, x.lane[i] - y.lane[i]); }
static inline v_t v_mul(v_t x, v_t y) { V_EACH(v_t, x.lane[i] * y.lane[i]); }
static inline v_t v_div(v_t x, v_t y) { V_EACH(v_t, x.lane[i] / y.lane[i]); }
static inline v_t v_fma(v_t x, v_t y, v_t z) { V_EACH(v_t, x.lane[i] * y.lane[i] + z.lane[i]); }
static inline v_t v_fnma(v_t x, v_t y, v_t z) { V_EACH(v_t, z.lane[i] - x.lane[i] * y.lane[i]); }
static inline v_t v_max(v_t x, v_t y) { V_EACH(v_t, x.lane[i] > y.lane[i] ? x.lane[i] : y.lane[i]); }
static inline v_t v_min(v_t x, v_t y) { V_EACH(v_t, x.lane[i] < y.lane[i] ? x.lane[i] : y.lane[i]); }
static inline v_t v_sqrt(v_t x) { V_EACH(v_t, sqrtf(x.lane[i])); }
static inline v_t v_abs(v_t x) { V_EACH(v_t, fabsf(x.lane[i])); }
// Adding and taking away 1.5 * 2^23 rounds in the last place of the sum.
static inline v_t v_round(v_t x) { V_EACH(v_t, (x.lane[i] + 12582912.0f) - 12582912.0f); }
static inline float v_power_of_2(int n) {
  const uint32_t bits = (uint32_t)(n + 127) << 23;
  float power;
  memcpy(&power, &bits, sizeof power);
  return power;
}
static inline v_t v_scale2(v_t x, v_t n) {
  // Two factors, since 2^n itself may lie outside the range of float. A NaN's n may be anything.
  V_EACH(v_t, n.lane[i] == n.lane[i] ? x.lane[i] * v_power_of_2((int)n.lane[i] / 2) *
                                           v_power_of_2((int)n.lane[i] - (int)n.lane[i] / 2)
                                     : n.lane[i]);
}
static inline v_t v_copysign(v_t magnitude, v_t sign) { V_EACH(v_t, copysignf(magnitude.lane[i], sign.lane[i])); }

static inline vm_t v_greater(v_t x, v_t y) { V_EACH(vm_t, x.lane[i] > y.lane[i]); }
static inline v_t v_select(vm_t m, v_t x, v_t y) { V_EACH(v_t, m.lane[i] ? x.lane[i] : y.lane[i]); }

static inline float v_sum(v_t x) { return (x.lane[0] + x.lane[2]) + (x.lane[1] + x.lane[3]); }
static inline float v_highest(v_t x) { return fmaxf(fmaxf(x.lane[0], x.lane[2]), fmaxf(x.lane[1], x.lane[3])); }
static inline float v_lowest(v_t x) { return fminf(fminf(x.lane[0], x.lane[2]), fminf(x.lane[1], x.lane[3])); }

static inline void v_transpose(v_t r[4]) {
  for (int i = 0; i < 4; i++) {
    for (int j = i + 1; j < 4; j++) {
      const float swapped = r[i].lane[j];
      r[i].lane[j] = r[j].lane[i];
      r[j].lane[i] = swapped;
    }
  }
}
