// Sizes of caches from sysfs (Linux) or sysctl (macOS).
#include "caches.h"

#include <pthread.h>
#include <string.h>

#include "cpus.h"
#include "read_line.h"
#if defined(__APPLE__)
#include <sys/sysctl.h>
#endif

enum { PATH_LENGTH = 512, LINE_LENGTH = 256 };

// "48K", "1M" or plain bytes.
static size_t bytes_of(const char *text) {
  unsigned long long number = 0;
  char unit = 0;
  if (sscanf(text, "%llu%c", &number, &unit) < 1) return 0;
  return (size_t)number << (unit == 'K' ? 10 : unit == 'M' ? 20 : 0);
}

// The CPUs of a list such as "0-3,8".
static size_t cpus_of(const char *list) {
  size_t count = 0;
  for (const char *at = list; at; at = strchr(at, ',')) {
    at += *at == ',';
    unsigned first = 0, last = 0;
    const int read = sscanf(at, "%u-%u", &first, &last);
    if (read == 2 && last >= first) count += last - first + 1;
    else if (read >= 1) count++;
  }
  return count;
}

ck_caches ck_caches_in(const char *directory) {
  ck_caches caches = {0};
  ck_cache *const levels[] = {&caches.l1, &caches.l2, &caches.l3};
  for (int index = 0; index < 8; index++) {
    char path[PATH_LENGTH], lines[4][LINE_LENGTH];
    static const char *const names[] = {"level", "type", "size", "shared_cpu_list"};
    bool read = true;
    for (int i = 0; i < 4 && read; i++) {
      const int length = snprintf(path, sizeof path, "%s/index%d/%s", directory, index, names[i]);
      read = length < (int)sizeof path && read_line(path, lines[i], LINE_LENGTH);
    }
    const int level = read ? lines[0][0] - '1' : -1;
    if (level < 0 || level > 2 || strncmp(lines[1], "Instruction", 11) == 0) continue;
    const ck_cache found = {bytes_of(lines[2]), cpus_of(lines[3])};
    if (found.bytes > 0 && found.cpus > 0) *levels[level] = found;
  }
  return caches;
}

#if defined(__APPLE__)
static size_t number(const char *name) {
  int64_t value = 0;
  size_t size = sizeof value;
  return sysctlbyname(name, &value, &size, NULL, 0) == 0 && value > 0 ? (size_t)value : 0;
}

static size_t first_of(const char *fast_cores, const char *all) {
  const size_t value = number(fast_cores);
  return value > 0 ? value : number(all);
}

// Of the fast cores, where the machine has two kinds; a cluster of them shares its second level.
static ck_caches system_caches(void) {
  const size_t l3 = number("hw.l3cachesize"), cluster = number("hw.perflevel0.cpusperl2");
  return (ck_caches){.l1 = {first_of("hw.perflevel0.l1dcachesize", "hw.l1dcachesize"), 1},
                     .l2 = {first_of("hw.perflevel0.l2cachesize", "hw.l2cachesize"), cluster > 0 ? cluster : 1},
                     .l3 = {l3, l3 > 0 ? number("hw.ncpu") : 0}};
}
#else
static ck_caches system_caches(void) { return ck_caches_in("/sys/devices/system/cpu/cpu0/cache"); }
#endif

static ck_caches machine;

static void ask(void) {
  machine = system_caches();
  const bool unknown = machine.l1.bytes == 0 && machine.l2.bytes == 0;
  if (machine.l1.bytes == 0) machine.l1 = (ck_cache){32 << 10, 1};
  if (machine.l2.bytes == 0) machine.l2 = (ck_cache){1 << 20, 1};
  if (unknown) machine.l3 = (ck_cache){16 << 20, (size_t)ck_usable_cpus()};
}

ck_caches ck_machine_caches(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, ask);
  return machine;
}

static _Thread_local const ck_caches *stand_in;

void ck_set_caches(const ck_caches *caches) { stand_in = caches; }

ck_caches ck_caches_at_hand(void) { return stand_in ? *stand_in : ck_machine_caches(); }
