// Same bits always: results do not depend on the thread count, on the memory address, or on the run.
#include "check.h"

// One kernel call on inputs that can be moved, into an output that can be moved.
typedef struct movable {
  const char *name;
  size_t rows, columns, depth;  // what they mean is up to `run`
  int option;
  size_t inputs, lengths[5];  // in floats
  size_t output;              // in floats
  void (*run)(const ck_kernels *k, const struct movable *call, float *const *x, float *out);
} movable;

static void run_gemm(const ck_kernels *k, const movable *call, float *const *x, float *out) {
  bool transpose_a = call->option & 1, transpose_b = call->option & 2;
  size_t m = call->rows, n = call->columns, depth = call->depth;
  memcpy(out, x[2], m * n * sizeof(float));
  ck_gemm(k, &(ck_gemm_args){.m = m,
                             .n = n,
                             .k = depth,
                             .transpose_a = transpose_a,
                             .transpose_b = transpose_b,
                             .alpha = 1.3f,
                             .beta = 0.7f,
                             .a = x[0],
                             .lda = transpose_a ? m : depth,
                             .b = x[1],
                             .ldb = transpose_b ? depth : n,
                             .c = out,
                             .ldc = n,
                             .bias = x[3]});
}

// rows images of columns channels, depth filters; option 0 with stride 1, 1 with stride 2, 2 by Winograd's way.
static ck_conv conv_of(size_t images, size_t channels, size_t filters, int option) {
  return (ck_conv){.images = images, .channels = channels, .height = 12, .width = 20, .filters = filters,
                   .kernel_height = 3, .kernel_width = 3, .stride_height = 1, .stride_width = option == 1 ? 2 : 1,
                   .dilation_height = 1, .dilation_width = 1, .padding_height = 1, .padding_width = 1, .groups = 1,
                   .algorithm = option == 2 ? CK_CONV_WINOGRAD : CK_CONV_DIRECT};
}

static void run_conv(const ck_kernels *k, const movable *call, float *const *x, float *out) {
  ck_conv conv = conv_of(call->rows, call->columns, call->depth, call->option);
  size_t outputs = conv.images * conv.filters * 12 * ck_conv_output_width(&conv);
  ck_conv_forward(k, &conv, x[0], x[1], NULL, out, x[3]);
  ck_conv_weight_gradient(k, &conv, x[0], x[2], out + outputs, x[3]);
  ck_conv_input_gradient(k, &conv, x[2], x[1], out + outputs + conv.filters * conv.channels * 9, x[3]);
}

static void run_forward(const ck_kernels *k, const movable *call, float *const *x, float *out) {
  ck_activation_forward(k, (ck_activation)call->option, 0.01f, call->rows, x[0], out);
}

static void run_backward(const ck_kernels *k, const movable *call, float *const *x, float *out) {
  ck_activation_backward(k, (ck_activation)call->option, 0.01f, call->rows, x[0], x[1], x[2], out);
}

// Begins with a product, a sum or a mask.
static void run_arithmetic(const ck_kernels *k, const movable *call, float *const *x, float *out) {
  size_t n = call->rows;
  if (call->option == 0) ck_multiply(k, n, x[0], x[1], out);
  else if (call->option == 1) ck_add(k, n, x[0], x[1], call->rows % 2, out);
  else ck_mask(k, n, x[0], x[1], out);
  ck_add(k, n, out, x[0], false, out);
  ck_axpy(k, n, 0.3f, x[1], out);
  ck_average(k, n, 0.1f, x[0], out);
  ck_scale(k, n, 1.7f, out);
  ck_clamp(k, n, -1, 2, out);
}

static void run_bias_relu(const ck_kernels *k, const movable *call, float *const *x, float *out) {
  ck_bias_relu(k, call->rows, call->columns, x[0], x[1], out);
}

