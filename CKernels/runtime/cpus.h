// How many CPUs this process may use.
#ifndef CK_RUNTIME_CPUS_H
#define CK_RUNTIME_CPUS_H

#include "CKernels.h"

// The CPUs of its affinity mask, or no more than its control groups' quota lasts for; at least 1. Asked once.
int ck_usable_cpus(void);

#endif
