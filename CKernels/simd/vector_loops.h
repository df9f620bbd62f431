// Loops over vectors, and how the compiler is to treat them: what bodies are written in, besides vectors themselves.
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define NEVER_INLINE __attribute__((noinline))
#define UNROLL _Pragma("clang loop unroll(full)")
// Keeps p in a register of its own, instead of being computed from another pointer.
#define KEEP_POINTER(p) __asm__("" : "+r"(p))

// Runs WHOLE at every whole vector of begin ..< end, then TAIL once for the last `tail` < V_LANES lanes.
#define V_FOR_RANGE(begin, end, WHOLE, TAIL)                \
  do {                                                      \
    size_t i = (begin);                                     \
    for (; i + V_LANES <= (end); i += V_LANES) { WHOLE; }   \
    if (i < (end)) { const size_t tail = (end) - i; TAIL; } \
  } while (0)
#define V_FOR(n, WHOLE, TAIL) V_FOR_RANGE(0, n, WHOLE, TAIL)

// The first 1 ... V_LANES lanes, where that is decided at run time but seldom changes.
static inline v_t v_load_up_to(const float *p, size_t n) { return n == V_LANES ? v_load(p) : v_load_n(p, n); }
static inline void v_store_up_to(float *p, v_t x, size_t n) {
  if (n == V_LANES) v_store(p, x);
  else v_store_n(p, x, n);
}

// Loads, and asks for what lies 2 KiB ahead: the CPU's own prefetchers stop at the end of a page, and several streams
// end theirs at once. Not for vectors so narrow that each line would be asked for again and again.
static inline v_t v_load_ahead(const float *p) {
  if (V_LANES >= 8) __builtin_prefetch(p + 512);
  return v_load(p);
}

// BODY(LOAD, STORE) for each vector of begin ..< end at index i, which writes to what it does not read: past the caches
// if `stream`, and lane by lane in the tail. Who streams calls v_stream_end() afterwards.
#define V_MAP_RANGE(begin, end, stream, BODY)                                      \
  do {                                                                             \
    size_t i = (begin);                                                            \
    if (stream) {                                                                  \
      for (; i + V_LANES <= (end); i += V_LANES) { BODY(v_load_ahead, v_stream); } \
    } else {                                                                       \
      for (; i + V_LANES <= (end); i += V_LANES) { BODY(v_load, v_store); }        \
    }                                                                              \
    if (i < (end)) { const size_t tail = (end) - i; BODY(LOAD_TAIL, STORE_TAIL); } \
  } while (0)
#define V_MAP(n, stream, BODY) V_MAP_RANGE(0, n, stream, BODY)
#define LOAD_TAIL(p) v_load_n(p, tail)
#define STORE_TAIL(p, x) v_store_n(p, x, tail)
