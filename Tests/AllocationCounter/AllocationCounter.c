#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include "AllocationCounter.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

#if (defined(__GLIBC__) || defined(__APPLE__)) && !defined(SANITIZED)

#include <execinfo.h>
#include <pthread.h>
#include <unistd.h>

enum { KEPT = 4, FRAMES = 24 };

static _Atomic bool counting;
static _Atomic size_t allocations;
static void *traces[KEPT][FRAMES];
static int depths[KEPT];
// The thread that takes a trace, which may allocate. No thread-local variable: on Apple systems those do too.
static _Atomic uintptr_t tracer;

static void count(void) {
  if (!atomic_load_explicit(&counting, memory_order_relaxed)) return;
  const uintptr_t self = (uintptr_t)pthread_self();
  if (atomic_load(&tracer) == self) return;
  const size_t number = atomic_fetch_add(&allocations, 1);
  uintptr_t none = 0;
  if (number >= KEPT || !atomic_compare_exchange_strong(&tracer, &none, self)) return;
  depths[number] = backtrace(traces[number], FRAMES);
  atomic_store(&tracer, 0);
}

bool allocation_counter_works(void) { return true; }

void allocation_counter_print(void) {
  const size_t found = atomic_load(&allocations);
  for (size_t i = 0; i < found && i < KEPT; i++) {
    backtrace_symbols_fd(traces[i], depths[i], STDERR_FILENO);
    const char end[] = "--\n";
    if (write(STDERR_FILENO, end, sizeof end - 1) < 0) return;
  }
}

static void begin(void) {
  backtrace(traces[0], FRAMES);  // loads what it needs, now
  for (int i = 0; i < KEPT; i++) depths[i] = 0;
  atomic_store(&allocations, 0);
  atomic_store(&counting, true);
}

#if defined(__APPLE__)

// Called by the system's allocator for each event while set; libmalloc exports it for memory tools.
extern void (*malloc_logger)(uint32_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uint32_t);
enum { IS_ALLOCATION = 2 };

static void log_event(uint32_t type, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t result, uint32_t skip) {
  (void)a, (void)b, (void)c, (void)result, (void)skip;
  if (type & IS_ALLOCATION) count();
}

void allocation_counter_start(void) {
  begin();
  malloc_logger = log_event;
}

size_t allocation_counter_stop(void) {
  malloc_logger = NULL;
  atomic_store(&counting, false);
  return atomic_load(&allocations);
}

#else

#include <errno.h>

void allocation_counter_start(void) { begin(); }

size_t allocation_counter_stop(void) {
  atomic_store(&counting, false);
  return atomic_load(&allocations);
}

// The C library's own, exported for exactly this. Its free takes what they return, so it needs no replacement.
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

void *malloc(size_t size) {
  count();
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  count();
  return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
  count();
  return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
  count();
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  count();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size) {
  if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) return EINVAL;
  count();
  void *memory = __libc_memalign(alignment, size);
  if (memory == NULL) return ENOMEM;
  *out = memory;
  return 0;
}

#endif

#else

bool allocation_counter_works(void) { return false; }
void allocation_counter_start(void) {}
size_t allocation_counter_stop(void) { return 0; }
void allocation_counter_print(void) {}

#endif
