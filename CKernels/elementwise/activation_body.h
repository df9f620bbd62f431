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

static void activation_forward(ck_activation activation, float slope_value, size_t n, bool stream, const float *x,
                               float *y) {
  const v_t slope = v_set1(slope_value);
#define RELU(LOAD, STORE) STORE(y + i, relu_of(LOAD(x + i), slope))
#define LEAKY_RELU(LOAD, STORE) STORE(y + i, leaky_relu_of(LOAD(x + i), slope))
#define GELU(LOAD, STORE) STORE(y + i, gelu_of(LOAD(x + i), slope))
#define TANH(LOAD, STORE) STORE(y + i, tanh_of(LOAD(x + i), slope))
#define SIGMOID(LOAD, STORE) STORE(y + i, sigmoid_of(LOAD(x + i), slope))
  switch (activation) {
    case CK_RELU: V_MAP(n, stream, RELU); break;
    case CK_LEAKY_RELU: V_MAP(n, stream, LEAKY_RELU); break;
    case CK_GELU: V_MAP(n, stream, GELU); break;
    case CK_TANH: V_MAP(n, stream, TANH); break;
    case CK_SIGMOID: V_MAP(n, stream, SIGMOID); break;
  }
#undef RELU
#undef LEAKY_RELU
#undef GELU
#undef TANH
#undef SIGMOID
}

static void activation_backward(ck_activation activation, float slope_value, size_t n, bool stream, const float *x,
                                const float *y, const float *dy, float *dx) {
  const v_t slope = v_set1(slope_value);
#define RELU(LOAD, STORE) STORE(dx + i, relu_slope(LOAD(x + i), LOAD(y + i), LOAD(dy + i), slope))
#define LEAKY_RELU(LOAD, STORE) STORE(dx + i, leaky_relu_slope(LOAD(x + i), LOAD(y + i), LOAD(dy + i), slope))
#define GELU(LOAD, STORE) STORE(dx + i, gelu_slope(LOAD(x + i), LOAD(y + i), LOAD(dy + i), slope))
#define TANH(LOAD, STORE) STORE(dx + i, tanh_slope(LOAD(x + i), LOAD(y + i), LOAD(dy + i), slope))
#define SIGMOID(LOAD, STORE) STORE(dx + i, sigmoid_slope(LOAD(x + i), LOAD(y + i), LOAD(dy + i), slope))
  switch (activation) {
    case CK_RELU: V_MAP(n, stream, RELU); break;
    case CK_LEAKY_RELU: V_MAP(n, stream, LEAKY_RELU); break;
    case CK_GELU: V_MAP(n, stream, GELU); break;
    case CK_TANH: V_MAP(n, stream, TANH); break;
    case CK_SIGMOID: V_MAP(n, stream, SIGMOID); break;
  }
#undef RELU
#undef LEAKY_RELU
#undef GELU
#undef TANH
#undef SIGMOID
}

// One row of y[j] = max(x[j] + b[j], 0).
static void bias_relu(size_t n, bool stream, const float *x, const float *b, float *y) {
#define BIAS_RELU(LOAD, STORE) STORE(y + i, v_max(v_set1(0.0f), v_add(LOAD(x + i), LOAD(b + i))))
  V_MAP(n, stream, BIAS_RELU);
#undef BIAS_RELU
}