static void run_sums(const ck_kernels *k, const movable *call, float *const *x, float *out) {
  size_t n = call->rows * call->columns;
  ck_moments moments = ck_moments_of(k, n, x[0]);
  double dot = ck_dot(k, n, x[0], x[1]);
  memcpy(out, &moments, sizeof moments);
  memcpy((char *)out + sizeof moments, &dot, sizeof dot);
  out += (sizeof moments + sizeof dot) / sizeof *out;
  ck_column_sums(k, call->rows, call->columns, x[0], out);
}

static void run_line_moments(const ck_kernels *k, const movable *call, float *const *x, float *out) {
  size_t rows = call->rows, columns = call->columns;
  ck_moments *moments = (ck_moments *)(void *)x[2];
  ck_row_moments(k, rows, columns, x[0], moments);
  ck_column_moments(k, rows, columns, x[0], moments + rows);
  memcpy(out, moments, (rows + columns) * sizeof *moments);
}

// Doubles need an aligned place: they are written over the last two inputs, which are there for nothing else.
static void run_dots(const ck_kernels *k, const movable *call, float *const *x, float *out) {
  size_t rows = call->rows, columns = call->columns;
  double *row_dots = (double *)(void *)x[2], *column_dots = (double *)(void *)x[3];
  ck_row_dots(k, rows, columns, x[0], x[1], row_dots);
  ck_column_dots(k, rows, columns, x[0], x[1], column_dots);
  memcpy(out, row_dots, rows * sizeof(double));
  memcpy(out + 2 * rows, column_dots, columns * sizeof(double));
}

// rows images of columns channels of depth elements, rectified with option 1; the moments go in front of the outputs.
static void run_batch_norm(const ck_kernels *k, const movable *call, float *const *x, float *out) {
  const ck_channels s = {call->rows, call->columns, call->depth};
  size_t n = s.images * s.channels * s.area, c = s.channels;
  float *y = out + 5 * c, *dx = y + n;
  ck_batch_norm(k, &s, 1e-5f, x[0], x[2], x[3], call->option, out, out + c, out + 2 * c, y);
  ck_batch_norm_gradient(k, &s, x[1], x[0], x[2], x[3], call->option, out, out + 2 * c, out + 3 * c, out + 4 * c, dx);
  ck_channel_affine(k, &s, x[1], out, x[2], x[3], call->option, dx + n);
}

static void run_layer_norm(const ck_kernels *k, const movable *call, float *const *x, float *out) {
  size_t rows = call->rows, columns = call->columns, n = rows * columns;
  float *mean = out, *inverse = out + rows, *y = inverse + rows, *dx = y + n, *dgamma = dx + n;
  ck_layer_norm(k, rows, columns, 1e-5f, x[0], x[2], x[3], mean, inverse, y);
  ck_layer_norm_gradient(k, rows, columns, x[1], x[0], x[2], mean, inverse, dx);
  ck_layer_norm_sums(k, rows, columns, x[1], x[0], mean, inverse, dgamma, dgamma + columns);
}

// rows planes of columns x columns; option 0 pools them by pairs, 1 by overlapping windows.
static void run_pool(const ck_kernels *k, const movable *call, float *const *x, float *out) {
  size_t side = call->columns, half = side / 2, in = call->rows * side * side, pooled = call->rows * half * half;
  const ck_pool pairs = {side, side, half, half, 2, 2, 2, 2, 0, 0};
  const ck_pool windows = {side, side, half, half, 3, 3, 2, 2, 1, 1};
  const ck_pool *p = call->option == 0 ? &pairs : &windows;
  ck_max_pool(k, p, call->rows, x[0], out);
  ck_average_pool(k, p, call->rows, x[0], out + pooled);
  float *gradients = out + 2 * pooled;
  ck_max_pool_gradient(k, p, call->rows, x[0], out, x[1], gradients);
  ck_average_pool_gradient(k, p, call->rows, x[1], gradients + in);
  ck_row_means(k, call->rows, side * side, x[0], gradients + 2 * in);
  ck_fill_rows(k, call->rows, side * side, 0.3f, x[1], gradients + 2 * in + call->rows);
  ck_mask_rows(k, call->rows, side * side, x[1], x[0], gradients + 3 * in + call->rows);
}

