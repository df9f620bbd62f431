// Small files of the system.
#ifndef CK_RUNTIME_READ_LINE_H
#define CK_RUNTIME_READ_LINE_H

#include <stdbool.h>
#include <stdio.h>

// The first line of a file, cut to `size`, with its end; false where there is none.
static inline bool read_line(const char *path, char *line, int size) {
  FILE *file = fopen(path, "r");
  if (!file) return false;
  const bool read = fgets(line, size, file) != NULL;
  fclose(file);
  return read;
}

#endif
