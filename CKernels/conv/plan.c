// The ordered list of ways, for each pass. README.md says which shapes take which, and why.
#include "plan.h"

#include "direct_filters/direct_filters.h"
#include "direct_pixels/direct_pixels.h"
#include "reference.h"
#include "winograd/winograd.h"

// MARK: Forward

static correlation forward_correlation(const ck_conv_call *call) {
  const ck_conv *v = call->conv;
  const size_t channels = v->channels / v->groups, filters = v->filters / v->groups;
  const size_t taps = v->kernel_height * v->kernel_width;
  return (correlation){
      .algorithm = v->algorithm, .kernels = call->kernels, .images = v->images, .groups = v->groups,
      .channels = channels, .filters = filters,
      .y = ck_forward_axis(v->height, v->kernel_height, v->stride_height, v->dilation_height, v->padding_height),
      .x = ck_forward_axis(v->width, v->kernel_width, v->stride_width, v->dilation_width, v->padding_width),
      .source = call->x, .out = call->out, .bias = call->bias, .weights = call->w,
      .weight_group = filters * channels * taps, .weight_filter = channels * taps, .weight_channel = taps,
      .weight_row = v->kernel_width, .weight_column = 1, .workspace = call->workspace};
}

static bool winograd_suits_forward(const ck_kernels *kernels, const ck_conv *conv) {
  const correlation c = forward_correlation(&(ck_conv_call){.kernels = kernels, .conv = conv});
  return ck_winograd_suits_correlation(&c);
}

static void winograd_forward(const ck_conv_call *call) {
  const correlation c = forward_correlation(call);
  ck_winograd_correlate(&c);
}

static size_t filters_forward_workspace(const ck_kernels *kernels, const ck_conv *conv) {
  return ck_correlate_filters_workspace(kernels, conv, false);
}

static bool filters_suit_forward(const ck_kernels *kernels, const ck_conv *conv) {
  return filters_forward_workspace(kernels, conv) > 0;
}

static void filters_forward(const ck_conv_call *call) {
  ck_correlate_filters(&(filter_correlation){.kernels = call->kernels, .conv = call->conv, .source = call->x,
                                             .weights = call->w, .bias = call->bias,
                                             .out = call->out, .workspace = call->workspace});
}

static size_t pixels_forward_workspace(const ck_kernels *kernels, const ck_conv *v) {
  return ck_correlation_workspace(kernels, v->groups, v->filters / v->groups,
                                  v->channels / v->groups * v->kernel_height * v->kernel_width);
}

static bool pixels_suit_forward(const ck_kernels *kernels, const ck_conv *conv) {
  const correlation c = forward_correlation(&(ck_conv_call){.kernels = kernels, .conv = conv});
  return ck_direct_pixels_suits_correlation(&c);
}

static void pixels_forward(const ck_conv_call *call) {
  const correlation c = forward_correlation(call);
  ck_correlate(&c);
}

static void reference_forward(const ck_conv_call *c) {
  ck_reference_forward(c->kernels, c->conv, c->x, c->w, c->bias, c->out);
}

// MARK: Input gradient

// The input gradient at the positions of stride phase i of the rows and j of the columns.
static correlation phase_correlation(const ck_conv_call *call, size_t i, size_t j) {
  const ck_conv *v = call->conv;
  const size_t channels = v->channels / v->groups, filters = v->filters / v->groups;
  const size_t taps = v->kernel_height * v->kernel_width;
  const stride_phase y = ck_phase_axis(i, v->height, ck_conv_output_height(v), v->kernel_height, v->stride_height,
                                       v->dilation_height, v->padding_height);
  const stride_phase x = ck_phase_axis(j, v->width, ck_conv_output_width(v), v->kernel_width, v->stride_width,
                                       v->dilation_width, v->padding_width);
  const size_t first = y.first_tap * v->kernel_width + x.first_tap;
  return (correlation){
      .algorithm = v->algorithm, .kernels = call->kernels, .images = v->images, .groups = v->groups,
      .channels = filters, .filters = channels, .y = y.axis, .x = x.axis, .source = call->dy, .out = call->out,
      .weights = call->w ? call->w + first : NULL, .weight_group = filters * channels * taps, .weight_filter = taps,
      .weight_channel = channels * taps, .weight_row = y.tap_period * v->kernel_width,
      .weight_column = x.tap_period, .workspace = call->workspace};
}

