// The caches that blocks of memory are cut for.
#ifndef CK_RUNTIME_CACHES_H
#define CK_RUNTIME_CACHES_H

#include "CKernels.h"

// This machine's, or those that ck_set_caches has named on this thread.
ck_caches ck_caches_at_hand(void);

// Has this thread's calls cut their blocks for other caches, or with NULL for the machine's again: a test shows that no
// bit depends on them.
void ck_set_caches(const ck_caches *caches);

#endif
