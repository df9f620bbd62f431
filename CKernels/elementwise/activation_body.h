// Activations, forward and backward: one loop each, the function inlined into it.

// y = f(x) for one vector
static inline v_t relu_of(v_t x, v_t slope) { (void)slope; return v_max(v_set1(0.0f), x); }
static inline v_t leaky_relu_of(v_t x, v_t slope) { return v_select(v_greater(x, v_set1(0.0f)), x, v_mul(slope, x)); }
// Beyond -15 gelu is 0, and a product of -infinity and 0 would be NaN.
static inline v_t gelu_of(v_t x, v_t slope) {
  (void)slope;
  return v_mul(v_max(v_set1(-15.0f), x), v_normal(x).distribution);
}
static inline v_t tanh_of(v_t x, v_t slope) { (void)slope; return v_tanh(x); }
static inline v_t sigmoid_of(v_t x, v_t slope) { (void)slope; return v_sigmoid(x); }

// dy f'(x), from x or from y = f(x), whichever is cheaper
static inline v_t relu_slope(v_t y, v_t dy, v_t slope) {
  (void)slope;
  return v_select(v_greater(y, v_set1(0.0f)), dy, v_set1(0.0f));
}
static inline v_t leaky_relu_slope(v_t x, v_t dy, v_t slope) {
  return v_select(v_greater(x, v_set1(0.0f)), dy, v_mul(slope, dy));
}
static inline v_t gelu_slope(v_t x, v_t dy, v_t slope) {
  (void)slope;
  const v_normal_t normal = v_normal(x);
  const v_t within = v_min(v_set1(15.0f), v_max(v_set1(-15.0f), x));  // beyond, the density is 0
  return v_mul(dy, v_fma(within, normal.density, normal.distribution));
}
static inline v_t tanh_slope(v_t y, v_t dy, v_t slope) {
  (void)slope;
  return v_mul(dy, v_fnma(y, y, v_set1(1.0f)));
}
static inline v_t sigmoid_slope(v_t y, v_t dy, v_t slope) {
  (void)slope;
  return v_mul(dy, v_mul(y, v_sub(v_set1(1.0f), y)));
}

// CASE(activation, the names of its two functions begin with this, what its slope comes from)
#define FOR_ACTIVATIONS(CASE)        \
  CASE(CK_RELU, relu, y)             \
  CASE(CK_LEAKY_RELU, leaky_relu, x) \
  CASE(CK_GELU, gelu, x)             \
  CASE(CK_TANH, tanh, y)             \
  CASE(CK_SIGMOID, sigmoid, y)

static ALWAYS_INLINE void forward_by(v_t (*function)(v_t x, v_t slope), v_t slope, size_t n, bool stream,
                                     const float *x, float *y) {
#define FORWARD(LOAD, STORE) STORE(y + i, function(LOAD(x + i), slope))
  V_MAP(n, stream, FORWARD);
#undef FORWARD
}

static ALWAYS_INLINE void backward_by(v_t (*function)(v_t from, v_t dy, v_t slope), v_t slope, size_t n, bool stream,
                                      const float *from, const float *dy, float *dx) {
#define BACKWARD(LOAD, STORE) STORE(dx + i, function(LOAD(from + i), LOAD(dy + i), slope))
  V_MAP(n, stream, BACKWARD);
#undef BACKWARD
}

static void activation_forward(const void *task, size_t first, size_t end) {
  const ck_activation_forward_task *const t = task;
  const v_t slope = v_set1(t->slope);
#define FORWARD(kind, name, from) \
  case kind: forward_by(name##_of, slope, end - first, t->stream, t->x + first, t->y + first); break;
  switch (t->activation) { FOR_ACTIVATIONS(FORWARD) }
#undef FORWARD
  if (t->stream) v_stream_end();
}

static void activation_backward(const void *task, size_t first, size_t end) {
  const ck_activation_backward_task *const t = task;
  const v_t slope = v_set1(t->slope);
#define BACKWARD(kind, name, operand)                                                                            \
  case kind:                                                                                                  \
    backward_by(name##_slope, slope, end - first, t->stream, t->operand + first, t->dy + first, t->dx + first); \
    break;
  switch (t->activation) { FOR_ACTIVATIONS(BACKWARD) }
#undef BACKWARD
  if (t->stream) v_stream_end();
}

static void bias_relu(const void *task, size_t first, size_t end) {
  const ck_bias_relu_task *const t = task;
  const float *const b = t->b;
  for (size_t row = first; row < end; row++) {
    const float *const x = t->x + row * t->columns;
    float *const y = t->y + row * t->columns;
#define BIAS_RELU(LOAD, STORE) STORE(y + i, v_max(v_set1(0.0f), v_add(LOAD(x + i), LOAD(b + i))))
    V_MAP(t->columns, t->stream, BIAS_RELU);
#undef BIAS_RELU
  }
  if (t->stream) v_stream_end();
}