static bool winograd_suits_input_gradient(const ck_kernels *kernels, const ck_conv *conv) {
  const correlation c = phase_correlation(&(ck_conv_call){.kernels = kernels, .conv = conv}, 0, 0);
  return ck_winograd_suits_correlation(&c);
}

static void winograd_input_gradient(const ck_conv_call *call) {
  const correlation c = phase_correlation(call, 0, 0);
  ck_winograd_correlate(&c);
}

static size_t filters_input_gradient_workspace(const ck_kernels *kernels, const ck_conv *conv) {
  return ck_correlate_filters_workspace(kernels, conv, true);
}

static bool filters_suit_input_gradient(const ck_kernels *kernels, const ck_conv *conv) {
  return filters_input_gradient_workspace(kernels, conv) > 0;
}

static void filters_input_gradient(const ck_conv_call *call) {
  ck_correlate_filters(&(filter_correlation){.kernels = call->kernels, .conv = call->conv, .gradient = true,
                                             .source = call->dy, .weights = call->w, .out = call->out,
                                             .workspace = call->workspace});
}

static size_t pixels_input_gradient_workspace(const ck_kernels *kernels, const ck_conv *v) {
  return ck_correlation_workspace(kernels, v->groups, v->channels / v->groups,
                                  v->filters / v->groups * v->kernel_height * v->kernel_width);
}

static bool pixels_suit_input_gradient(const ck_kernels *kernels, const ck_conv *conv) {
  const ck_conv_call call = {.kernels = kernels, .conv = conv};
  for (size_t i = 0; i < conv->stride_height; i++) {
    for (size_t j = 0; j < conv->stride_width; j++) {
      const correlation c = phase_correlation(&call, i, j);
      if (!ck_direct_pixels_suits_correlation(&c)) return false;
    }
  }
  return true;
}

static void pixels_input_gradient(const ck_conv_call *call) {
  for (size_t i = 0; i < call->conv->stride_height; i++) {
    for (size_t j = 0; j < call->conv->stride_width; j++) {
      const correlation c = phase_correlation(call, i, j);
      ck_correlate(&c);
    }
  }
}

static void reference_input_gradient(const ck_conv_call *c) {
  ck_reference_input_gradient(c->kernels, c->conv, c->dy, c->w, c->out);
}

// MARK: Weight gradient

static size_t winograd_weight_gradient_workspace(const ck_kernels *kernels, const ck_conv *conv) {
  (void)kernels;
  return ck_winograd_weight_workspace(conv);
}

static void winograd_weight_gradient(const ck_conv_call *c) {
  ck_winograd_weight_gradient(c->kernels, c->conv, c->x, c->dy, c->out, c->workspace);
}

static bool filters_suit_weight_gradient(const ck_kernels *kernels, const ck_conv *conv) {
  return ck_weight_filters_workspace(kernels, conv) > 0;
}

static void filters_weight_gradient(const ck_conv_call *c) {
  ck_weight_filters(c->kernels, c->conv, c->x, c->dy, c->out, c->workspace);
}

static void pixels_weight_gradient(const ck_conv_call *c) {
  ck_weight_gradient(c->kernels, c->conv, c->x, c->dy, c->out, c->workspace);
}

static void reference_weight_gradient(const ck_conv_call *c) {
  ck_reference_weight_gradient(c->kernels, c->conv, c->x, c->dy, c->out);
}

// MARK: The list

static bool suits_everything(const ck_kernels *kernels, const ck_conv *conv) {
  (void)kernels, (void)conv;
  return true;
}

static size_t no_workspace(const ck_kernels *kernels, const ck_conv *conv) {
  (void)kernels, (void)conv;
  return 0;
}

