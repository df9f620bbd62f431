// Schedule-Free updates (Defazio, Yang, Mehta, Mishchenko, Khaled and Cutkosky 2024), each one pass over memory.
//
// There are three sequences: z, the steps; x, their average; and y = beta x + (1 - beta) z, where gradients are taken.
// y and z are kept, since x follows from them:
//
//   z' = z - step,  x' = (1 - c) x + c z',  y' = beta x' + (1 - beta) z' = y + c (z - y) - (1 - beta (1 - c)) step
#ifndef CK_SCHEDULE_FREE_H
#define CK_SCHEDULE_FREE_H

#include "ck_runtime.h"

typedef struct ck_schedule_free_args {
  float rate, decay, beta, c;  // decay is the rate times the decoupled one; c is the weight of z' in the average
} ck_schedule_free_args;

// step = rate g + decay y.
void ck_schedule_free_sgd(const ck_kernels *_Nonnull kernels, size_t n, const ck_schedule_free_args *_Nonnull args,
                          const float *_Nonnull g, float *_Nonnull z, float *_Nonnull y);

// v = beta2 v + (1 - beta2) g^2,  step = rate g / (sqrt(v / correction2) + epsilon) + decay y. Second moments below the
// smallest normal float become 0.
typedef struct ck_second_moment_args {
  float beta2, epsilon, correction2;
} ck_second_moment_args;
void ck_schedule_free_adamw(const ck_kernels *_Nonnull kernels, size_t n, const ck_schedule_free_args *_Nonnull args,
                            const ck_second_moment_args *_Nonnull moment, const float *_Nonnull g, float *_Nonnull v,
                            float *_Nonnull z, float *_Nonnull y);

#endif
