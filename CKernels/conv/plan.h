// Which way a convolution or one of its gradients goes: the first of an ordered list that suits its shape.
#ifndef CK_CONV_PLAN_H
#define CK_CONV_PLAN_H

#include "conv_kernels.h"

// The operands of a pass, as ck_conv_forward(), ck_conv_input_gradient() and ck_conv_weight_gradient() take them; those
// that a pass does not have are NULL.
typedef struct ck_conv_call {
  const ck_kernels *kernels;
  const ck_conv *conv;
  const float *x, *w, *dy, *bias;
  float *out, *workspace;
} ck_conv_call;

// One way for one pass. Where `suits` holds, it is right and should be fastest of those from it on.
typedef struct ck_conv_path {
  const char *name;
  bool (*suits)(const ck_kernels *kernels, const ck_conv *conv);
  size_t (*workspace)(const ck_kernels *kernels, const ck_conv *conv);  // in floats
  void (*run)(const ck_conv_call *call);
} ck_conv_path;

enum { CK_CONV_PASSES = 3, CK_CONV_PATHS = 4 };

// What a layer does with batches of this size: a path for each pass, and the floats of plan memory that any needs.
typedef struct ck_conv_plan {
  const ck_conv_path *paths[CK_CONV_PASSES];
  size_t workspace;
} ck_conv_plan;

ck_conv_plan ck_plan_conv(const ck_kernels *kernels, const ck_conv *conv);

#endif