static const ck_conv_path paths[CK_CONV_PASSES][CK_CONV_PATHS] = {
    [CK_CONV_FORWARD] =
        {
            {"winograd", winograd_suits_forward, ck_winograd_workspace, winograd_forward},
            {"direct_filters", filters_suit_forward, filters_forward_workspace, filters_forward},
            {"direct_pixels", pixels_suit_forward, pixels_forward_workspace, pixels_forward},
            {"reference", suits_everything, no_workspace, reference_forward},
        },
    [CK_CONV_INPUT_GRADIENT] =
        {
            {"winograd", winograd_suits_input_gradient, ck_winograd_workspace, winograd_input_gradient},
            {"direct_filters", filters_suit_input_gradient, filters_input_gradient_workspace, filters_input_gradient},
            {"direct_pixels", pixels_suit_input_gradient, pixels_input_gradient_workspace, pixels_input_gradient},
            {"reference", suits_everything, no_workspace, reference_input_gradient},
        },
    [CK_CONV_WEIGHT_GRADIENT] =
        {
            {"winograd", ck_winograd_suits_weight_gradient, winograd_weight_gradient_workspace,
             winograd_weight_gradient},
            {"direct_filters", filters_suit_weight_gradient, ck_weight_filters_workspace, filters_weight_gradient},
            {"direct_pixels", ck_direct_pixels_suits_weight_gradient, ck_weight_gradient_workspace,
             pixels_weight_gradient},
            {"reference", suits_everything, no_workspace, reference_weight_gradient},
        },
};

// Where the list begins: an algorithm is its first entry, and those behind it are for shapes that it does not suit.
static size_t first_path(ck_conv_algorithm algorithm) {
  switch (algorithm) {
    case CK_CONV_AUTOMATIC:
    case CK_CONV_WINOGRAD: return 0;
    case CK_CONV_DIRECT: return 1;
    case CK_CONV_DIRECT_PIXELS: return 2;
    case CK_CONV_REFERENCE: return 3;
  }
  return 3;
}

static const ck_conv_path *path_of(const ck_kernels *kernels, const ck_conv *conv, ck_conv_pass pass) {
  size_t index = first_path(conv->algorithm);
  while (!paths[pass][index].suits(kernels, conv)) index++;
  return &paths[pass][index];
}

ck_conv_plan ck_plan_conv(const ck_kernels *kernels, const ck_conv *conv) {
  ck_conv_plan plan = {.workspace = 0};
  for (int pass = 0; pass < CK_CONV_PASSES; pass++) {
    plan.paths[pass] = path_of(kernels, conv, (ck_conv_pass)pass);
    plan.workspace = larger_size(plan.workspace, plan.paths[pass]->workspace(kernels, conv));
  }
  plan.workspace = round_up(plan.workspace, 2);  // whole doubles
  return plan;
}

size_t ck_conv_workspace(const ck_kernels *kernels, const ck_conv *conv) {
  return ck_plan_conv(kernels, conv).workspace;
}

const char *ck_conv_path_name(const ck_kernels *kernels, const ck_conv *conv, ck_conv_pass pass) {
  return path_of(kernels, conv, pass)->name;
}

void ck_conv_forward(const ck_kernels *kernels, const ck_conv *conv, const float *x, const float *w, const float *bias,
                     float *y, float *workspace) {
  path_of(kernels, conv, CK_CONV_FORWARD)
      ->run(&(ck_conv_call){.kernels = kernels, .conv = conv, .x = x, .w = w, .bias = bias, .out = y,
                            .workspace = workspace});
}

void ck_conv_input_gradient(const ck_kernels *kernels, const ck_conv *conv, const float *dy, const float *w, float *dx,
                            float *workspace) {
  path_of(kernels, conv, CK_CONV_INPUT_GRADIENT)
      ->run(&(ck_conv_call){.kernels = kernels, .conv = conv, .dy = dy, .w = w, .out = dx, .workspace = workspace});
}

void ck_conv_weight_gradient(const ck_kernels *kernels, const ck_conv *conv, const float *x, const float *dy, float *dw,
                             float *workspace) {
  path_of(kernels, conv, CK_CONV_WEIGHT_GRADIENT)
      ->run(&(ck_conv_call){.kernels = kernels, .conv = conv, .x = x, .dy = dy, .out = dw, .workspace = workspace});
}
