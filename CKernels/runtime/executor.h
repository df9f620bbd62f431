// Who runs the tasks of a parallel call.
#ifndef CK_RUNTIME_EXECUTOR_H
#define CK_RUNTIME_EXECUTOR_H

#include "CKernels.h"

// As ck_parallel_for.
typedef void (*ck_executor)(size_t count, ck_task task, void *context);

// Lets `executor` run the tasks of this thread's parallel calls in place of the pool, or with NULL the pool again: a
// test counts what each task does.
void ck_set_executor(ck_executor executor);

#endif
