#if defined(__linux__)
#define _DEFAULT_SOURCE  // mkdtemp
#endif
// The worker pool: every index once, whoever calls and from wherever.
#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 1000, OWNERS = 2 * CK_MAX_THREADS };

// Which workspaces are in use.
typedef struct ownership {
  atomic_uintptr_t owners[OWNERS];
  atomic_int shared;  // tasks that met their workspace in use
} ownership;

// How often each index ran.
typedef struct tally {
  atomic_int runs[MOST];
  size_t inner;  // indices of a nested call in each task
  ownership *workspaces;
} tally;

// Claims a slot for the workspace; two claims of one workspace at a time count as shared.
static size_t claim(ownership *o, uintptr_t workspace) {
  size_t mine = OWNERS;
  for (size_t i = 0; i < OWNERS && mine == OWNERS; i++) {
    uintptr_t none = 0;
    if (atomic_compare_exchange_strong(&o->owners[i], &none, workspace)) mine = i;
  }
  for (size_t i = 0; i < OWNERS; i++) {
    if (i != mine && atomic_load(&o->owners[i]) == workspace) atomic_fetch_add(&o->shared, 1);
  }
  return mine;
}

static void count_inner(void *context, size_t index, ck_scratch *scratch) {
  (void)index, (void)scratch;
  atomic_fetch_add((atomic_int *)context, 1);
}

static void count_run(void *context, size_t index, ck_scratch *scratch) {
  tally *t = context;
  size_t slot = claim(t->workspaces, (uintptr_t)scratch);
  atomic_fetch_add(&t->runs[index], 1);
  if (t->inner > 0) {
    atomic_int ran = 0;
    ck_parallel_for(t->inner, count_inner, &ran);
    if ((size_t)atomic_load(&ran) != t->inner) atomic_fetch_add(&t->runs[index], 1000);
  }
  if (slot < OWNERS) atomic_store(&t->workspaces->owners[slot], 0);
}

// Whether every index below `count` ran once and no other did, each with a workspace of its own.
static bool runs_once(size_t count, size_t inner, ownership *workspaces) {
  tally t = {.inner = inner, .workspaces = workspaces};
  ck_parallel_for(count, count_run, &t);
  for (size_t i = 0; i < MOST; i++) {
    if (atomic_load(&t.runs[i]) != (i < count)) return false;
  }
  return atomic_load(&workspaces->shared) == 0;
}

static bool all_run_once(size_t repeats, size_t inner, ownership *workspaces) {
  static const size_t counts[] = {0, 1, 2, 3, 7, 64, 65, 1000};
  bool right = true;
  for (size_t repeat = 0; repeat < repeats; repeat++) {
    for (size_t k = 0; k < COUNT(counts); k++) right = runs_once(counts[k], inner, workspaces) && right;
  }
  return right;
}

// A thread that calls the pool.
typedef struct caller {
  pthread_t thread;
  size_t repeats;
  ownership *workspaces;
  atomic_bool stop;
  bool right;
} caller;

static void *call_from_thread(void *context) {
  caller *me = context;
  me->right = all_run_once(me->repeats, 0, me->workspaces);
  return NULL;
}

// Small calls, so that most of the time goes into the pool itself.
static void *call_until_stopped(void *context) {
  caller *me = context;
  atomic_int ran = 0;
  int wanted = 0;
  while (!atomic_load(&me->stop)) {
    ck_parallel_for(1, count_inner, &ran);
    ck_parallel_for(5, count_inner, &ran);
    wanted += 6;
    if (atomic_load(&ran) != wanted) break;
  }
  me->right = atomic_load(&ran) == wanted;
  return NULL;
}

// What each thread ran first, of two.
typedef struct beginnings {
  atomic_uintptr_t threads[2];
  atomic_size_t first[2];
  atomic_bool alone;  // nobody else came in time
} beginnings;

// A thread's first task waits until another thread has begun, too, for some tenths of a second at most.
static void note_beginning(void *context, size_t index, ck_scratch *scratch) {
  (void)scratch;
  beginnings *b = context;
  const uintptr_t me = (uintptr_t)pthread_self();
  if (atomic_load(&b->threads[0]) == me || atomic_load(&b->threads[1]) == me) return;
  uintptr_t none = 0;
  const size_t slot = atomic_compare_exchange_strong(&b->threads[0], &none, me) ? 0 : 1;
  if (slot == 1) atomic_store(&b->threads[1], me);
  atomic_store(&b->first[slot], index);
  for (int wait = 0; wait < 1000 && atomic_load(&b->first[1]) == MOST; wait++) usleep(500);
  if (atomic_load(&b->first[1]) == MOST) atomic_store(&b->alone, true);
}

