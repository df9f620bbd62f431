#if defined(__linux__)
#define _DEFAULT_SOURCE  // MAP_ANONYMOUS
#endif
#include "check.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

const ck_cross_entropy check_plain_entropy = {.smoothing = 0, .class_weights = NULL, .ignored = -1};

const size_t check_lengths[] = {0,  1,  2,  3,  4,  5,  7,  8,  9,  15,  16,  17,
                                31, 32, 33, 47, 48, 49, 63, 64, 65, 127, 129, 1000};
const size_t check_length_count = COUNT(check_lengths);

enum { GUARD = 256, ALIGNMENT = 64 };       // bytes
static const uint32_t canary = 0x7ff8c0de;  // NaN as a float, and twice in a row NaN as a double

static void fill_canaries(unsigned char *memory, size_t bytes) {
  for (size_t i = 0; i < bytes; i += sizeof canary) memcpy(memory + i, &canary, sizeof canary);
}

static bool are_canaries(const unsigned char *memory, size_t bytes) {
  for (size_t i = 0; i < bytes; i += sizeof canary) {
    if (memcmp(memory + i, &canary, sizeof canary) != 0) return false;
  }
  return true;
}

// MARK: Cases

void check_start(check *c, const ck_kernels *kernels, ckc_effort effort, char *text, size_t capacity) {
  *c = (check){.kernels = kernels, .quick = effort == CKC_QUICK, .text = text, .capacity = capacity, .state = 0x5a4d7};
  if (capacity > 0) text[0] = 0;
}

void check_release(check *c) {
  check_block *block = &c->blocks[--c->block_count];
  size_t end = block->before + block->bytes;
  check_that(c, "canaries before a buffer are untouched", are_canaries(block->memory, block->before));
  check_that(c, "canaries after a buffer are untouched", are_canaries(block->memory + end, block->total - end));
  if (c->page > 0) {
    munmap(block->memory, block->total + c->page);
  } else {
    free(block->memory);
  }
}

void check_finish(check *c) {
  while (c->block_count > 0) check_release(c);
}

void check_case(check *c, const char *format, ...) {
  check_finish(c);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(c->where, sizeof c->where, format, arguments);
  va_end(arguments);
  c->where_length = strlen(c->where);
}

void check_note(check *c, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(c->where + c->where_length, sizeof c->where - c->where_length, format, arguments);
  va_end(arguments);
}

// MARK: Buffers

static void *add_block(check *c, unsigned char *memory, size_t before, size_t bytes, size_t total) {
  fill_canaries(memory, total);
  c->blocks[c->block_count++] = (check_block){memory, before, bytes, total};
  return memory + before;
}

// Ends where reading is forbidden. Keeps no offset: the end decides where it starts.
static void *fenced(check *c, size_t bytes) {
  size_t total = (bytes + c->page - 1) / c->page * c->page;
  void *memory = mmap(NULL, total + c->page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED || mprotect((unsigned char *)memory + total, c->page, PROT_NONE) != 0) abort();
  return add_block(c, memory, total - bytes, bytes, total);
}

