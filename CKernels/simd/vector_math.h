// Transcendental functions in the vector vocabulary. Errors are relative, measured over the whole range of float.

// What exp is made of: exp(x) = 2^n (1 + m) with |m| below a half, for -105 <= x <= 89. With r = x - n ln 2, m is r
// times a minimax polynomial.
typedef struct { v_t n, m; } v_power_t;
static inline v_power_t v_power(v_t x) {
  const v_t round = v_set1(12582912.0f);  // adding 1.5 * 2^23 rounds to a whole number
  v_power_t power = {.n = v_sub(v_fma(x, v_set1(1.44269504f), round), round)};
  v_t r = v_fnma(power.n, v_set1(0.693359375f), x);  // ln 2 in two parts: the first times n is exact
  r = v_fnma(power.n, v_set1(-2.12194440e-4f), r);
  // In pairs (Estrin), for a shorter chain of as many operations.
  const v_t square = v_mul(r, r);
  v_t p = v_fma(v_set1(1.9875691500e-4f), r, v_set1(1.3981999507e-3f));
  p = v_fma(p, square, v_fma(v_set1(8.3334519073e-3f), r, v_set1(4.1665795894e-2f)));
  p = v_fma(p, square, v_fma(v_set1(1.6666665459e-1f), r, v_set1(5.0000001201e-1f)));
  power.m = v_fma(square, p, r);
  return power;
}

// exp of -105 <= x <= 89, about 1.5 ulp; exp(0) is exactly 1.
static inline v_t v_exp_within(v_t x) {
  const v_power_t power = v_power(x);
  return v_scale2(v_add(power.m, v_set1(1.0f)), power.n);
}

static inline v_t v_exp(v_t x) { return v_exp_within(v_min(v_set1(89.0f), v_max(v_set1(-105.0f), x))); }

// exp of -87 <= x <= 88, v_exp to the last bit: results are normal numbers there, so that n, which stands in the last
// bits of its sum with 1.5 * 2^23, can be added to their exponents. NaNs that arithmetic makes stay NaN.
typedef int vi_bits_t __attribute__((vector_size(sizeof(v_t))));
static inline v_t v_exp_normal(v_t x) {
  const v_power_t power = v_power(x);
  const vi_bits_t exponent = (vi_bits_t)v_add(power.n, v_set1(12582912.0f)) << 23;
  return (v_t)((vi_bits_t)v_add(power.m, v_set1(1.0f)) + exponent);
}

// exp of x <= 0.
static inline v_t v_exp_negative(v_t x) { return v_exp_within(v_max(v_set1(-105.0f), x)); }

// 1 / (1 + exp(-x)), about 4 ulp; the exponential is always of a negative number, so no tail is lost.
static inline v_t v_sigmoid(v_t x) {
  const v_t one = v_set1(1.0f);
  const v_t e = v_exp_negative(v_sub(v_set1(0.0f), v_abs(x)));
  const v_t numerator = v_select(v_greater(v_set1(0.0f), x), e, one);
  return v_mul(numerator, v_reciprocal(v_add(one, e)));
}

// tanh, about 4 ulp: d / (d + 2) with d = exp(2x) - 1 = (2^n - 1) + 2^n m, which cancels nowhere.
static inline v_t v_tanh(v_t x) {
  const v_t most = v_set1(20.0f), twice = v_min(most, v_max(v_set1(-20.0f), v_add(x, x)));
  const v_power_t power = v_power(twice);
  const v_t scale = v_scale2(v_set1(1.0f), power.n);
  const v_t d = v_fma(scale, power.m, v_sub(scale, v_set1(1.0f)));
  return v_mul(d, v_reciprocal(v_add(d, v_set1(2.0f))));
}

// The standard normal distribution: its density, and its distribution function Phi to about 5 ulp on either tail.
// For x < 0, Phi(x) = exp(-x^2/2) G(u) with u = 1 / (1 + 0.35 |x|) and G a minimax polynomial of degree 9.
typedef struct { v_t density, distribution; } v_normal_t;
static inline v_normal_t v_normal(v_t x) {
  const v_t one = v_set1(1.0f), magnitude = v_min(v_set1(14.49f), v_abs(x));  // beyond, exp(-x^2/2) is 0
  const v_t square = v_mul(magnitude, magnitude), gained = v_fnma(magnitude, magnitude, square);  // by its rounding
  const v_t rounded = v_exp_within(v_mul(square, v_set1(-0.5f)));
  const v_t e = v_fma(v_mul(rounded, v_set1(0.5f)), gained, rounded);
  const v_t u = v_reciprocal(v_fma(magnitude, v_set1(0.35f), one));
  v_t g = v_set1(-2.82655582e-2f);
  g = v_fma(g, u, v_set1(1.39409199e-1f));
  g = v_fma(g, u, v_set1(-2.45541334e-1f));
  g = v_fma(g, u, v_set1(1.46405369e-1f));
  g = v_fma(g, u, v_set1(-1.31997047e-2f));
  g = v_fma(g, u, v_set1(1.00592770e-1f));
  g = v_fma(g, u, v_set1(1.21385530e-1f));
  g = v_fma(g, u, v_set1(1.39561579e-1f));
  g = v_fma(g, u, v_set1(1.39653593e-1f));
  g = v_fma(g, u, v_set1(-1.45437400e-6f));
  const v_t tail = v_mul(e, g);
  const v_normal_t normal = {v_mul(e, v_set1(0.398942280f)),
                             v_select(v_greater(x, v_set1(0.0f)), v_sub(one, tail), tail)};
  return normal;
}

// The cube root of x >= 0, about 2 ulp, and 0 below the smallest normal number; of more than 1e38, that of 1e38.
//
// A third of the bits, and of the exponent's bias, is a root within a thirtieth; each of Halley's steps cubes that.
typedef float vf_bits_t __attribute__((vector_size(sizeof(v_t))));
static inline v_t v_cbrt(v_t x) {
  const v_t top = v_min(v_set1(1e38f), x), half = v_set1(0.5f);
  const v_t third = v_mul((v_t)__builtin_convertvector((vi_bits_t)top, vf_bits_t), v_set1(1.0f / 3));
  const v_t bits = v_add(third, v_set1(709952784.0f));
  v_t y = (v_t)__builtin_convertvector((vf_bits_t)bits, vi_bits_t);
  for (int step = 0; step < 2; step++) {
    const v_t cube = v_mul(v_mul(y, y), y);
    y = v_mul(y, v_div(v_fma(half, cube, top), v_fma(half, top, cube)));
  }
  return v_select(v_greater(v_set1(FLT_MIN), x), v_set1(0.0f), y);
}
