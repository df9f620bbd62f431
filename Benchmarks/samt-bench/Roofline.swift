import CKernels

/// One thing that the machine can do only so fast.
struct Limit {
  /// Short, for a column: "peak", "L2".
  let name: String
  /// The operands that a case held against it may have, in bytes.
  let capacity: Int
  /// What measures it.
  let probe: BenchmarkCase
}

/// What this machine can do at most, with the instruction set and the threads in use: measured, not looked up.
struct Roofline {
  /// The peak of multiply-adds, then the read bandwidth of every level of memory, the smallest first.
  let limits: [Limit]

  init(threads: Int) {
    let caches = Machine.caches
    let sizes = Roofline.sizes(threads: threads)
    limits =
      [Roofline.multiplyAdd()]
      + sizes.enumerated().map { index, size in
        let capacity = index < caches.count ? caches[index].capacity(threads: threads) : .max
        return Roofline.reading(bytes: size.bytes, name: size.level, capacity: capacity)
      }
  }

  /// A number of bytes that lies in each cache, the smallest first, and one that only main memory holds.
  static func sizes(threads: Int) -> [(level: String, bytes: Int)] {
    let caches = Machine.caches
    var sizes: [(level: String, bytes: Int)] = []
    var below = 0
    for cache in caches {
      // Half of what each thread has for itself; of a shared cache, more than those below it hold.
      let bytes =
        cache.isPrivate ? threads * cache.bytes / 2 : min(max(cache.bytes / 4, 2 * below), cache.bytes / 2)
      below = cache.capacity(threads: threads)
      sizes.append((cache.name, bytes))
    }
    // Far more than the caches hold, and no more than a machine with such caches has to spare.
    sizes.append(("DRAM", min(max(4 * caches[caches.count - 1].bytes, 64 << 20), 1 << 30)))
    return sizes
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
    let probe = BenchmarkCase(kernel: "peak_fma", name: "registers", work: .operations(operations), footprint: 0) {
      PreparedCase(
        verify: {
          var mean = 0.0
          _ = ck_peak_fma(kernels, rounds, &mean)
          return mean == 0.5 ? nil : "the chains' mean is \(mean), expected 0.5"
        },
        body: {
          var mean = 0.0
          _ = ck_peak_fma(kernels, rounds, &mean)
        })
    }
    return Limit(name: "peak", capacity: 0, probe: probe)
  }

  private static func reading(bytes: Int, name: String, capacity: Int) -> Limit {
    let kernels = ck_active()
    let count = bytes / 4
    // So many passes that waking the threads does not show.
    let passes = max(1, (64 << 20) / bytes)
    let probe = BenchmarkCase(
      kernel: "read_sum", name: "\(name) \(sizeText(bytes))", work: .traffic(bytes: Double(4 * count * passes)),
      footprint: bytes
    ) {
      // With whole numbers, any order of summation is exact.
      let operand = Floats(count, seed: 1, smallInteger)
      return PreparedCase(
        verify: {
          // No power of two, so that every thread's share ends in the middle of a vector.
          let checked = min(count, 100_003)
          var expected = 0.0
          for i in 0..<checked { expected += Double(operand[i]) }
          let sum = ck_read_sum(kernels, checked, operand.base, 1)
          return sum == expected ? nil : "the sum is \(sum), expected \(expected)"
        },
        body: { _ = ck_read_sum(kernels, count, operand.base, passes) })
    }
    return Limit(name: name, capacity: capacity, probe: probe)
  }
}

/// Copies in every level of memory, through the caches and around them, held against reading there.
func copyCases(threads: Int) -> [BenchmarkCase] {
  Roofline.sizes(threads: threads).flatMap { level, bytes in
    [("copy", false), ("copy_around", true)].map { kernel, aroundCaches in
      let count = bytes / 8
      let passes = max(1, (64 << 20) / bytes)
      return BenchmarkCase(
        kernel: kernel, name: "\(level) \(sizeText(bytes))", work: .traffic(bytes: Double(8 * count * passes)),
        footprint: bytes
      ) {
        let kernels = ck_active()
        let x = Floats(count, seed: 1), y = Floats(count, repeating: .nan)
        func run(passes: Int) { ck_copy(kernels, count, x.base, y.base, passes, aroundCaches) }
        return PreparedCase(
          verify: {
            run(passes: 1)
            return firstMismatch("y", count, got: { Double(y[$0]) }) { (Double(x[$0]), 0) }
          },
          body: { run(passes: passes) })
      }
    }
  }
}
