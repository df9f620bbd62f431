// What the suites share: comparisons that name their coordinates, guarded buffers, a seeded generator.
#ifndef CK_CHECK_H
#define CK_CHECK_H

#include <CKernelsConformance.h>
#include <float.h>
#include <math.h>
#include <string.h>

#define PRINTS(text, first) __attribute__((format(printf, text, first)))

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

// Half an ulp of 1: the largest relative error of one rounded float operation.
#define ROUNDING (0.5 * (double)FLT_EPSILON)

enum { CHECK_BLOCKS = 24 };

typedef struct check_block {
  unsigned char *memory;
  size_t before, bytes, total;  // in bytes: what lies before the buffer, the buffer, everything
} check_block;

typedef struct check {
  const ck_kernels *kernels;
  bool quick;
  ckc_result result;
  char *text;  // the first failure
  size_t capacity;
  char where[256];      // coordinates of the case at hand
  size_t where_length;  // without the note
  uint64_t state;
  size_t page;  // where it is not 0, buffers end at a page that may not be read
  check_block blocks[CHECK_BLOCKS];
  size_t block_count;
} check;

void check_start(check *c, const ck_kernels *kernels, ckc_effort effort, char *text, size_t capacity);

// Opens a case under these coordinates. First closes the one before: its guards are checked, its buffers freed.
void check_case(check *c, const char *format, ...) PRINTS(2, 3);

// Replaces the note behind the coordinates of the case.
void check_note(check *c, const char *format, ...) PRINTS(2, 3);

// Closes the last case.
void check_finish(check *c);

// A buffer that lives as long as its case. It is full of NaN, so unwritten results show and unwanted reads spoil
// results; around it stand canaries, so writes outside it show. `offset` moves it off a 64-byte boundary, in floats.
float *check_floats(check *c, size_t n, size_t offset);
double *check_doubles(check *c, size_t n);
int32_t *check_integers(check *c, size_t n);
float *check_copy(check *c, size_t n, const float *x);

// Checks and frees the newest buffer.
void check_release(check *c);

// Comparisons. A NaN passes only where NaN is wanted, and no bound that is not finite is ever met.
void check_that(check *c, const char *what, bool holds);
void check_near(check *c, const char *what, size_t index, double got, double wanted, double bound);
void check_entry(check *c, const char *what, size_t row, size_t column, double got, double wanted, double bound);
void check_exact(check *c, const char *what, size_t n, const float *got, const float *wanted);   // -0 equals 0
void check_bits(check *c, const char *what, size_t bytes, const void *got, const void *wanted);  // whole words
void check_untouched(check *c, const char *what, size_t n, const float *x);  // as check_floats made it

// Numbers that depend on the suite alone.
uint64_t check_random(check *c);
size_t check_index(check *c, size_t count);  // in 0 ..< count
float check_uniform(check *c, float low, float high);
float check_normal(check *c);  // mean 0, variance 1, near enough normal
void check_fill_uniform(check *c, size_t n, float *x, float low, float high);
void check_fill_normal(check *c, size_t n, float *x, float mean, float deviation);
void check_fill_whole(check *c, size_t n, float *x, int magnitude);  // whole numbers in -magnitude ... magnitude

// Cross-entropy without smoothing, weights and ignored labels.
extern const ck_cross_entropy check_plain_entropy;

// Lengths around every vector width and around unrolled loops.
extern const size_t check_lengths[];
extern const size_t check_length_count;

// When so many threads would be done with tasks of this work, shared as ck_parallel_for shares them: each begins with
// its own part, takes the next task as soon as it is done with one, and then helps with the parts behind.
double check_makespan(size_t count, const double *work, size_t threads);

// Tells the process's thread count, and keeps other suites from changing it until it is given back.
int check_take_threads(void);
void check_give_threads(int before);

#define SUITES(apply)                                                                                           \
  apply(harness) apply(dispatch) apply(threads) apply(caches) apply(gemm) apply(gemm_blocks) apply(conv)        \
  apply(activation) apply(arithmetic) apply(moments) apply(sums) apply(norm) apply(pool) apply(loss)            \
  apply(update) apply(soaa) apply(direction) apply(orthogonalize) apply(matrix_update) apply(samt)              \
  apply(samt_gradient) apply(random) apply(probe) apply(schedule_free) apply(learning_rate_free)                \
  apply(numbers) apply(split) apply(balance) apply(identity) apply(fences)
#define DECLARE_SUITE(name) void suite_##name(check *c);
SUITES(DECLARE_SUITE)
#undef DECLARE_SUITE

#endif
