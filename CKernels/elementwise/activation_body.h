// Activations, forward and backward: one loop each, the function inlined into it.

// y = f(x) for one vector
static inline v_t relu_of(v_t x, v_t slope) { (void)slope; return v_max(v_set1(0.0f), x); }
static inline v_t leaky_relu_of(v_t x, v_t slope) { return v_select(v_greater(x, v_set1(0.0f)), x, v_mul(slope, x)); }
static inline v_t gelu_of(v_t x, v_t slope) { (void)slope; return v_mul(x, v_normal(x).distribution); }
static inline v_t tanh_of(v_t x, v_t slope) { (void)slope; return v_tanh(x); }
static inline v_t sigmoid_of(v_t x, v_t slope) { (void)slope; return v_sigmoid(x); }

// dy f'(x), from x or from y = f(x), whichever is cheaper
static inline v_t relu_slope(v_t x, v_t y, v_t dy, v_t slope) {
  (void)x, (void)slope;
  return v_select(v_greater(y, v_set1(0.0f)), dy, v_set1(0.0f));
}
static inline v_t leaky_relu_slope(v_t x, v_t y, v_t dy, v_t slope) {
  (void)y;
  return v_select(v_greater(x, v_set1(0.0f)), dy, v_mul(slope, dy));
}
static inline v_t gelu_slope(v_t x, v_t y, v_t dy, v_t slope) {
  (void)y, (void)slope;
  const v_normal_t normal = v_normal(x);
  return v_mul(dy, v_fma(x, normal.density, normal.distribution));
}
static inline v_t tanh_slope(v_t x, v_t y, v_t dy, v_t slope) {
  (void)x, (void)slope;
  return v_mul(dy, v_fnma(y, y, v_set1(1.0f)));
}
static inline v_t sigmoid_slope(v_t x, v_t y, v_t dy, v_t slope) {
  (void)x, (void)slope;
  return v_mul(dy, v_mul(y, v_sub(v_set1(1.0f), y)));
}

static void activation_forward(ck_activation activation, float slope_value, size_t n, const float *x, float *y) {
  const v_t slope = v_set1(slope_value);
#define FORWARD(F)                                            \
  V_FOR(n, v_store(y + i, F(v_load(x + i), slope)),           \
        v_store_n(y + i, F(v_load_n(x + i, tail), slope), tail)); break
  switch (activation) {
    case CK_RELU: FORWARD(relu_of);
    case CK_LEAKY_RELU: FORWARD(leaky_relu_of);
    case CK_GELU: FORWARD(gelu_of);
    case CK_TANH: FORWARD(tanh_of);
    case CK_SIGMOID: FORWARD(sigmoid_of);
  }
#undef FORWARD
}

static void activation_backward(ck_activation activation, float slope_value, size_t n, const float *x, const float *y,
                                const float *dy, float *dx) {
  const v_t slope = v_set1(slope_value);
#define BACKWARD(F)                                                                                           \
  V_FOR(n, v_store(dx + i, F(v_load(x + i), v_load(y + i), v_load(dy + i), slope)),                           \
        v_store_n(dx + i, F(v_load_n(x + i, tail), v_load_n(y + i, tail), v_load_n(dy + i, tail), slope), tail)); break
  switch (activation) {
    case CK_RELU: BACKWARD(relu_slope);
    case CK_LEAKY_RELU: BACKWARD(leaky_relu_slope);
    case CK_GELU: BACKWARD(gelu_slope);
    case CK_TANH: BACKWARD(tanh_slope);
    case CK_SIGMOID: BACKWARD(sigmoid_slope);
  }
#undef BACKWARD
}