static void run_loss(const ck_kernels *k, const movable *call, float *const *x, float *out) {
  const size_t n = call->rows * call->columns;
  int32_t *labels = (int32_t *)(void *)x[2];
  for (size_t i = 0; i < call->rows; i++) labels[i] = (int32_t)(i * 7 % call->columns);
  double losses[4];
  losses[0] = ck_softmax_cross_entropy(k, &check_plain_entropy, call->rows, call->columns, x[0], labels, out);
  losses[1] = ck_mean_squared_error(k, n, x[0], x[1], out + n);
  losses[2] = ck_huber(k, n, 0.5f, x[0], x[1], out + 2 * n);
  losses[3] = ck_binary_cross_entropy(k, n, x[0], x[1], out + 3 * n);
  memcpy(out + 4 * n, losses, sizeof losses);
}

// What an optimizer decay_factors, in the output: moments and weights.
typedef struct optimized {
  float *m, *v, *w;
} optimized;

static optimized optimized_of(size_t n, float *const *x, float *out) {
  const optimized o = {out, out + n, out + 2 * n};
  memcpy(o.m, x[0], n * sizeof(float));
  memcpy(o.w, x[1], n * sizeof(float));
  for (size_t i = 0; i < n; i++) o.v[i] = fabsf(x[2][i]);
  return o;
}

static void run_updates(const ck_kernels *k, const movable *call, float *const *x, float *out) {
  const optimized o = optimized_of(call->rows, x, out);
  const ck_adam_args adam = {0.01f, 0.99f, 0.9f, 0.999f, 1e-8f, 0.5f, 0.1f};
  ck_adam(k, call->rows, &adam, x[3], o.m, o.v, o.w);
  ck_momentum(k, call->rows, 0.1f, 0.9f, 0.9f, true, x[3], o.m, o.w);
  ck_sgd(k, call->rows, 0.1f, 0.9f, x[3], o.w);
}

// The sums stand behind the weights.
static void run_soaa(const ck_kernels *k, const movable *call, float *const *x, float *out) {
  const size_t n = call->rows;
  const optimized o = optimized_of(n, x, out);
  const ck_soaa_args soaa = {0.01f, 0.99f, 0.9f, 0.999f, 1e-8f, 0.5f, 0.1f, 1.5f, 1.1f};
  ck_soaa_sums sums = ck_soaa_moments(k, n, &soaa, x[3], o.m, o.v);
  double results[] = {sums.first_squared, sums.second, ck_soaa_step(k, n, &soaa, x[3], o.m, o.v, o.w)};
  memcpy(out + 3 * n, results, sizeof results);
}

// The weights go through all of them; a sum stands behind each of its tensors.
static void run_learning_rate_free(const ck_kernels *k, const movable *call, float *const *x, float *out) {
  const size_t n = call->rows;
  const optimized o = optimized_of(n, x, out);
  float *s = out + 3 * n, *path = out + 4 * n;
  memcpy(s, x[2], n * sizeof(float));
  memcpy(path, x[2], n * sizeof(float));
  const ck_prodigy_args prodigy = {0.9f, 0.999f, 0.99f, 0.5f, 2};
  const ck_prodigy_sums p = ck_prodigy_moments(k, n, &prodigy, x[3], x[0], o.w, o.m, o.v, s);
  ck_moment_step(k, n, 0.01f, 0.99f, 1e-8f, o.m, o.v, o.w);
  const ck_dadapt_args dadapt = {0.9f, 0.999f, 0.99f, 0.01f, 0.99f, 1e-8f};
  const ck_dadapt_sums d = ck_dadapt_adam(k, n, &dadapt, x[3], o.m, o.v, s, o.w);
  const ck_distance_sums distance = ck_distance_sums_of(k, n, x[0], o.w, x[3]);
  const ck_mechanic_sums mechanic = ck_mechanic_path(k, n, 0.5f, x[3], x[0], o.w, path);
  memcpy(out + 5 * n, &p, sizeof p);
  memcpy(out + 5 * n + 4, &d, sizeof d);
  memcpy(out + 5 * n + 8, &distance, sizeof distance);
  memcpy(out + 5 * n + 12, &mechanic, sizeof mechanic);
  ck_mechanic_step(k, n, 0.5f, x[0], path, o.w);
  ck_cocob(k, n, 1, 100, x[3], x[0], &(ck_cocob_state){o.v, s, path, o.m}, o.w);
}

