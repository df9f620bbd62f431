// Transcendental functions in the vector vocabulary. Errors are relative, measured over the whole range of float.

// exp, about 1.5 ulp: 2^n exp(r) with |r| <= ln(2)/2 and a minimax polynomial; exp(0) is exactly 1.
static inline v_t v_exp(v_t x) {
  x = v_min(v_set1(89.0f), v_max(v_set1(-105.0f), x));
  const v_t n = v_round(v_mul(x, v_set1(1.44269504f)));
  v_t r = v_fnma(n, v_set1(0.693359375f), x);  // ln 2 in two parts: the first times n is exact
  r = v_fnma(n, v_set1(-2.12194440e-4f), r);
  v_t p = v_set1(1.9875691500e-4f);
  p = v_fma(p, r, v_set1(1.3981999507e-3f));
  p = v_fma(p, r, v_set1(8.3334519073e-3f));
  p = v_fma(p, r, v_set1(4.1665795894e-2f));
  p = v_fma(p, r, v_set1(1.6666665459e-1f));
  p = v_fma(p, r, v_set1(5.0000001201e-1f));
  p = v_add(v_fma(v_mul(r, r), p, r), v_set1(1.0f));
  return v_scale2(p, n);
}

// 1 / (1 + exp(-x)), about 3 ulp; the exponential is always of a negative number, so no tail is lost.
static inline v_t v_sigmoid(v_t x) {
  const v_t one = v_set1(1.0f);
  const v_t e = v_exp(v_sub(v_set1(0.0f), v_abs(x)));
  const v_t numerator = v_select(v_greater(v_set1(0.0f), x), e, one);
  return v_div(numerator, v_add(one, e));
}

// tanh, about 3 ulp: an odd polynomial below 0.625, where 1 - 2 / (exp(2x) + 1) would cancel.
static inline v_t v_tanh(v_t x) {
  const v_t one = v_set1(1.0f), magnitude = v_abs(x), square = v_mul(x, x);
  const v_t e = v_exp(v_add(magnitude, magnitude));
  const v_t large = v_copysign(v_sub(one, v_div(v_set1(2.0f), v_add(e, one))), x);
  v_t p = v_set1(-5.70498872745e-3f);
  p = v_fma(p, square, v_set1(2.06390887954e-2f));
  p = v_fma(p, square, v_set1(-5.37397155531e-2f));
  p = v_fma(p, square, v_set1(1.33314422036e-1f));
  p = v_fma(p, square, v_set1(-3.33332819422e-1f));
  const v_t small = v_fma(v_mul(p, square), x, x);
  return v_select(v_greater(magnitude, v_set1(0.625f)), large, small);
}

// The standard normal distribution: its density, and its distribution function Phi to about 5 ulp on either tail.
// For x < 0, Phi(x) = exp(-x^2/2) G(u) with u = 1 / (1 + 0.35 |x|) and G a minimax polynomial of degree 9.
typedef struct { v_t density, distribution; } v_normal_t;
static inline v_normal_t v_normal(v_t x) {
  const v_t one = v_set1(1.0f), magnitude = v_abs(x);
  const v_t square = v_mul(x, x), lost = v_sub(v_set1(0.0f), v_fnma(x, x, square));  // x^2 = square + lost
  const v_t rounded = v_exp(v_mul(square, v_set1(-0.5f)));
  const v_t finite = v_select(v_greater(v_set1(3.0e38f), square), lost, v_set1(0.0f));
  const v_t e = v_fnma(v_mul(rounded, v_set1(0.5f)), finite, rounded);
  const v_t u = v_div(one, v_fma(magnitude, v_set1(0.35f), one));
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
