// How evenly each driver shares its work out: by counting, since no machine has as many CPUs as there are counts.
//
// The drivers run with kernels that count in place of computing, and with an executor that runs one task after the
// other and reckons when so many threads would be done.
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

#include "../../CKernels/isa/kernels.h"
#include "../../CKernels/runtime/executor.h"
#include "../../CKernels/runtime/scratch.h"

typedef struct reckoning {
  size_t threads;
  bool inside;                // a task
  double task, whole, until;  // work: of the task at hand, of all, and of the busiest thread at every barrier
} reckoning;

static _Thread_local reckoning now;

static void add_work(double work) {
  now.whole += work;
  if (now.inside) now.task += work;
  else now.until += work;
}

static void reckon(size_t count, ck_task task, void *context) {
  if (now.inside) {
    ck_serial_for(count, task, context);
    return;
  }
  ck_scratch *scratch = ck_scratch_acquire();
  double *work = malloc((count + 1) * sizeof *work);
  if (!work) abort();
  now.inside = true;
  for (size_t i = 0; i < count; i++) {
    now.task = 0;
    task(context, i, scratch);
    work[i] = now.task;
  }
  now.inside = false;
  now.until += check_makespan(count, work, now.threads);
  free(work);
  ck_scratch_release(scratch);
}

// MARK: Kernels that count

static void count_panel(const ck_panel *p) { add_work((double)(p->rows * p->columns) * (double)p->k); }

static void count_conv_tile(const ck_conv_tile *t) {
  add_work((double)(t->rows * t->vectors) * (double)(t->channels * t->lines * t->length));
}

static void count_weight_tile(const ck_weight_tile *t) {
  add_work((double)(t->rows * t->columns) * (double)(t->images * t->runs * t->length));
}

static void count_filter_tile(const ck_filter_tile *t) {
  add_work((double)(t->rows * t->columns * t->width) * (double)(t->lengths[0] * t->lengths[1] * t->lengths[2]));
}

// Named after the types of kernels, so that a family's list gives its counting table.
static void count_ck_range_kernel(const void *task, size_t first, size_t end) {
  (void)task;
  add_work((double)(end - first));
}

static double count_ck_sum_kernel(const void *task, size_t first, size_t end) {
  count_ck_range_kernel(task, first, end);
  return 0;
}

static void count_ck_sums_kernel(const void *task, size_t first, size_t end, double *sums) {
  (void)sums;
  count_ck_range_kernel(task, first, end);
}

static void count_moments(size_t n, const float *x, ck_moments *out) {
  (void)x;
  add_work((double)n);
  *out = (ck_moments){0};
}

static double count_row(size_t n, const float *x) {
  (void)x;
  add_work((double)n);
  return 0;
}

// What moves numbers takes no time here.
static void skip_pack_a(bool transposed, size_t rows, size_t k, const float *a, size_t lda, float *packed) {
  (void)transposed, (void)rows, (void)k, (void)a, (void)lda, (void)packed;
}
static void skip_pack_b(bool transposed, size_t columns, size_t k, const float *b, size_t ldb, float *packed) {
  (void)transposed, (void)columns, (void)k, (void)b, (void)ldb, (void)packed;
}
static void skip_window(const ck_window *window, const float *image, float *scratch) {
  (void)window, (void)image, (void)scratch;
}
static void skip_images(size_t images, size_t count, const float *vectors, float *out, size_t image_stride,
                        size_t spacing, size_t ahead) {
  (void)images, (void)count, (void)vectors, (void)out, (void)image_stride, (void)spacing, (void)ahead;
}
static void skip_tiles(const ck_winograd_tiles *tiles) { (void)tiles; }
static void skip_outputs(const ck_winograd_tiles *tiles, const float *bias) { (void)tiles, (void)bias; }
static void skip_filters(size_t channels, size_t vectors, bool reversed, const float *taps, float *u,
                         size_t frequency_stride) {
  (void)channels, (void)vectors, (void)reversed, (void)taps, (void)u, (void)frequency_stride;
}
static void skip_taps(const float *products, size_t frequency_stride, float *taps) {
  (void)products, (void)frequency_stride, (void)taps;
}