static void run_schedule_free(const ck_kernels *k, const movable *call, float *const *x, float *out) {
  const optimized o = optimized_of(call->rows, x, out);
  const ck_schedule_free_args args = {0.1f, 0.01f, 0.9f, 0.3f};
  const ck_second_moment_args moment = {0.999f, 1e-8f, 0.1f};
  const ck_nadamw_args nadamw = {0.02f, 0.003f, 0.99f, 0.9f, 0.999f, 1e-8f, 0.1f};
  ck_schedule_free_sgd(k, call->rows, &args, x[3], o.m, o.w);
  ck_schedule_free_adamw(k, call->rows, &args, &moment, x[3], o.v, o.m, o.w);
  ck_nadamw(k, call->rows, &nadamw, x[3], o.m, o.v, o.w);
}

// The sums stand behind the direction, the blend and their state.
static void run_directions(const ck_kernels *k, const movable *call, float *const *x, float *out) {
  const size_t n = call->rows;
  const optimized o = optimized_of(n, x, out);
  const ck_nadam_args nadam = {0.9f, 0.999f, 1e-8f, 0.5f, 0.1f};
  double squares = ck_nadam_direction(k, n, &nadam, x[3], o.m, o.v, o.m, o.v, out + 3 * n);
  ck_blended_momentum(k, n, 0.9f, 0.95f, x[3], o.m, o.m, out + 4 * n);
  ck_path_sums sums = ck_path_sums_of(k, n, x[1], x[0], x[3], x[2]);
  memcpy(out + 5 * n, &squares, sizeof squares);
  memcpy(out + 5 * n + 2, &sums, sizeof sums);
}

static void run_orthogonalize(const ck_kernels *k, const movable *call, float *const *x, float *out) {
  const ck_newton_schulz muon = {3.4445f, -4.775f, 2.0315f, 5};
  ck_orthogonalize(k, call->rows, call->columns, &muon, 0.2f, x[0], x[1], out);
}

static void run_samt(const ck_kernels *k, const movable *call, float *const *x, float *out) {
  size_t rows = call->rows, columns = call->columns, n = rows * columns;
  ck_samt_rows(k, rows, columns, x[2], 0.99f, x[0], x[1], out);
  ck_samt_columns(k, rows, columns, x[3], 0.99f, x[0], x[1], out + n);
  ck_samt_elements(k, n, x[1], 0.99f, x[0], x[1], out + 2 * n);
}

// The positive factors are squares; the gradient's doubles are written over the last input.
static void run_factored(const ck_kernels *k, const movable *call, float *const *x, float *out) {
  size_t rows = call->rows, columns = call->columns, n = rows * columns;
  float *row_factor = x[2], *column_factor = x[3];
  for (size_t i = 0; i < rows; i++) row_factor[i] = 0.5f + 0.01f * (float)(i % 97);
  for (size_t j = 0; j < columns; j++) column_factor[j] = 0.7f + 0.01f * (float)(j % 89);
  ck_factored_eta eta = {row_factor, row_factor, column_factor, column_factor, (ck_projection)call->option,
                         0.1f,       6.9f,       1.5f,          0.7f,          false};
  double sum = ck_samt_factored(k, rows, columns, &eta, 0.99f, x[0], x[1], out), *sums = (double *)(void *)x[4];
  memset(sums, 0, 2 * (rows + columns) * sizeof(double));
  ck_samt_factored_gradient(k, rows, columns, &eta, x[0], x[1], sums, sums + rows, sums + rows + columns,
                            sums + 2 * rows + columns);
  memcpy(out + n, sums, 2 * (rows + columns) * sizeof(double));
  memcpy(out + n + 4 * (rows + columns), &sum, sizeof sum);
}

