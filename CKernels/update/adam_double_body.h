// Adam in double. Nothing is fused, so that every instruction set rounds alike.

// One step of whole vectors or of single numbers: what it does is the same for both.
#define ADAM_DOUBLE(TYPE, ROOT)                                        \
  TYPE gradient, mean, second, weight;                                 \
  memcpy(&gradient, t->g + i, sizeof gradient);                        \
  memcpy(&mean, t->m + i, sizeof mean);                                \
  memcpy(&second, t->v + i, sizeof second);                            \
  memcpy(&weight, t->w + i, sizeof weight);                            \
  mean += fresh1 * (gradient - mean);                                  \
  second += fresh2 * (gradient * gradient - second);                   \
  weight -= a.rate * mean / (ROOT(second * a.correction) + a.epsilon); \
  memcpy(t->m + i, &mean, sizeof mean);                                \
  memcpy(t->v + i, &second, sizeof second);                            \
  memcpy(t->w + i, &weight, sizeof weight)

static void adam_double(const void *task, size_t first, size_t end) {
#pragma clang fp contract(off)
  const ck_adam_double_task *const t = task;
  const ck_adam_double_args a = *t->args;
  const double fresh1 = 1 - a.beta1, fresh2 = 1 - a.beta2;
  size_t i = first;
  for (; i + V_LANES <= end; i += V_LANES) { ADAM_DOUBLE(vd_t, vd_sqrt); }
  for (; i < end; i++) { ADAM_DOUBLE(double, sqrt); }
}
#undef ADAM_DOUBLE
