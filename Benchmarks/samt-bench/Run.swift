import CommandLineOptions
import SAMT

extension Family {
  /// The family's cases; the roofline is measured before all others.
  fileprivate var cases: [BenchmarkCase] {
    switch self {
    case .gemm: gemmCases()
    case .eta: etaCases()
    case .elementwise: elementwiseCases()
    case .step: stepCases() + networkStepCases()
    case .roofline: []
    }
  }
}

/// Measures the machine, then verifies and times the cases that the options ask for; whether all were right.
func runBenchmarks(_ options: Options) throws -> Bool {
  if let threads = options.threads { Threads.count = threads }
  if let isa = options.isa { try KernelISA.select(isa) } else { try KernelISA.selectFromEnvironment() }

  func isWanted(_ benchmark: BenchmarkCase) -> Bool {
    options.filter.map { "\(benchmark.kernel) \(benchmark.name)".contains($0) } ?? true
  }
  let roofline = Roofline(threads: Threads.count)
  let limits = options.families.contains(.roofline) ? roofline.limits.map(\.probe).filter(isWanted) : []
  let cases = options.families.flatMap(\.cases).filter {
    isWanted($0) && !(options.isQuick && $0.isLarge)
  }
  guard !(limits + cases).isEmpty else { throw UsageError("no case is left to run") }

  let report: any Report = options.printsJSON ? JSONReport() : TableReport(limits + cases)
  var runner = Runner(roofline, report, options.isQuick ? .quick : .full)
  let measured = runner.measureLimits()
  report.begin(measured)
  for result in measured where limits.contains(where: { $0.name == result.benchmark.name }) { try report.add(result) }
  return try runner.run(cases)
}

/// Verifies and times cases, a few at a time.
private struct Runner {
  private let roofline: Roofline
  private let report: any Report
  private let effort: Effort
  private let isa = KernelISA.active.rawValue
  private let threads = Threads.count
  private var allRight = true
  /// Each limit's best rate so far, in operations or bytes a second.
  private var limitRates: [Double]

  init(_ roofline: Roofline, _ report: any Report, _ effort: Effort) {
    self.roofline = roofline
    self.report = report
    self.effort = effort
    limitRates = [Double](repeating: 0, count: roofline.limits.count)
  }

  /// Whether everything so far was right.
  mutating func run(_ cases: [BenchmarkCase]) throws -> Bool {
    for group in groups(cases) {
      for result in try measure(group) { try report.add(result) }
    }
    return allRight
  }

  /// The limits, each as a part of its own fastest sample: how quiet the machine is.
  mutating func measureLimits() -> [Result] {
    let limits = roofline.limits
    let verified = limits.map { check($0.probe, $0.prepared) }
    let timings = time(limits.map(\.prepared.body), effort)
    return limits.indices.map { index in
      noteLimit(index, timings[index])
      return result(limits[index].probe, timings[index], limit: index, verified[index])
    }
  }

  /// The cases' limits are timed in turns with them: a busy machine may show them late.
  private mutating func measure(_ group: [BenchmarkCase]) throws -> [Result] {
    let prepared = try group.map { try $0.prepare() }
    var verified: [Bool] = []
    for (benchmark, operands) in zip(group, prepared) { verified.append(check(benchmark, operands)) }

    let limits = group.map { roofline.limit(of: $0) }
    let used = Set(limits).sorted()
    let timings = time(used.map { roofline.limits[$0].prepared.body } + prepared.map(\.body), effort)
    for (limit, timing) in zip(used, timings) { noteLimit(limit, timing) }
    return group.indices.map { result(group[$0], timings[used.count + $0], limit: limits[$0], verified[$0]) }
  }

  private mutating func noteLimit(_ index: Int, _ timing: Timing) {
    limitRates[index] = max(limitRates[index], roofline.limits[index].probe.work.amount / timing.fastest)
  }

  private mutating func check(_ benchmark: BenchmarkCase, _ prepared: PreparedCase) -> Bool {
    guard let failure = prepared.verify() else { return true }
    complain("samt-bench: WRONG: \(benchmark.kernel) \(benchmark.name): \(failure)")
    allRight = false
    return false
  }

  private func result(_ benchmark: BenchmarkCase, _ timing: Timing, limit: Int, _ isVerified: Bool) -> Result {
    Result(
      benchmark: benchmark, isa: isa, threads: threads, medianSeconds: timing.median,
      limit: roofline.limits[limit].name, limitRate: limitRates[limit], isVerified: isVerified)
  }

  /// Neighbours that fit into memory together.
  private func groups(_ cases: [BenchmarkCase]) -> [[BenchmarkCase]] {
    var groups: [[BenchmarkCase]] = []
    var footprint = Int.max
    for benchmark in cases {
      if let last = groups.last, last.count < 8, footprint + benchmark.footprint <= 512 << 20 {
        groups[groups.count - 1].append(benchmark)
        footprint += benchmark.footprint
      } else {
        groups.append([benchmark])
        footprint = benchmark.footprint
      }
    }
    return groups
  }
}