static void run_random(const ck_kernels *k, const movable *call, float *const *x, float *out) {
  (void)x;
  ck_uniform(k, 1, 2, 3, call->rows, out);
  ck_dropout_mask(k, 1, 2, 3, 0.3f, call->rows, out + call->rows);
}

static void check_same_bits(check *c, const movable *call, bool moves) {
  check_case(c, "%s, sizes %zu %zu %zu, option %d:", call->name, call->rows, call->columns, call->depth, call->option);
  float *inputs[5] = {NULL}, *places[5] = {NULL}, *out = check_floats(c, call->output, 0);
  float *output = check_floats(c, call->output, 20);
  for (size_t i = 0; i < call->inputs; i++) {
    inputs[i] = check_floats(c, call->lengths[i], 0);
    places[i] = check_floats(c, call->lengths[i] + 18, 0);
    check_fill_normal(c, call->lengths[i], inputs[i], 0, 1);
  }
  int before = check_take_threads();
  ck_set_threads(1);
  call->run(c->kernels, call, inputs, out);
  static const int thread_counts[] = {1, 2, 3, 7};
  for (size_t t = 0; t < COUNT(thread_counts); t++) {
    check_note(c, " with %d threads", thread_counts[t]);
    ck_set_threads(thread_counts[t]);
    for (size_t i = 0; i < call->output; i++) output[i] = NAN;
    call->run(c->kernels, call, inputs, output);
    check_bits(c, "the output", call->output * sizeof(float), output, out);
  }
  check_give_threads(before);
  for (size_t offset = 1; moves && offset < 18; offset += c->quick || call->output > 1000000 ? 5 : 1) {
    check_note(c, " moved by %zu floats", offset);
    float *moved[5] = {NULL};
    for (size_t i = 0; i < call->inputs; i++) {
      // Inputs that a recipe writes doubles over (2 and up) move by doubles, the others each by another step.
      moved[i] = places[i] + (i < 2 ? offset * (i + 1) % 18 : offset / 2 * 2);
      memcpy(moved[i], inputs[i], call->lengths[i] * sizeof(float));
    }
    float *target = check_floats(c, call->output, offset * 5 % 18);
    call->run(c->kernels, call, moved, target);
    check_bits(c, "the output", call->output * sizeof(float), target, out);
    check_release(c);
  }
}

static void check_products(check *c) {
  static const size_t shapes[][3] = {{37, 45, 300},   {130, 200, 270}, {16, 10, 5000}, {64, 64, 64},   {128, 10, 400},
                                     {128, 400, 784}, {300, 900, 270}, {3000, 20, 100}, {30, 3000, 60},
                                     {20, 4200, 130}};
  for (size_t s = 0; s < (c->quick ? 5 : COUNT(shapes)); s++) {
    size_t m = shapes[s][0], n = shapes[s][1], k = shapes[s][2];
    for (int option = 0; option < 4; option++) {
      movable call = {"gemm", m, n, k, option, 4, {m * k, k * n, m * n, n}, m * n, run_gemm};
      check_same_bits(c, &call, s == 0);
    }
  }
}

static void check_convolutions(check *c) {
  static const size_t shapes[][3] = {{5, 3, 14}, {19, 8, 13}, {5, 16, 32}, {35, 20, 40}};
  for (size_t s = 0; s < (c->quick ? 3 : COUNT(shapes)); s++) {
    size_t images = shapes[s][0], channels = shapes[s][1], filters = shapes[s][2];
    for (int option = 0; option < 3; option++) {
      ck_conv conv = conv_of(images, channels, filters, option);
      size_t x = images * channels * 240, w = channels * filters * 9, y = images * filters * 240 / conv.stride_width;
      movable call = {"conv", images, channels, filters, option, 4, {x, w, y, ck_conv_workspace(c->kernels, &conv)},
                      x + w + y, run_conv};
      check_same_bits(c, &call, s == 0);
    }
  }
}

