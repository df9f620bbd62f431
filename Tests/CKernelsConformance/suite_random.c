// Random numbers: published answers, an independent Philox, and what a stream owes to whoever cuts it.
#include "check.h"

static void philox(uint64_t key, uint64_t stream, uint64_t counter, uint32_t out[4]) {
  uint32_t x[4] = {(uint32_t)counter, (uint32_t)(counter >> 32), (uint32_t)stream, (uint32_t)(stream >> 32)};
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
  for (int round = 0; round < 10; round++) {
    uint64_t a = 0xd2511f53ull * x[0], b = 0xcd9e8d57ull * x[2];
    uint32_t y[4] = {(uint32_t)(b >> 32) ^ x[1] ^ k0, (uint32_t)b, (uint32_t)(a >> 32) ^ x[3] ^ k1, (uint32_t)a};
    memcpy(x, y, sizeof x);
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  memcpy(out, x, sizeof x);
}

// kat_vectors of the Random123 distribution, philox4x32 with 10 rounds.
static void test_known_answers(check *c) {
  static const struct {
    uint64_t key, stream, counter;
    uint32_t out[4];
  } answers[] = {
      {0, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {~0ull, ~0ull, ~0ull, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88, {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (size_t k = 0; k < COUNT(answers); k++) {
    check_case(c, "philox, known answer %zu", k);
    uint32_t out[4], reference[4];
    ck_philox(answers[k].key, answers[k].stream, answers[k].counter, out);
    philox(answers[k].key, answers[k].stream, answers[k].counter, reference);
    check_bits(c, "block", sizeof out, out, answers[k].out);
    check_bits(c, "the reference's block", sizeof out, reference, answers[k].out);
  }
  for (int repeat = 0; repeat < 200; repeat++) {
    uint64_t key = check_random(c), stream = check_random(c), counter = check_random(c);
    check_case(c, "philox key=%#llx stream=%#llx counter=%#llx", (unsigned long long)key, (unsigned long long)stream,
               (unsigned long long)counter);
    uint32_t out[4], wanted[4];
    ck_philox(key, stream, counter, out);
    philox(key, stream, counter, wanted);
    check_bits(c, "block", sizeof out, out, wanted);
  }
}

static void reference_uniform(uint64_t key, uint64_t stream, uint64_t counter, size_t n, float *out) {
  uint32_t words[4];
  for (size_t i = 0; i < n; i++) {
    if (i % 4 == 0) philox(key, stream, counter + i / 4, words);
    out[i] = (float)(words[i % 4] >> 8) * 0x1p-24f;
  }
}

static void test_uniform(check *c, uint64_t key, uint64_t stream, uint64_t counter, size_t n) {
  check_case(c, "uniform key=%#llx stream=%#llx counter=%#llx n=%zu", (unsigned long long)key,
             (unsigned long long)stream, (unsigned long long)counter, n);
  float *out = check_floats(c, n, 3), *wanted = check_floats(c, n, 0);
  reference_uniform(key, stream, counter, n, wanted);
  ck_uniform(c->kernels, key, stream, counter, n, out);
  check_bits(c, "out", n * sizeof(float), out, wanted);
}

// A longer fill starts with a shorter one, and a fill from a later counter goes on where that one stopped.
static void test_cuts(check *c) {
  check_case(c, "uniform, cut and resumed");
  float *whole = check_floats(c, 1000, 1), *part = check_floats(c, 1000, 2);
  ck_uniform(c->kernels, 7, 8, 9, 1000, whole);
  for (size_t n = 0; n <= 1000; n += 1 + n / 3) {
    ck_uniform(c->kernels, 7, 8, 9, n, part);
    check_bits(c, "prefix", n * sizeof(float), part, whole);
    size_t blocks = n / 4;
    ck_uniform(c->kernels, 7, 8, 9 + blocks, 1000 - 4 * blocks, part);
    check_bits(c, "rest", (1000 - 4 * blocks) * sizeof(float), part, whole + 4 * blocks);
  }
}

#define BINS 256
static void test_statistics(check *c, uint64_t key, uint64_t stream) {
  const size_t n = c->quick ? 40000 : 1000000;
  check_case(c, "uniform statistics key=%llu stream=%llu n=%zu", (unsigned long long)key, (unsigned long long)stream,
             n);
  float *u = check_floats(c, n, 0);
  ck_uniform(c->kernels, key, stream, 0, n, u);
  double count = (double)n, sum = 0, squares = 0, neighbours = 0, chi_squared = 0, bins[BINS] = {0};
  bool inside = true;
  for (size_t i = 0; i < n; i++) {
    double x = (double)u[i] - 0.5;
    inside = inside && u[i] >= 0 && u[i] < 1;
    sum += x;
    squares += x * x;
    if (i > 0) neighbours += x * ((double)u[i - 1] - 0.5);
    if (u[i] >= 0 && u[i] < 1) bins[(size_t)(u[i] * BINS)]++;
  }
  check_that(c, "all numbers are in [0, 1)", inside);
  // Five standard deviations. Nothing here is drawn anew, so what passes once passes always.
  check_near(c, "mean", 0, sum / count, 0, 5 / sqrt(12 * count));
  check_near(c, "variance", 0, squares / count, 1 / 12.0, 5 / sqrt(180 * count));
  check_near(c, "covariance of neighbours", 0, neighbours / count, 0, 5 / (12 * sqrt(count)));
  double expected = count / BINS;
  for (size_t b = 0; b < BINS; b++) chi_squared += (bins[b] - expected) * (bins[b] - expected) / expected;
  check_near(c, "chi squared", 0, chi_squared, BINS - 1, 5 * sqrt(2.0 * (BINS - 1)));
}

// A probability of -1 stands for one of the numbers drawn, so that equality is met.
static void test_mask(check *c, float probability, size_t n) {
  check_case(c, "dropout mask probability=%g n=%zu", (double)probability, n);
  float *mask = check_floats(c, n, 1), *u = check_floats(c, n, 0), *wanted = check_floats(c, n, 0);
  reference_uniform(42, 1, 0xfffffff0, n, u);
  if (probability < 0) probability = n > 0 ? u[n / 2] : 0;
  for (size_t i = 0; i < n; i++) wanted[i] = u[i] >= probability ? 1 / (1 - probability) : 0;
  ck_dropout_mask(c->kernels, 42, 1, 0xfffffff0, probability, n, mask);
  check_exact(c, "mask", n, mask, wanted);
}

void suite_random(check *c) {
  static const uint64_t counters[] = {0, 1, 0xfffffffe, 0xfffffffffffffffe};  // carries into the upper half, and wraps
  static const float probabilities[] = {0, 0.1f, 0.5f, 0.9f, 1, -1};
  test_known_answers(c);
  for (size_t n = 0; n <= 70; n++) {
    for (size_t k = 0; k < COUNT(counters); k++) test_uniform(c, check_random(c), check_random(c), counters[k], n);
  }
  test_uniform(c, 1, 2, 3, c->quick ? 10003 : 100003);
  test_uniform(c, 1, 2, 0xffffff00, 10007);
  test_cuts(c);
  test_statistics(c, 0, 0);
  test_statistics(c, 1, 0);
  test_statistics(c, 0, 1);
  for (size_t p = 0; p < COUNT(probabilities); p++) {
    for (size_t l = 0; l < check_length_count; l++) test_mask(c, probabilities[p], check_lengths[l]);
    test_mask(c, probabilities[p], 10007);
  }
}