// One thread begins with the first index, and another, where it comes in time, with the first of the second half.
static void test_parts(check *c) {
  check_case(c, "parallel_for in parts");
  beginnings b = {.first = {MOST, MOST}};
  ck_parallel_for(100, note_beginning, &b);
  const size_t one = atomic_load(&b.first[0]), other = atomic_load(&b.first[1]);
  check_that(c, "each thread begins with its own part", atomic_load(&b.alone) || one + other == 50);
}

static void test_concurrent(check *c, size_t count, size_t repeats) {
  check_case(c, "parallel_for from %zu threads, threads=%d", count, ck_threads());
  ownership workspaces = {0};
  caller callers[8];
  for (size_t i = 0; i < count; i++) {
    callers[i] = (caller){.repeats = repeats, .workspaces = &workspaces};
    bool started = pthread_create(&callers[i].thread, NULL, call_from_thread, &callers[i]) == 0;
    check_that(c, "a thread starts", started);
    if (!started) count = i;
  }
  for (size_t i = 0; i < count; i++) {
    pthread_join(callers[i].thread, NULL);
    check_that(c, "every index runs once, with a workspace of its own", callers[i].right);
  }
}

// The child may call nothing unsafe but the pool. If it hangs, the alarm ends it, which counts as wrong.
static bool fork_once(check *c) {
  pid_t child = fork();
  if (child == 0) {
    ownership workspaces = {0};
    signal(SIGALRM, SIG_DFL);
    alarm(20);
    _exit(all_run_once(1, 0, &workspaces) ? 0 : 1);
  }
  check_that(c, "fork succeeds", child > 0);
  if (child <= 0) return false;
  int status = -1;
  while (waitpid(child, &status, 0) < 0) continue;
  bool right = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  check_that(c, "every index runs once in the child", right);
  return right;
}

static void test_fork(check *c) {
  check_case(c, "parallel_for in a forked child, threads=%d", ck_threads());
  ownership workspaces = {0};
  for (int repeat = 0; repeat < 3 && fork_once(c); repeat++) {
    check_that(c, "every index runs once in the parent afterwards", all_run_once(3, 0, &workspaces));
  }
}

// The child inherits a pool in the middle of another thread's call.
static void test_fork_when_busy(check *c) {
  check_case(c, "parallel_for in a child forked during a call, threads=%d", ck_threads());
  caller busy = {.repeats = 0};
  bool started = pthread_create(&busy.thread, NULL, call_until_stopped, &busy) == 0;
  check_that(c, "a thread starts", started);
  if (!started) return;
  for (int repeat = 0; repeat < (c->quick ? 5 : 100) && fork_once(c); repeat++) continue;
  atomic_store(&busy.stop, true);
  pthread_join(busy.thread, NULL);
  check_that(c, "every index runs once in the parent", busy.right);
}

static void test_thread_count(check *c) {
  static const int given[][2] = {{1, 1},
                                 {2, 2},
                                 {5, 5},
                                 {64, 64},
                                 {0, 1},
                                 {-3, 1},
                                 {-2147483647, 1},
                                 {65, CK_MAX_THREADS},
                                 {2147483647, CK_MAX_THREADS}};
  for (size_t k = 0; k < COUNT(given); k++) {
    check_case(c, "set_threads(%d)", given[k][0]);
    ck_set_threads(given[k][0]);
    check_near(c, "threads", 0, ck_threads(), given[k][1], 0);
  }
}

static bool write_file(const char *directory, const char *name, const char *text) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  FILE *file = fopen(path, "w");
  if (!file) return false;
  const bool written = fputs(text, file) >= 0;
  return fclose(file) == 0 && written;
}

static bool remove_group(const char *directory) {
  static const char *const names[] = {"cpu.max", "cpu.cfs_quota_us", "cpu.cfs_period_us"};
  char path[512];
  for (size_t i = 0; i < COUNT(names); i++) {
    snprintf(path, sizeof path, "%s/%s", directory, names[i]);
    remove(path);
  }
  return rmdir(directory) == 0;
}