static void check_vectors(check *c) {
  static const size_t lengths[] = {1003, 100003, 1000003};
  for (size_t s = 0; s < COUNT(lengths) - (c->quick ? 1 : 0); s++) {
    size_t n = lengths[s];
    for (int option = CK_RELU; option <= CK_SIGMOID; option++) {
      check_same_bits(c, &(movable){"forward", n, 0, 0, option, 1, {n}, n, run_forward}, s == 0);
      check_same_bits(c, &(movable){"backward", n, 0, 0, option, 3, {n, n, n}, n, run_backward}, s == 0);
    }
    for (int option = 0; option < 3; option++) {
      check_same_bits(c, &(movable){"arithmetic", n, 0, 0, option, 2, {n, n}, n, run_arithmetic}, s == 0);
    }
    check_same_bits(c, &(movable){"updates", n, 0, 0, 0, 4, {n, n, n, n}, 3 * n, run_updates}, s == 0);
    check_same_bits(c, &(movable){"soaa", n, 0, 0, 0, 4, {n, n, n, n}, 3 * n + 6, run_soaa}, s == 0);
    const movable learning_rate_free = {"learning-rate-free", n, 0, 0, 0, 4, {n, n, n, n}, 5 * n + 20,
                                        run_learning_rate_free};
    check_same_bits(c, &learning_rate_free, s == 0);
    check_same_bits(c, &(movable){"schedule-free", n, 0, 0, 0, 4, {n, n, n, n}, 3 * n, run_schedule_free}, s == 0);
    check_same_bits(c, &(movable){"directions", n, 0, 0, 0, 4, {n, n, n, n}, 5 * n + 10, run_directions}, s == 0);
    check_same_bits(c, &(movable){"random", n, 0, 0, 0, 0, {0}, 2 * n, run_random}, s == 0);
  }
}

static void check_orthogonalize(check *c) {
  static const size_t shapes[][2] = {{16, 150}, {130, 300}, {300, 70}, {256, 600}};
  for (size_t s = 0; s < (c->quick ? 3 : COUNT(shapes)); s++) {
    size_t rows = shapes[s][0], columns = shapes[s][1], n = rows * columns;
    movable call = {"orthogonalize", rows, columns, 0, 0, 2, {n, ck_orthogonalize_workspace(rows, columns)}, n,
                    run_orthogonalize};
    check_same_bits(c, &call, s == 0);
  }
}

static void check_tables(check *c) {
  static const size_t tables[][2] = {{7, 33}, {70, 131}, {400, 401}, {1000, 1001}, {20000, 10}, {10, 100000}};
  for (size_t s = 0; s < (c->quick ? 3 : COUNT(tables)); s++) {
    size_t rows = tables[s][0], columns = tables[s][1], n = rows * columns, edges = rows + columns;
    check_same_bits(c, &(movable){"sums", rows, columns, 0, 0, 2, {n, n}, 12 + columns, run_sums}, s < 2);
    check_same_bits(c, &(movable){"line moments", rows, columns, 0, 0, 3, {n, n, 10 * edges}, 10 * edges,
                                  run_line_moments}, s < 2);
    check_same_bits(c, &(movable){"dots", rows, columns, 0, 0, 4, {n, n, 2 * rows, 2 * columns}, 2 * edges, run_dots},
                    s < 2);
    check_same_bits(c, &(movable){"bias_relu", rows, columns, 0, 0, 2, {n, columns}, n, run_bias_relu}, s < 2);
    check_same_bits(c, &(movable){"loss", rows, columns, 0, 0, 3, {n, n, rows}, 4 * n + 8, run_loss}, s < 2);
    check_same_bits(c, &(movable){"samt", rows, columns, 0, 0, 4, {n, n, rows, columns}, 3 * n, run_samt}, s < 2);
    for (int option = CK_EXP_TANH; option <= CK_SIGMOID_RANGE; option++) {
      movable call = {"samt factored",   rows,        columns, 0, option, 5, {n, n, rows, columns, 4 * edges},
                      n + 4 * edges + 2, run_factored};
      check_same_bits(c, &call, s < 2);
    }
  }
}

