// CPUs by affinity, and by the quota of control groups (Linux), by which containers are given less than a whole
// machine.
#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include "cpus.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "read_line.h"

enum { PATH_LENGTH = 4096 };

// ceil(quota / period), or 0 where there is no limit. Version 2 has both in one file ("max 100000"), version 1 one each
// (-1 for no limit).
static int quota_of_group(const char *directory) {
  char path[PATH_LENGTH + 32], line[64];
  double quota = 0, period = 0;
  snprintf(path, sizeof path, "%s/cpu.max", directory);
  if (read_line(path, line, sizeof line)) {
    if (sscanf(line, "%lf %lf", &quota, &period) != 2) return 0;
  } else {
    snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", directory);
    if (!read_line(path, line, sizeof line) || sscanf(line, "%lf", &quota) != 1) return 0;
    snprintf(path, sizeof path, "%s/cpu.cfs_period_us", directory);
    if (!read_line(path, line, sizeof line) || sscanf(line, "%lf", &period) != 1) return 0;
  }
  if (!(quota > 0 && period > 0 && quota / period < 1e6)) return 0;
  const int whole = (int)(quota / period);
  return (double)whole * period < quota ? whole + 1 : whole;
}

static int tighter(int a, int b) { return a == 0 ? b : b == 0 || a < b ? a : b; }

// The tightest quota of a group and all that it lies in, up to where groups are mounted.
static int quota_of_path(const char *mount, const char *group) {
  char path[PATH_LENGTH];
  const size_t root = strlen(mount);
  int quota = 0;
  if (snprintf(path, sizeof path, "%s%s", mount, group) >= (int)sizeof path) return 0;
  for (;;) {
    quota = tighter(quota, quota_of_group(path));
    char *const slash = strrchr(path, '/');
    if (strlen(path) <= root || !slash || slash < path + root) return quota;
    *slash = 0;
  }
}

// Whether a list such as "cpu,cpuacct" has the controller "cpu".
static bool names_cpu(const char *controllers) {
  for (const char *at = controllers; at; at = strchr(at, ',')) {
    at += *at == ',';
    if (strncmp(at, "cpu", 3) == 0 && (at[3] == 0 || at[3] == ',')) return true;
  }
  return false;
}

int ck_cpu_quota(const char *membership, const char *mount) {
  FILE *file = fopen(membership, "r");
  if (!file) return 0;
  char line[PATH_LENGTH], directory[PATH_LENGTH];
  int quota = 0;
  while (fgets(line, sizeof line, file)) {  // "id:controllers:/path"
    line[strcspn(line, "\n")] = 0;
    char *const controllers = strchr(line, ':');
    char *const group = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!group) continue;
    *group = 0;
    const bool unified = controllers[1] == 0;
    if (!unified && !names_cpu(controllers + 1)) continue;
    // Version 1 mounts its controllers apart, "cpu" at least as a link; hybrid systems mount version 2 in "unified".
    static const char *const directories[2][2] = {{"/cpu", "/cpu,cpuacct"}, {"", "/unified"}};
    for (int i = 0; i < 2; i++) {
      if (snprintf(directory, sizeof directory, "%s%s", mount, directories[unified][i]) < (int)sizeof directory) {
        quota = tighter(quota, quota_of_path(directory, group + 1));
      }
    }
  }
  fclose(file);
  return quota;
}

static int online_cpus(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
#endif
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int)online : 1;
}

int ck_usable_cpus(void) {
  static _Atomic int known;
  int cpus = atomic_load_explicit(&known, memory_order_relaxed);
  if (cpus == 0) {
    cpus = tighter(online_cpus(), ck_cpu_quota("/proc/self/cgroup", "/sys/fs/cgroup"));
    atomic_store_explicit(&known, cpus, memory_order_relaxed);
  }
  return cpus;
}