typedef struct counting_kernels {
  ck_kernels all;
  ck_gemm_kernels gemm;
  ck_conv_kernels conv;
  ck_elementwise_kernels elementwise;
  ck_reduce_kernels reduce;
  ck_norm_kernels norm;
  ck_pool_kernels pool;
  ck_loss_kernels loss;
  ck_update_kernels update;
  ck_random_kernels random;
} counting_kernels;

// The kernels of `real`, but counting.
static void make_counting(const ck_kernels *real, counting_kernels *k) {
  *k = (counting_kernels){.all = *real, .gemm = *real->gemm, .conv = *real->conv, .reduce = *real->reduce,
                          .random = *real->random};
  k->gemm.gemm_panel = k->gemm.gemm_dot = count_panel;
  k->gemm.pack_a = skip_pack_a, k->gemm.pack_b = skip_pack_b;
  k->conv.conv_tile = count_conv_tile;
  k->conv.weight_tile = count_weight_tile;
  k->conv.filter_tile = count_filter_tile;
  k->conv.window = skip_window, k->conv.images_from_vectors = skip_images;
  k->conv.winograd_inputs = k->conv.winograd_gradients = skip_tiles;
  k->conv.winograd_outputs = skip_outputs, k->conv.winograd_filters = skip_filters, k->conv.winograd_taps = skip_taps;
  k->reduce.moments = count_moments;
  k->reduce.sum_row = count_row;
  k->reduce.dot = count_ck_sum_kernel;
  k->reduce.column_sums = k->reduce.column_moments = count_ck_range_kernel;
  k->reduce.row_dots = k->reduce.column_dots = count_ck_range_kernel;
  k->random.uniform = k->random.dropout_mask = count_ck_range_kernel;
#define COUNTING(type, name) .name = count_##type,
  k->elementwise = (ck_elementwise_kernels){CK_ELEMENTWISE_KERNELS(COUNTING)};
  k->norm = (ck_norm_kernels){CK_NORM_KERNELS(COUNTING)};
  k->pool = (ck_pool_kernels){CK_POOL_KERNELS(COUNTING)};
  k->loss = (ck_loss_kernels){CK_LOSS_KERNELS(COUNTING)};
  k->update = (ck_update_kernels){CK_UPDATE_KERNELS(COUNTING)};
#undef COUNTING
  k->all.gemm = &k->gemm, k->all.conv = &k->conv, k->all.elementwise = &k->elementwise, k->all.reduce = &k->reduce;
  k->all.norm = &k->norm, k->all.pool = &k->pool, k->all.loss = &k->loss, k->all.update = &k->update;
  k->all.random = &k->random;
}

// MARK: What is shared out

static const size_t thread_counts[] = {2, 4, 8, 16, CK_MAX_THREADS};

static void begin_counting(check *c, const char *name, size_t threads) {
  check_case(c, "%s, %zu threads", name, threads);
  ck_set_threads((int)threads);
  ck_set_executor(reckon);
  now = (reckoning){.threads = threads};
}

// The busiest thread may have a tenth more than its share. Powers of two and NEON's tiles, 8 x 12, do not divide each
// other: there it may have what tiles allow that do not divide the matrix.
static void end_counting(check *c) {
  ck_set_executor(NULL);
  check_that(c, "there is work", now.whole > 0);
  const double shares = now.until * (double)now.threads / now.whole;
  check_near(c, "shares of the busiest thread", 0, shares, 1, c->kernels->isa == CK_NEON ? 0.21 : 0.1);
}

