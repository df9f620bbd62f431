import CKernels

/// One thing that the machine can do only so fast.
struct Limit {
  /// Short, for a column: "peak", "L2".
  let name: String
  /// The operands that a case held against it may have, in bytes.
  let capacity: Int
  /// What measures it.
  let probe: BenchmarkCase
  let prepared: PreparedCase
}

/// What this machine can do at most, with the instruction set and the threads in use: measured, not looked up.
struct Roofline {
  /// The peak of multiply-adds, then the read bandwidth of every level of memory, the smallest first.
  let limits: [Limit]

  init(threads: Int) {
    let caches = Machine.caches
    let last = caches.count - 1
    // Far more than the caches hold, and no more than a machine with such caches has to spare.
    let memory = min(max(4 * caches[last].bytes, 64 << 20), 1 << 30)
    // One operand serves all levels; with whole numbers, any order of summation is exact.
    let operand = Floats(memory / 4, seed: 1, smallInteger)

    var limits = [Roofline.multiplyAdd()]
    var below = 0
    for cache in caches {
      // Half of what each thread has for itself; of a shared cache, more than those below it hold.
      let bytes =
        cache.isPrivate ? threads * cache.bytes / 2 : min(max(cache.bytes / 4, 2 * below), cache.bytes / 2)
      below = cache.capacity(threads: threads)
      limits.append(Roofline.reading(operand, bytes: bytes, name: cache.name, capacity: below))
    }
    limits.append(Roofline.reading(operand, bytes: memory, name: "DRAM", capacity: .max))
    self.limits = limits
  }

  /// The index of what a case is held against.
  func limit(of benchmark: BenchmarkCase) -> Int {
    switch benchmark.work {
    case .operations: 0
    case .traffic: (1..<limits.count).first { benchmark.footprint <= limits[$0].capacity } ?? limits.count - 1
    }
  }

  private static func multiplyAdd() -> Limit {
    let kernels = ck_active()
    let rounds = 32768
    var mean = 0.0
    let operations = ck_peak_fma(kernels, rounds, &mean)
    let prepared = PreparedCase(
      verify: {
        var mean = 0.0
        _ = ck_peak_fma(kernels, rounds, &mean)
        return mean == 0.5 ? nil : "the chains' mean is \(mean), expected 0.5"
      },
      body: {
        var mean = 0.0
        _ = ck_peak_fma(kernels, rounds, &mean)
      })
    let probe = BenchmarkCase(
      kernel: "peak_fma", name: "registers", work: .operations(operations), footprint: 0, prepare: { prepared })
    return Limit(name: "peak", capacity: 0, probe: probe, prepared: prepared)
  }

  private static func reading(_ operand: Floats, bytes: Int, name: String, capacity: Int) -> Limit {
    let kernels = ck_active()
    let count = bytes / 4
    // So many passes that waking the threads does not show.
    let passes = max(1, (64 << 20) / bytes)
    let prepared = PreparedCase(
      verify: {
        // No power of two, so that every thread's share ends in the middle of a vector.
        let checked = min(count, 100_003)
        var expected = 0.0
        for i in 0..<checked { expected += Double(operand[i]) }
        let sum = ck_read_sum(kernels, checked, operand.base, 1)
        return sum == expected ? nil : "the sum is \(sum), expected \(expected)"
      },
      body: { _ = ck_read_sum(kernels, count, operand.base, passes) })
    let probe = BenchmarkCase(
      kernel: "read_sum", name: "\(name) \(sizeText(bytes))", work: .traffic(bytes: Double(4 * count * passes)),
      footprint: bytes, prepare: { prepared })
    return Limit(name: name, capacity: capacity, probe: probe, prepared: prepared)
  }
}
