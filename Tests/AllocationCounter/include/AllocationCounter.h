// Counts every heap allocation of the process, by whatever language or library: for the test that says a training step
// makes none.
//
// On Linux with glibc the allocation functions are defined here and forward to the C library's; on Apple systems the
// allocator's logging hook is set while counting. Elsewhere, and under the address and thread sanitizers, which replace
// the allocator themselves, nothing can be counted.
#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdbool.h>
#include <stddef.h>

// Whether this build counts.
bool allocation_counter_works(void);

// Counts from zero, in all threads.
void allocation_counter_start(void);

// Stops, and returns how many allocations there were.
size_t allocation_counter_stop(void);

// Prints to the standard error where the first few of them came from.
void allocation_counter_print(void);

#endif