static void *guarded(check *c, size_t bytes, size_t offset) {
  if (c->block_count == CHECK_BLOCKS) abort();
  if (c->page > 0) return fenced(c, bytes);
  size_t before = GUARD + offset * sizeof(float);
  size_t total = (before + bytes + GUARD + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  unsigned char *memory = aligned_alloc(ALIGNMENT, total);
  if (memory == NULL) abort();
  return add_block(c, memory, before, bytes, total);
}

float *check_floats(check *c, size_t n, size_t offset) { return guarded(c, n * sizeof(float), offset); }

double *check_doubles(check *c, size_t n) { return guarded(c, n * sizeof(double), 0); }

int32_t *check_integers(check *c, size_t n) { return guarded(c, n * sizeof(int32_t), 0); }

float *check_copy(check *c, size_t n, const float *x) {
  float *copy = check_floats(c, n, 0);
  if (n > 0) memcpy(copy, x, n * sizeof(float));
  return copy;
}

// MARK: Comparisons

static void fail(check *c, const char *format, ...) PRINTS(2, 3);
static void fail(check *c, const char *format, ...) {
  if (c->result.failures++ > 0 || c->capacity == 0) return;
  int length = snprintf(c->text, c->capacity, "%s: ", c->where);
  if (length < 0 || (size_t)length >= c->capacity) return;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(c->text + length, c->capacity - (size_t)length, format, arguments);
  va_end(arguments);
}

// Written so that a NaN on one side only, or in the bound, is not close.
static bool close_enough(check *c, double got, double wanted, double bound) {
  c->result.checks++;
  if (got == wanted || (isnan(got) && isnan(wanted))) return true;
  double error = fabs(got - wanted);
  if (!(error <= bound && bound <= DBL_MAX)) return false;
  c->result.worst = fmax(c->result.worst, error / bound);
  return true;
}

void check_that(check *c, const char *what, bool holds) {
  c->result.checks++;
  if (!holds) fail(c, "it does not hold that %s", what);
}

void check_near(check *c, const char *what, size_t index, double got, double wanted, double bound) {
  if (close_enough(c, got, wanted, bound)) return;
  fail(c, "%s[%zu] is %.10g, wanted %.10g within %.3g", what, index, got, wanted, bound);
}

void check_entry(check *c, const char *what, size_t row, size_t column, double got, double wanted, double bound) {
  if (close_enough(c, got, wanted, bound)) return;
  fail(c, "%s[%zu, %zu] is %.10g, wanted %.10g within %.3g", what, row, column, got, wanted, bound);
}

void check_exact(check *c, const char *what, size_t n, const float *got, const float *wanted) {
  for (size_t i = 0; i < n; i++) check_near(c, what, i, got[i], wanted[i], 0);
}

void check_bits(check *c, const char *what, size_t bytes, const void *got, const void *wanted) {
  c->result.checks++;
  if (bytes == 0 || memcmp(got, wanted, bytes) == 0) return;
  const unsigned char *x = got, *y = wanted;
  size_t word = 0;
  while (memcmp(x + 4 * word, y + 4 * word, 4) == 0) word++;
  float pair[2];
  memcpy(&pair[0], x + 4 * word, 4);
  memcpy(&pair[1], y + 4 * word, 4);
  fail(c, "%s differs first in word %zu of %zu: as a float it is %.9g, wanted %.9g to the bit", what, word, bytes / 4,
       (double)pair[0], (double)pair[1]);
}

void check_untouched(check *c, const char *what, size_t n, const float *x) {
  c->result.checks++;
  if (!are_canaries((const unsigned char *)x, n * sizeof(float))) fail(c, "%s was written to", what);
}

// MARK: Numbers

// SplitMix64 (Steele, Lea and Flood 2014).
uint64_t check_random(check *c) {
  uint64_t z = c->state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

size_t check_index(check *c, size_t count) { return (size_t)(check_random(c) >> 32) % count; }

float check_uniform(check *c, float low, float high) {
  return low + (high - low) * ((float)(check_random(c) >> 40) * 0x1p-24f);
}

// Four uniform numbers of 16 bits, added: variance 4/12.
float check_normal(check *c) {
  uint64_t bits = check_random(c);
  double sum = (double)((bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48));
  return (float)((sum * 0x1p-16 - 2) * 1.7320508075688772);
}

void check_fill_uniform(check *c, size_t n, float *x, float low, float high) {
  for (size_t i = 0; i < n; i++) x[i] = check_uniform(c, low, high);
}

void check_fill_normal(check *c, size_t n, float *x, float mean, float deviation) {
  for (size_t i = 0; i < n; i++) x[i] = (float)((double)mean + (double)deviation * (double)check_normal(c));
}

void check_fill_whole(check *c, size_t n, float *x, int magnitude) {
  for (size_t i = 0; i < n; i++) x[i] = (float)((int)check_index(c, 2 * (size_t)magnitude + 1) - magnitude);
}

// MARK: Threads

double check_makespan(size_t count, const double *work, size_t threads) {
  double busy[CK_MAX_THREADS] = {0}, most = 0;
  size_t next[CK_MAX_THREADS];
  for (size_t t = 0; t < threads; t++) next[t] = t * count / threads;
  for (size_t done = 0; done < count; done++) {
    size_t idle = 0;
    for (size_t t = 1; t < threads; t++) idle = busy[t] < busy[idle] ? t : idle;
    size_t part = idle;
    while (next[part] == (part + 1) * count / threads) part = (part + 1) % threads;
    busy[idle] += work[next[part]++];
    most = fmax(most, busy[idle]);
  }
  return most;
}

static pthread_mutex_t threads_lock = PTHREAD_MUTEX_INITIALIZER;

int check_take_threads(void) {
  pthread_mutex_lock(&threads_lock);
  return ck_threads();
}

void check_give_threads(int before) {
  ck_set_threads(before);
  pthread_mutex_unlock(&threads_lock);
}