// CALL with each number of threads up to `most`.
#define CHECK_UP_TO(most, c, name, CALL)                                                  \
  for (size_t t = 0; t < COUNT(thread_counts) && thread_counts[t] <= (most); t++) {       \
    begin_counting(c, name, thread_counts[t]);                                            \
    CALL;                                                                                 \
    end_counting(c);                                                                      \
  }
#define CHECK_BALANCE(c, name, CALL) CHECK_UP_TO(CK_MAX_THREADS, c, name, CALL)

// Shapes that tiles do not divide are in suite_split. A deep product is cut into rectangles that its shape alone
// decides, so that a small C makes few of them.
static void check_products(check *c, const ck_kernels *k, float *x) {
  static const size_t shapes[][3] = {{256, 256, 256},   {512, 512, 512},    {1024, 1024, 1024}, {400, 784, 128},
                                     {1000, 1000, 1000}, {4096, 256, 256}, {256, 4096, 256},   {640, 1000, 4096},
                                     {2048, 4096, 70000}};
  for (size_t s = 0; s < COUNT(shapes); s++) {
    for (int transposes = 0; transposes < 4; transposes++) {
      const bool a = transposes & 1, b = transposes & 2;
      ck_gemm_args args = {.m = shapes[s][0], .n = shapes[s][1], .k = shapes[s][2], .transpose_a = a,
                           .transpose_b = b, .alpha = 1, .a = x, .b = x, .c = x};
      args.lda = a ? args.m : args.k, args.ldb = b ? args.k : args.n, args.ldc = args.n;
      char name[64];
      snprintf(name, sizeof name, "gemm %c%c %zux%zux%zu", a ? 'T' : 'N', b ? 'T' : 'N', args.m, args.n, args.k);
      CHECK_BALANCE(c, name, ck_gemm(k, &args))
    }
  }
  static const size_t sides[] = {256, 512, 768, 1024};
  for (size_t s = 0; s < COUNT(sides); s++) {
    const size_t n = sides[s];
    const ck_gemm_args args = {.m = n, .n = n, .k = n, .alpha = 1, .a = x, .lda = n, .b = x, .ldb = n, .c = x,
                               .ldc = n};
    char name[64];
    snprintf(name, sizeof name, "symmetric %zu", n);
    // Tasks are equal areas of a triangle, but whole strips of rows: on more threads, those of the largest show.
    CHECK_UP_TO(2, c, name, ck_gemm_symmetric(k, &args, NULL))
  }
}

// Forward passes and input gradients, which are cut into blocks of whole images or of rows of one. Weight gradients are
// sums over the images, in so many chunks as their shape decides: with few filters and channels, that is few tasks.
// Small planes are not here: of four rows two have fewer taps, and Winograd's blocks of 64 tiles are few.
static void check_convolutions(check *c, const ck_kernels *k, float *x) {
  enum { THREADS = 16 };  // more than that want more blocks than such batches have
  // channels, side, filters, kernel, stride, padding, images
  static const size_t layers[][7] = {{1, 28, 6, 5, 1, 2, 128},   {6, 14, 16, 5, 1, 0, 128}, {3, 32, 32, 3, 1, 1, 128},
                                     {64, 32, 64, 3, 1, 1, 32},   {128, 16, 128, 3, 1, 1, 32},
                                     {256, 8, 256, 3, 1, 1, 32},  {64, 32, 128, 3, 2, 1, 32},
                                     {16, 32, 16, 3, 1, 1, 64},   {32, 16, 32, 3, 1, 1, 64}};
  static const ck_conv_algorithm algorithms[] = {CK_CONV_AUTOMATIC, CK_CONV_DIRECT, CK_CONV_DIRECT_PIXELS};
  for (size_t s = 0; s < COUNT(layers); s++) {
    const size_t *l = layers[s];
    for (size_t a = 0; a < COUNT(algorithms); a++) {
      const ck_conv conv = {.images = l[6], .channels = l[0], .height = l[1], .width = l[1], .filters = l[2],
                            .kernel_height = l[3], .kernel_width = l[3], .stride_height = l[4], .stride_width = l[4],
                            .dilation_height = 1, .dilation_width = 1, .padding_height = l[5], .padding_width = l[5],
                            .groups = 1, .algorithm = algorithms[a]};
      for (int gradient = 0; gradient < 2; gradient++) {
        const ck_conv_pass pass = gradient ? CK_CONV_INPUT_GRADIENT : CK_CONV_FORWARD;
        char name[96];
        snprintf(name, sizeof name, "conv %zux%zux%zu -> %zu @%zu s%zu n%zu, %s by %s", l[0], l[1], l[1], l[2], l[3],
                 l[4], l[6], gradient ? "gradient" : "forward", ck_conv_path_name(k, &conv, pass));
        CHECK_UP_TO(THREADS, c, name, if (gradient) ck_conv_input_gradient(k, &conv, x, x, x, x);
                    else ck_conv_forward(k, &conv, x, x, NULL, x, x))
      }
    }
  }
}

