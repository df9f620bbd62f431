// The conformance suites of CKernels: every kernel of one instruction set against a naive reference in double.
#ifndef CKERNELS_CONFORMANCE_H
#define CKERNELS_CONFORMANCE_H

#include <CKernels.h>

typedef enum ckc_effort {
  CKC_QUICK,  // the edges only: for emulators
  CKC_FULL,
} ckc_effort;

typedef struct ckc_result {
  size_t checks;  // comparisons made: 0 means that nothing was tested
  size_t failures;
  double worst;  // the largest error seen, as a fraction of its bound
} ckc_result;

// The suites, by index.
size_t ckc_suite_count(void);
const char *_Nonnull ckc_suite_name(size_t suite);

// Runs one suite. `text` becomes the first failure with its coordinates, cut to `capacity` bytes, or "".
// Any number of suites may run at the same time. Some change the process's thread count and put it back.
ckc_result ckc_run(size_t suite, const ck_kernels *_Nonnull kernels, ckc_effort effort, char *_Nonnull text,
                   size_t capacity);

#endif
