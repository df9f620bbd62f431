// The worker pool. Workers spin, then sleep; the caller claims indices like everyone else, so a call is never slower
// than alone by more than the publishing of its work, and never waits for a worker that has not joined.
//
// `state` holds it all: the generation of the work in its upper bits, whether workers may still join (OPEN), and how
// many have (the low bits). A worker joins by compare-and-swap against the very state it saw, so none can enter work
// that has closed, and the caller may reuse `work` as soon as it has closed it and the count is back at zero.
//
// Every thread begins with its own part of the indices and then helps with the others'. So neighbouring indices, which
// mostly mean neighbouring memory, stay on one thread, and from one call to the next what a thread wrote is what it
// reads: where threads share no cache, as on processors of several dies, each line would otherwise travel.
#include "cpus.h"
#include "executor.h"
#include "scratch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sched.h>

enum { OPEN = 1u << 15, JOINED = OPEN - 1, GENERATION = 1u << 16 };
enum { SPINS = 20000 };  // about half a millisecond: longer than the serial gaps of a training step

static struct {
  _Atomic uint64_t state;
  ck_task task;
  void *context;
  size_t count, parts;
} work;

// The next index of each part, on cache lines of its own (two, since CPUs fetch lines in pairs).
static struct {
  _Alignas(128) _Atomic size_t next;
} parts[CK_MAX_THREADS];

static size_t part_begin(size_t part) { return part * work.count / work.parts; }

static _Atomic int wanted_threads;  // 0 until first asked
static int started_workers;         // guarded by `busy`
// Made before a worker starts: one that came to run late would otherwise take what a caller has released, and the
// caller's next call would have to make another.
static ck_scratch *worker_scratch[CK_MAX_THREADS];
static pthread_mutex_t busy = PTHREAD_MUTEX_INITIALIZER;  // held by the one caller whose work is published
static pthread_mutex_t sleep_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static _Atomic int sleepers;
static _Thread_local bool inside;  // this thread runs a task, so nested calls stay on it
static _Thread_local ck_executor stand_in;

static inline void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static int clamped(long count) { return count < 1 ? 1 : count > CK_MAX_THREADS ? CK_MAX_THREADS : (int)count; }

int ck_threads(void) {
  int count = atomic_load_explicit(&wanted_threads, memory_order_relaxed);
  if (count > 0) return count;
  const char *named = getenv("SAMT_THREADS");
  char *end = NULL;
  const long parsed = named ? strtol(named, &end, 10) : 0;
  int first = clamped(named && end != named && *end == 0 && parsed > 0 ? parsed : ck_usable_cpus());
  int none = 0;
  return atomic_compare_exchange_strong(&wanted_threads, &none, first) ? first : none;
}

void ck_set_threads(int count) { atomic_store(&wanted_threads, clamped(count)); }

static void claim(size_t own_part, ck_scratch *scratch) {
  inside = true;
  for (size_t i = 0; i < work.parts; i++) {
    const size_t part = (own_part + i) % work.parts, end = part_begin(part + 1);
    for (;;) {
      const size_t index = atomic_fetch_add_explicit(&parts[part].next, 1, memory_order_relaxed);
      if (index >= end) break;
      work.task(work.context, index, scratch);
    }
  }
  inside = false;
}

static uint64_t wait_for_work(uint64_t seen) {
  for (int spin = 0; spin < SPINS; spin++) {
    const uint64_t state = atomic_load_explicit(&work.state, memory_order_acquire);
    if (state / GENERATION != seen && (state & OPEN)) return state;
    relax();
  }
  pthread_mutex_lock(&sleep_lock);
  atomic_fetch_add(&sleepers, 1);
  uint64_t state;
  while ((state = atomic_load(&work.state)) / GENERATION == seen || !(state & OPEN)) {
    pthread_cond_wait(&wake, &sleep_lock);
  }
  atomic_fetch_sub(&sleepers, 1);
  pthread_mutex_unlock(&sleep_lock);
  return state;
}

static void *run_worker(void *number) {
  const int own = (int)(intptr_t)number;  // worker n takes part when more than n + 1 threads are wanted
  ck_scratch *scratch = worker_scratch[own];
  uint64_t seen = 0;
  for (;;) {
    uint64_t state = wait_for_work(seen);
    seen = state / GENERATION;
    if (own + 1 >= ck_threads()) continue;
    if (!atomic_compare_exchange_strong(&work.state, &state, state + 1)) {
      seen = 0;  // someone else joined or it closed: look again
      continue;
    }
    claim((size_t)own + 1, scratch);
    atomic_fetch_sub_explicit(&work.state, 1, memory_order_release);
  }
  return NULL;
}

static void forget_workers(void) {  // in a forked child, which has none of them
  pthread_mutex_init(&busy, NULL);
  pthread_mutex_init(&sleep_lock, NULL);
  pthread_cond_init(&wake, NULL);
  atomic_store(&work.state, 0);
  atomic_store(&sleepers, 0);
  started_workers = 0;
}

static void start_workers(int count) {
  static bool registered;
  if (!registered) {
    registered = true;
    pthread_atfork(NULL, NULL, forget_workers);
  }
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  for (; started_workers < count; started_workers++) {
    pthread_t thread;
    worker_scratch[started_workers] = ck_scratch_acquire();
    if (pthread_create(&thread, &attributes, run_worker, (void *)(intptr_t)started_workers) != 0) {
      ck_scratch_release(worker_scratch[started_workers]);
      break;
    }
  }
  pthread_attr_destroy(&attributes);
}

void ck_serial_for(size_t count, ck_task task, void *context) {
  ck_scratch *scratch = ck_scratch_acquire();
  for (size_t index = 0; index < count; index++) task(context, index, scratch);
  ck_scratch_release(scratch);
}

void ck_set_executor(ck_executor executor) { stand_in = executor; }

void ck_parallel_for(size_t count, ck_task task, void *context) {
  if (stand_in) {
    stand_in(count, task, context);
    return;
  }
  const int threads = ck_threads();
  if (count <= 1 || threads == 1 || inside || pthread_mutex_trylock(&busy) != 0) {
    ck_serial_for(count, task, context);
    return;
  }
  // More threads than CPUs would spin in each other's way: work is cut for all of them, and done by as many as can run.
  const int runnable = threads < ck_usable_cpus() ? threads : ck_usable_cpus();
  if (started_workers < runnable - 1) start_workers(runnable - 1);

  work.task = task;
  work.context = context;
  work.count = count;
  work.parts = (size_t)runnable;
  for (size_t part = 0; part < work.parts; part++) {
    atomic_store_explicit(&parts[part].next, part_begin(part), memory_order_relaxed);
  }
  const uint64_t generation = atomic_load_explicit(&work.state, memory_order_relaxed) / GENERATION + 1;
  atomic_store(&work.state, generation * GENERATION | OPEN);
  if (atomic_load(&sleepers) > 0) {
    pthread_mutex_lock(&sleep_lock);
    pthread_cond_broadcast(&wake);
    pthread_mutex_unlock(&sleep_lock);
  }

  ck_scratch *scratch = ck_scratch_acquire();
  claim(0, scratch);
  ck_scratch_release(scratch);

  atomic_fetch_and(&work.state, ~(uint64_t)OPEN);
  for (int spin = 0; atomic_load_explicit(&work.state, memory_order_acquire) & JOINED; spin++) {
    if (spin < SPINS) relax();
    else sched_yield();
  }
  pthread_mutex_unlock(&busy);
}