// As many elements as 256 cubed has products.
enum { ELEMENTS = 1 << 24 };

static void check_elements(check *c, const ck_kernels *k, float *x) {
  static const size_t counts[] = {ELEMENTS, 20000003};
  for (size_t s = 0; s < COUNT(counts); s++) {
    const size_t n = counts[s];
    const ck_adam_args adam = {0};
    const ck_adam_double_args adam_double = {0};
    double *const d = (double *)(void *)x;
    const ck_soaa_args soaa = {0};
    const ck_nadam_args nadam = {0};
    CHECK_BALANCE(c, "relu", ck_activation_forward(k, CK_RELU, 0, n, x, x))
    CHECK_BALANCE(c, "gelu's gradient", ck_activation_backward(k, CK_GELU, 0, n, x, x, x, x))
    CHECK_BALANCE(c, "add", ck_add(k, n, x, x, false, x))
    CHECK_BALANCE(c, "adam", ck_adam(k, n, &adam, x, x, x, x))
    CHECK_BALANCE(c, "adam in double", ck_adam_double(k, n, &adam_double, d, d, d, d))
    CHECK_BALANCE(c, "scalar step", ck_samt_scalar(k, n, 1, 1, x, x, x))
    CHECK_BALANCE(c, "soaa's moments", ck_soaa_moments(k, n, &soaa, x, x, x))
    CHECK_BALANCE(c, "soaa's step", ck_soaa_step(k, n, &soaa, x, x, x, x))
    CHECK_BALANCE(c, "nadam", ck_nadam_direction(k, n, &nadam, x, x, x, x, x, x))
    CHECK_BALANCE(c, "path sums", ck_path_sums_of(k, n, x, x, x, x))
    CHECK_BALANCE(c, "dot", ck_dot(k, n, x, x))
    CHECK_BALANCE(c, "moments", ck_moments_of(k, n, x))
    CHECK_BALANCE(c, "dropout mask", ck_dropout_mask(k, 1, 2, 3, 0.5f, n, x))
    CHECK_BALANCE(c, "squared error", ck_mean_squared_error(k, n, x, x, x))
    CHECK_BALANCE(c, "huber", ck_huber(k, n, 1, x, x, x))
    CHECK_BALANCE(c, "binary cross entropy", ck_binary_cross_entropy(k, n, x, x, x))
  }
}