static void check_images(check *c) {
  static const size_t shapes[][3] = {{5, 33, 49}, {16, 20, 1024}, {130, 400, 1}, {40, 5, 4100}, {7, 300, 1}};
  for (size_t s = 0; s < (c->quick ? 3 : COUNT(shapes)); s++) {
    size_t images = shapes[s][0], channels = shapes[s][1], area = shapes[s][2], n = images * channels * area;
    for (int relu = 0; relu < 2; relu++) {
      movable batch = {"batch norm",         images,        channels, area, relu, 4, {n, n, channels, channels},
                       5 * channels + 3 * n, run_batch_norm};
      check_same_bits(c, &batch, s == 0);
    }
    size_t rows = images * area, edges = 2 * rows + 2 * channels;
    movable layer = {"layer norm", rows, channels, 0, 0, 4, {n, n, channels, channels}, edges + 2 * n, run_layer_norm};
    check_same_bits(c, &layer, s == 0);
  }
  static const size_t planes[][2] = {{9, 14}, {700, 14}, {70, 32}};
  for (size_t s = 0; s < COUNT(planes); s++) {
    size_t count = planes[s][0], side = planes[s][1], in = count * side * side, pooled = in / 4;
    for (int option = 0; option < 2; option++) {
      movable call = {"pool", count, side, 0, option, 2, {in, in}, 2 * pooled + 4 * in + count, run_pool};
      check_same_bits(c, &call, s == 0);
    }
  }
}

// Outputs so large that they bypass the caches, where they are aligned: moved, they do not.
static void check_large(check *c) {
  const size_t rows = 1024, columns = 2048, n = rows * columns;
  for (int option = CK_RELU; option <= CK_TANH; option++) {
    check_same_bits(c, &(movable){"forward", n + 3, 0, 0, option, 1, {n + 3}, n + 3, run_forward}, true);
    check_same_bits(c, &(movable){"backward", n + 3, 0, 0, option, 3, {n + 3, n + 3, n + 3}, n + 3, run_backward},
                    true);
  }
  for (int option = 0; option < 2; option++) {
    check_same_bits(c, &(movable){"arithmetic", n + 3, 0, 0, option, 2, {n + 3, n + 3}, n + 3, run_arithmetic}, true);
  }
  check_same_bits(c, &(movable){"bias_relu", rows, columns, 0, 0, 2, {n, columns}, n, run_bias_relu}, true);
  check_same_bits(c, &(movable){"loss", rows, columns, 0, 0, 3, {n, n, rows}, 4 * n + 8, run_loss}, true);
  check_same_bits(c, &(movable){"samt", rows, columns, 0, 0, 4, {n, n, rows, columns}, 3 * n, run_samt}, true);
  for (int option = CK_EXP_TANH; option <= CK_SIGMOID_RANGE; option++) {
    const size_t edges = rows + columns;
    movable call = {"samt factored",   rows,        columns, 0, option, 5, {n, n, rows, columns, 4 * edges},
                    n + 4 * edges + 2, run_factored};
    check_same_bits(c, &call, true);
  }
  const size_t images = 16, channels = 128, area = 1024, side = 32, planes = images * channels;
  for (int relu = 0; relu < 2; relu++) {
    movable call = {"batch norm", images, channels, area, relu, 4, {n, n, channels, channels}, 5 * channels + 3 * n,
                    run_batch_norm};
    check_same_bits(c, &call, true);
  }
  check_same_bits(c, &(movable){"pool", planes, side, 0, 0, 2, {n, n}, 2 * (n / 4) + 4 * n + planes, run_pool}, true);
}

void suite_identity(check *c) {
  check_products(c);
  check_convolutions(c);
  check_vectors(c);
  check_orthogonalize(c);
  check_tables(c);
  check_images(c);
  if (!c->quick) check_large(c);
}
