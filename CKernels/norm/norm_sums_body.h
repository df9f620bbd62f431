// Sums for normalization. A channel's elements lie in runs of `area`, one for each image, `channels * area` apart.
// Where the area is 1, neighbouring channels share a vector.

enum { NORM_BLOCK = 4096, NORM_SUMS = 4 };  // how many elements are added up in float, in how many vectors

// Runs lie where the CPU's own prefetchers do not expect them, so each fetches a later one, some NORM_AHEAD elements on:
// how many floats further that lies, 0 for none. Runs of NORM_NEAR elements or more are fetched into a first-level cache
// of NORM_NEAR_BYTES or more (Zen 5). From a smaller one they would drive out what is in use (Zen 4), as would shorter
// runs, whose lines share a few of its sets: these are fetched into a second-level cache.
enum { NORM_AHEAD = 1024, NORM_NEAR = 256, NORM_NEAR_BYTES = 48 << 10, NORM_LINE = 16 };
typedef struct norm_ahead {
  size_t distance;
  bool near;
} norm_ahead;

static norm_ahead norm_ahead_of(size_t runs, size_t n, size_t stride) {
  if (runs == 1) return (norm_ahead){0};
  const bool near = n >= NORM_NEAR && ck_caches_at_hand().l1.bytes >= NORM_NEAR_BYTES;
  return (norm_ahead){ceil_div(NORM_AHEAD, n) * stride, near};
}

// What is read is fetched for vectors shorter than a line. With whole lines the CPU, which runs out of order, comes as
// far by itself, and requests only cost (Zen 5).
static ALWAYS_INLINE void norm_read_ahead(const float *line, norm_ahead ahead) {
  if (V_LANES >= NORM_LINE || !ahead.distance) return;
  if (ahead.near) __builtin_prefetch(line + ahead.distance, 0, 3);
  else __builtin_prefetch(line + ahead.distance, 0, 2);
}

static ALWAYS_INLINE void norm_write_ahead(float *line, norm_ahead ahead) {
  if (!ahead.distance) return;
  if (ahead.near) __builtin_prefetch(line + ahead.distance, 1, 3);
  else __builtin_prefetch(line + ahead.distance, 1, 2);
}

// V_MAP over a run that is written to `out`, a line at a time where it fetches ahead.
#define NORM_MAP(n, stream, out, ahead, BODY)                  \
  do {                                                         \
    size_t line = 0;                                           \
    if (!(stream)) {                                           \
      for (; line + NORM_LINE <= (n); line += NORM_LINE) {     \
        norm_write_ahead((out) + line, ahead);                 \
        UNROLL for (int v = 0; v < NORM_LINE / V_LANES; v++) { \
          const size_t i = line + (size_t)v * V_LANES;         \
          BODY(v_load, v_store);                               \
        }                                                      \
      }                                                        \
    }                                                          \
    V_MAP_RANGE(line, n, stream, BODY);                        \
  } while (0)

// Two sums in float lanes, which go over to double before they get long.
typedef struct norm_sums {
  v_t first[NORM_SUMS], second[NORM_SUMS];
  double first_total, second_total;
  size_t pending;  // elements in the lanes
} norm_sums;

static ALWAYS_INLINE void norm_clear(norm_sums *s) {
  UNROLL for (int v = 0; v < NORM_SUMS; v++) s->first[v] = s->second[v] = v_set1(0.0f);
  s->pending = 0;
}

static ALWAYS_INLINE void norm_flush(norm_sums *s) {
  s->first_total += v_sum(v_add(v_add(s->first[0], s->first[1]), v_add(s->first[2], s->first[3])));
  s->second_total += v_sum(v_add(v_add(s->second[0], s->second[1]), v_add(s->second[2], s->second[3])));
  norm_clear(s);
}

// The function that a gradient comes down through: x - mean times scale plus shift, and what is below 0 cut off.
typedef struct norm_cut {
  v_t scale, shift;
} norm_cut;

// (x - mean) scale + shift: wherever it is needed, the same bits.
static ALWAYS_INLINE v_t norm_affine(v_t distance, norm_cut f) { return v_fma(distance, f.scale, f.shift); }

// dy where the function is above 0.
static ALWAYS_INLINE v_t norm_pass(v_t dy, v_t distance, norm_cut f) {
  return v_select(v_greater(norm_affine(distance, f), v_set1(0.0f)), dy, v_set1(0.0f));
}

// What the sums are of: g and g (x - pivot). g is x - pivot itself without dy; else it is dy, times gamma if there is
// one, where the function is above 0 if there is one.
typedef struct norm_terms {
  const float *x, *dy, *gamma;
  const norm_cut *cut;
  v_t pivot;
} norm_terms;