// Control groups as files: of a process in /a/b, with what its groups and the root say.
static void test_quota(check *c) {
  static const struct {
    const char *membership, *mount, *file, *root, *outer, *inner;
    int wanted;
  } cases[] = {
      {"0::/a/b\n", "", "cpu.max", "max 100000", "max 100000", "max 100000", 0},
      {"0::/a/b\n", "", "cpu.max", "max 100000", "max 100000", "200000 100000", 2},
      {"0::/a/b\n", "", "cpu.max", "max 100000", "150000 100000", "400000 100000", 2},
      {"0::/a/b\n", "", "cpu.max", "10000 100000", "max 100000", "max 100000", 1},
      {"0::/not/visible\n", "", "cpu.max", "300000 100000", "100000 100000", "100000 100000", 3},
      {"4:memory:/\n3:cpu,cpuacct:/a/b\n0::/\n", "/cpu", "cpu.cfs_quota_us", "-1", "-1", "350000", 4},
      {"3:cpuset:/a/b\n2:cpuacct,cpu:/a/b\n", "/cpu", "cpu.cfs_quota_us", "-1", "100000", "-1", 1},
      {"3:cpuset:/a/b\n", "/cpu", "cpu.cfs_quota_us", "100000", "100000", "100000", 0},
      {"nonsense", "", "cpu.max", "nonsense", "", "100000", 0},
  };
  for (size_t k = 0; k < COUNT(cases); k++) {
    check_case(c, "cpu_quota, case %zu", k);
    char directory[] = "/tmp/ck-groups-XXXXXX", mount[300], path[512];
    if (!mkdtemp(directory)) abort();
    const char *const texts[] = {cases[k].root, cases[k].outer, cases[k].inner};
    snprintf(mount, sizeof mount, "%s%s", directory, cases[k].mount);
    bool made = cases[k].mount[0] == 0 || mkdir(mount, 0700) == 0;
    for (int level = 0; level < 3; level++) {
      if (level > 0) {
        strcat(mount, level == 1 ? "/a" : "/b");
        made = made && mkdir(mount, 0700) == 0;
      }
      made = made && write_file(mount, cases[k].file, texts[level]) &&
             write_file(mount, "cpu.cfs_period_us", "100000");
    }
    made = made && write_file(directory, "membership", cases[k].membership);
    check_that(c, "files are made", made);
    snprintf(path, sizeof path, "%s/membership", directory);
    check_near(c, "quota", 0, ck_cpu_quota(path, directory), cases[k].wanted, 0);
    remove(path);
    bool removed = true;
    for (; strlen(mount) > strlen(directory); *strrchr(mount, '/') = 0) removed = remove_group(mount) && removed;
    check_that(c, "files are removed", remove_group(directory) && removed);
  }
  check_case(c, "cpu_quota without files");
  check_near(c, "quota", 0, ck_cpu_quota("/nowhere/cgroup", "/nowhere"), 0, 0);
}

void suite_threads(check *c) {
  const size_t repeats = c->quick ? 10 : 200;
  int before = check_take_threads();
  check_case(c, "threads at first");
  check_that(c, "the thread count is in 1 ... CK_MAX_THREADS", before >= 1 && before <= CK_MAX_THREADS);
  test_thread_count(c);
  if (ck_table_isa(c->kernels) == CK_PORTABLE) test_quota(c);  // no kernel has a part in it
  static const int pools[] = {1, 2, 3, 8, 2, 1, 4};
  for (size_t k = 0; k < COUNT(pools); k++) {
    ck_set_threads(pools[k]);
    check_case(c, "parallel_for, threads=%d", pools[k]);
    ownership workspaces = {0};
    check_that(c, "every index runs once, with a workspace of its own", all_run_once(repeats, 0, &workspaces));
    check_that(c, "every index of nested calls runs once", all_run_once(2, 3, &workspaces));
    test_concurrent(c, 2, repeats);
    if (pools[k] == 2) test_parts(c);
  }
  for (int round = 0; round < 10; round++) test_concurrent(c, 8, 2);
  test_fork(c);
  test_fork_when_busy(c);
  check_give_threads(before);
}
