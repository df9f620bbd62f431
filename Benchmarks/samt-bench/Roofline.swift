import CKernels

/// What this machine can do at most, with the instruction set and the threads in use: measured, not looked up.
struct Roofline {
  /// One thing to be good at.
  enum Limit: Hashable {
    case multiplyAdd
    /// Reading from the memory level of that index.
    case reading(Int)
  }

  /// The caches and then main memory, smallest first.
  let levels: [MemoryLevel]
  /// What measures each limit.
  let probes: [Limit: PreparedCase]
  /// The limits in the order of ``Family/roofline``: multiply-adds, then the levels.
  let limits: [Limit]
  private let threads: Int
  private let amounts: [Limit: Double]

  init(threads: Int) {
    self.threads = threads
    var levels = Machine.caches
    let lastCache = levels[levels.count - 1]
    // Far above the caches, and no more than any machine with such caches has to spare.
    levels.append(MemoryLevel(name: "DRAM", bytes: min(max(4 * lastCache.bytes, 64 << 20), 1 << 30), isPrivate: false))
    self.levels = levels

    // One operand serves all levels; whole numbers make any order of summation exact.
    let operand = Floats(levels[levels.count - 1].bytes / 4, seed: 1, smallInteger)
    var probes = [Limit.multiplyAdd: Roofline.multiplyAddProbe()]
    var amounts = [Limit.multiplyAdd: Roofline.multiplyAdds()]
    for index in levels.indices {
      let bytes = Roofline.probedBytes(index, levels, threads: threads)
      // Enough passes that starting the threads does not show.
      let passes = max(1, Roofline.leastTraffic / bytes)
      probes[.reading(index)] = Roofline.readProbe(operand, count: bytes / 4, passes: passes)
      amounts[.reading(index)] = Double(bytes / 4 * 4 * passes)
    }
    self.probes = probes
    self.amounts = amounts
    limits = [.multiplyAdd] + levels.indices.map { .reading($0) }
  }

  /// What a case is held against.
  func limit(of work: Work, footprint: Int) -> Limit {
    switch work {
    case .operations: .multiplyAdd
    case .traffic:
      .reading(levels.firstIndex { footprint <= $0.capacity(threads: threads) } ?? levels.count - 1)
    }
  }

  func name(of limit: Limit) -> String {
    switch limit {
    case .multiplyAdd: "peak"
    case .reading(let index): levels[index].name
    }
  }

  /// The limits as cases of their own.
  var cases: [BenchmarkCase] {
    limits.compactMap { limit in
      guard let probe = probes[limit], let amount = amounts[limit] else { return nil }
      switch limit {
      case .multiplyAdd:
        return BenchmarkCase(
          kernel: "peak_fma", name: "registers", work: .operations(amount), footprint: 0, isLimit: true) { probe }
      case .reading(let index):
        let bytes = Roofline.probedBytes(index, levels, threads: threads)
        return BenchmarkCase(
          kernel: "read_sum", name: "\(levels[index].name) \(sizeText(bytes))", work: .traffic(bytes: amount),
          footprint: bytes, isLimit: true
        ) { probe }
      }
    }
  }

  /// Operations or bytes a second.
  func rate(_ limit: Limit, seconds: Double) -> Double { (amounts[limit] ?? .nan) / seconds }

  private static let rounds = 65536
  private static let leastTraffic = 64 << 20

  private static func multiplyAdds() -> Double {
    var mean = 0.0
    return ck_peak_fma(ck_active(), rounds, &mean)
  }

  private static func multiplyAddProbe() -> PreparedCase {
    let kernels = ck_active()
    func run() -> Double {
      var mean = 0.0
      _ = ck_peak_fma(kernels, rounds, &mean)
      return mean
    }
    return PreparedCase(
      verify: { run() == 0.5 ? nil : "the chains' mean is \(run()), expected 0.5" },
      body: { _ = run() })
  }

  private static func readProbe(_ operand: Floats, count: Int, passes: Int) -> PreparedCase {
    let kernels = ck_active()
    return PreparedCase(
      verify: {
        var expected = 0.0
        for i in 0..<count { expected += Double(operand[i]) }
        let sum = ck_read_sum(kernels, count, operand.base, 1)
        return sum == expected ? nil : "the sum is \(sum), expected \(expected)"
      },
      body: { _ = ck_read_sum(kernels, count, operand.base, passes) })
  }

  /// Of a level that each thread has for itself, half for each; of a shared one, more than the levels below hold.
  private static func probedBytes(_ index: Int, _ levels: [MemoryLevel], threads: Int) -> Int {
    let level = levels[index]
    if index == levels.count - 1 { return level.bytes }
    if level.isPrivate { return threads * level.bytes / 2 }
    let below = index > 0 ? levels[index - 1].capacity(threads: threads) : 0
    return min(max(level.bytes / 4, 2 * below), level.bytes / 2)
  }
}
