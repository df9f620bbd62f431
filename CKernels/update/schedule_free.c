// Schedule-Free updates over threads: elements do not know each other.
#include "update_kernels.h"

void ck_schedule_free_sgd(const ck_kernels *kernels, size_t n, const ck_schedule_free_args *args, const float *g,
                          float *z, float *y) {
  ck_for_ranges(n, CK_UPDATE_GRAIN, kernels->update->schedule_free_sgd, &(ck_schedule_free_sgd_task){args, g, z, y});
}

void ck_schedule_free_adamw(const ck_kernels *kernels, size_t n, const ck_schedule_free_args *args,
                            const ck_second_moment_args *moment, const float *g, float *v, float *z, float *y) {
  const ck_schedule_free_adamw_task task = {args, moment, g, v, z, y};
  ck_for_ranges(n, CK_UPDATE_GRAIN, kernels->update->schedule_free_adamw, &task);
}