static void check_matrices(check *c, const ck_kernels *k, float *x) {
  const ck_cross_entropy settings = {.ignored = -1};
  int32_t *const labels = calloc(65536, sizeof *labels);
  static const size_t shapes[][2] = {{4096, 4096}, {16384, 1024}, {1024, 16384},
                                     {5000, 4000}, {65536, 256},  {256, 65536}};
  for (size_t s = 0; s < COUNT(shapes); s++) {
    const size_t rows = shapes[s][0], columns = shapes[s][1];
    ck_factored_eta eta = {x, x, x, x, CK_EXP_TANH, 1, 1, 1, 1, false};
    char name[64];
#define CHECK_MATRIX(text, CALL)                                          \
  snprintf(name, sizeof name, "%s of %zux%zu", text, rows, columns);       \
  CHECK_BALANCE(c, name, CALL)
    CHECK_MATRIX("bias_relu", ck_bias_relu(k, rows, columns, x, x, x))
    CHECK_MATRIX("row steps", ck_samt_rows(k, rows, columns, x, 1, x, x, x))
    CHECK_MATRIX("column steps", ck_samt_columns(k, rows, columns, x, 1, x, x, x))
    CHECK_MATRIX("factored steps", ck_samt_factored(k, rows, columns, &eta, 1, x, x, x))
    CHECK_MATRIX("row dots", ck_row_dots(k, rows, columns, x, x, (double *)(void *)x))
    CHECK_MATRIX("row moments", ck_row_moments(k, rows, columns, x, (ck_moments *)(void *)x))
    CHECK_MATRIX("layer norm", ck_layer_norm(k, rows, columns, 1, x, x, x, x, x, x))
    CHECK_MATRIX("cross entropy", ck_softmax_cross_entropy(k, &settings, rows, columns, x, labels, x))
    // A cache line of columns is one thread's, all rows of them.
    const size_t most = columns / 16;
#define CHECK_COLUMNS(text, CALL)                                         \
  snprintf(name, sizeof name, "%s of %zux%zu", text, rows, columns);      \
  CHECK_UP_TO(most, c, name, CALL)
    CHECK_COLUMNS("column sums", ck_column_sums(k, rows, columns, x, x))
    CHECK_COLUMNS("column dots", ck_column_dots(k, rows, columns, x, x, (double *)(void *)x))
    CHECK_COLUMNS("column moments", ck_column_moments(k, rows, columns, x, (ck_moments *)(void *)x))
    CHECK_COLUMNS("layer norm's sums", ck_layer_norm_sums(k, rows, columns, x, x, x, x, x, x))
  }
  free(labels);
}

static void check_images(check *c, const ck_kernels *k, float *x) {
  static const size_t channels[] = {64, 128, 256, 512};
  for (size_t s = 0; s < COUNT(channels); s++) {
    const ck_channels shape = {64, channels[s], ELEMENTS / 64 / channels[s]};
    const ck_pool pool = {32, 32, 16, 16, 2, 2, 2, 2, 0, 0};
    char name[64];
    snprintf(name, sizeof name, "%zu channels", channels[s]);
    CHECK_BALANCE(c, name, ck_batch_norm(k, &shape, 1, x, x, x, true, x, x, x, x))
    CHECK_BALANCE(c, name, ck_batch_norm_gradient(k, &shape, x, x, x, x, true, x, x, x, x, x))
    CHECK_BALANCE(c, name, ck_channel_affine(k, &shape, x, x, x, x, true, x))
    CHECK_BALANCE(c, name, ck_max_pool(k, &pool, 64 * channels[s], x, x))
    CHECK_BALANCE(c, name, ck_max_pool_gradient(k, &pool, 64 * channels[s], x, x, x, x))
    CHECK_BALANCE(c, name, ck_row_means(k, 64 * channels[s], shape.area, x, x))
    CHECK_BALANCE(c, name, ck_channel_sums(k, shape.images, shape.channels, shape.area, x, x))
  }
}

void suite_balance(check *c) {
  counting_kernels counting;
  make_counting(c->kernels, &counting);
  // Every operand: what still reads or writes it does so within the largest of them.
  float *const x = calloc(ELEMENTS, sizeof *x);
  const int before = check_take_threads();
  check_products(c, &counting.all, x);
  check_convolutions(c, &counting.all, x);
  check_elements(c, &counting.all, x);
  check_matrices(c, &counting.all, x);
  check_images(c, &counting.all, x);
  check_give_threads(before);
  free(x);
}