static ALWAYS_INLINE void norm_add_vector(norm_sums *s, int v, size_t i, norm_terms t) {
  const v_t distance = v_sub(v_load(t.x + i), t.pivot);
  v_t g = t.dy ? v_load(t.dy + i) : distance;
  if (t.gamma) g = v_mul(g, v_load(t.gamma + i));
  if (t.cut) g = norm_pass(g, distance, *t.cut);
  s->first[v] = v_add(s->first[v], g);
  s->second[v] = v_fma(g, distance, s->second[v]);
}

// Adds a run of at most NORM_BLOCK elements.
static ALWAYS_INLINE void norm_add_run(norm_sums *s, size_t n, norm_terms t, norm_ahead ahead) {
  if (s->pending + n > NORM_BLOCK) norm_flush(s);
  s->pending += n;
  size_t i = 0;
  for (; i + NORM_SUMS * V_LANES <= n; i += NORM_SUMS * V_LANES) {
    for (size_t line = i; line < i + NORM_SUMS * V_LANES; line += NORM_LINE) {
      norm_read_ahead(t.x + line, ahead);
      if (t.dy) norm_read_ahead(t.dy + line, ahead);
    }
    UNROLL for (int v = 0; v < NORM_SUMS; v++) norm_add_vector(s, v, i + (size_t)v * V_LANES, t);
  }
  for (; i + V_LANES <= n; i += V_LANES) norm_add_vector(s, 0, i, t);
  if (i < n) {
    const size_t tail = n - i;
    const v_t distance = v_select(v_first(tail), v_sub(v_load_n(t.x + i, tail), t.pivot), v_set1(0.0f));
    v_t g = t.dy ? v_load_n(t.dy + i, tail) : distance;
    if (t.gamma) g = v_mul(g, v_load_n(t.gamma + i, tail));
    if (t.cut) g = norm_pass(g, distance, *t.cut);
    s->first[1] = v_add(s->first[1], g);
    s->second[1] = v_fma(g, distance, s->second[1]);
  }
}

// All runs of a channel, or the one run of a row.
static ALWAYS_INLINE norm_sums norm_add(size_t runs, size_t n, size_t stride, const float *x, float pivot,
                                        const float *dy,
                                 const float *gamma, const norm_cut *cut) {
  norm_sums s = {.first_total = 0, .second_total = 0};
  norm_clear(&s);
  const norm_ahead ahead = norm_ahead_of(runs, n, stride);
  for (size_t run = 0; run < runs; run++) {
    for (size_t i = 0; i < n; i += NORM_BLOCK) {
      const size_t at = run * stride + i, count = n - i < NORM_BLOCK ? n - i : (size_t)NORM_BLOCK;
      norm_add_run(&s, count, (norm_terms){x + at, dy ? dy + at : NULL, gamma ? gamma + i : NULL, cut, v_set1(pivot)},
                   ahead);
    }
  }
  norm_flush(&s);
  return s;
}

// The same sums for up to a vector of neighbouring columns.
typedef struct norm_columns {
  double first[V_LANES], second[V_LANES];
} norm_columns;

enum { NORM_ROWS = 64 };

static ALWAYS_INLINE void norm_add_row(v_t *first, v_t *second, size_t lanes, size_t at, const float *x, v_t pivot,
                                       const float *dy, const norm_cut *cut) {
  const v_t distance = v_sub(v_load_up_to(x + at, lanes), pivot);
  v_t g = dy ? v_load_up_to(dy + at, lanes) : distance;
  if (cut) g = norm_pass(g, distance, *cut);
  *first = v_add(*first, g);
  *second = v_fma(g, distance, *second);
}

static ALWAYS_INLINE norm_columns norm_add_columns(size_t rows, size_t lanes, size_t stride, const float *x,
                                            const float *pivots, const float *dy, const norm_cut *cut) {
  norm_columns sums = {{0}, {0}};
  const v_t pivot = v_load_up_to(pivots, lanes);
  float block[2][V_LANES];
  for (size_t begin = 0; begin < rows; begin += NORM_ROWS) {
    const size_t end = rows - begin < NORM_ROWS ? rows : begin + NORM_ROWS;
    // Every fourth row has sums of its own, which do not wait for those of the others.
    v_t first[NORM_SUMS], second[NORM_SUMS];
    UNROLL for (int v = 0; v < NORM_SUMS; v++) first[v] = second[v] = v_set1(0.0f);
    size_t i = begin;
    for (; i + NORM_SUMS <= end; i += NORM_SUMS) {
      UNROLL for (int v = 0; v < NORM_SUMS; v++) {
        norm_add_row(&first[v], &second[v], lanes, (i + (size_t)v) * stride, x, pivot, dy, cut);
      }
    }
    for (; i < end; i++) norm_add_row(&first[0], &second[0], lanes, i * stride, x, pivot, dy, cut);
    v_store(block[0], v_add(v_add(first[0], first[1]), v_add(first[2], first[3])));
    v_store(block[1], v_add(v_add(second[0], second[1]), v_add(second[2], second[3])));
    for (int l = 0; l < V_LANES; l++) {
      sums.first[l] += block[0][l];
      sums.second[l] += block[1][l];
    }
  }
  return sums;
}
