// The worker pool under every kernel, and the scratch memory that its participants own.
#ifndef CK_THREADS_H
#define CK_THREADS_H

#include <stddef.h>

// How many threads a large kernel call may use, the caller included (at least 1). Before the first
// `ck_set_threads`, the number of CPUs this process may run on, no more than its control groups' quota lasts for, or
// the environment variable SAMT_THREADS.
int ck_threads(void);

// Sets it; clamped to 1 ... CK_MAX_THREADS. No thread is created before the first large call, and never more than CPUs:
// with a larger count, each does the work of several.
void ck_set_threads(int count);
enum { CK_MAX_THREADS = 64 };

// How many CPUs' time the control groups of a process last for, rounded up, or 0 where they set no limit: cpu.max of
// version 2, cpu.cfs_quota_us of version 1. `membership` is its file of groups (/proc/self/cgroup), `mount` where
// groups are mounted (/sys/fs/cgroup).
int ck_cpu_quota(const char *_Nonnull membership, const char *_Nonnull mount);

// Scratch memory that belongs to one participant of a parallel call while its task runs.
typedef struct ck_scratch ck_scratch;

// `index` runs over 0 ..< count. Which thread runs an index is unspecified and must not matter.
typedef void (*ck_task)(void *_Nullable context, size_t index, ck_scratch *_Nonnull scratch);

// Runs `task` for every index and returns when all are done. The caller works too and never waits for a
// worker that has not started. While another thread is inside such a call, this one runs on its own
// thread alone; so does a call from within a task. A forked child starts with no workers and makes its own.
void ck_parallel_for(size_t count, ck_task _Nonnull task, void *_Nullable context);

#endif
