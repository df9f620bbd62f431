// Bulk random numbers: the loop is plain C, which the compiler turns into this instruction set's vectors.

static inline void philox(uint64_t key, uint64_t stream, uint64_t counter, uint32_t out[4]) {
  uint32_t x0 = (uint32_t)counter, x1 = (uint32_t)(counter >> 32), x2 = (uint32_t)stream, x3 = (uint32_t)(stream >> 32);
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
  UNROLL for (int round = 0; round < 10; round++) {
    const uint64_t a = (uint64_t)0xD2511F53u * x0, b = (uint64_t)0xCD9E8D57u * x2;
    x0 = (uint32_t)(b >> 32) ^ x1 ^ k0;
    x1 = (uint32_t)b;
    x2 = (uint32_t)(a >> 32) ^ x3 ^ k1;
    x3 = (uint32_t)a;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  out[0] = x0, out[1] = x1, out[2] = x2, out[3] = x3;
}

static inline float uniform_of(uint32_t word) { return (float)(word >> 8) * 0x1p-24f; }

static void fill_uniform(uint64_t key, uint64_t stream, uint64_t counter, size_t n, float *out) {
  uint32_t word[4];
  size_t i = 0;
  for (; i + 4 <= n; i += 4, counter++) {
    philox(key, stream, counter, word);
    for (int w = 0; w < 4; w++) out[i + (size_t)w] = uniform_of(word[w]);
  }
  if (i < n) {
    philox(key, stream, counter, word);
    for (int w = 0; i < n; i++, w++) out[i] = uniform_of(word[w]);
  }
}

static void uniform(const void *task, size_t first, size_t end) {
  const ck_uniform_task *const t = task;
  fill_uniform(t->key, t->stream, t->counter + first / 4, end - first, t->out + first);
}

static void dropout_mask(const void *task, size_t first, size_t end) {
  const ck_dropout_mask_task *const t = task;
  const float probability = t->probability, kept = 1.0f / (1.0f - probability);
  float *const out = t->out;
  fill_uniform(t->key, t->stream, t->counter + first / 4, end - first, out + first);
  for (size_t i = first; i < end; i++) out[i] = out[i] >= probability ? kept : 0.0f;
}
