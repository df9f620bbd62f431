import CommandLineOptions
import SAMT

extension Family {
  /// The family's cases, besides the limits that are measured before all others.
  fileprivate func cases(against libraries: [BLASLibrary]) -> [BenchmarkCase] {
    switch self {
    case .gemm: gemmCases(against: libraries)
    case .conv: convolutionCases()
    case .eta: etaCases()
    case .elementwise: elementwiseCases()
    case .step: stepCases() + networkStepCases() + replayStepCases() + mdlamCases()
    case .roofline: copyCases(threads: Threads.count)
    case .scaling: []  // measured by all ranks together, see ScalingRunner
    }
  }
}

/// Measures the machine, then verifies and times the cases that the options ask for; whether all were right.
func runBenchmarks(_ options: Options, on ranks: any Communicator) throws -> Bool {
  // Ranks that may use the same CPUs divide them.
  Threads.count = max(1, Threads.count / ranks.countRanksOnTheseCPUs())
  if let threads = options.threads { Threads.count = threads } else { try Threads.selectFromEnvironment() }
  if let isa = options.isa { try KernelISA.select(isa) } else { try KernelISA.selectFromEnvironment() }

  let families = try options.families(ranks: ranks.size)
  let shards = try options.shards(ranks: ranks.size)
  guard options.peers.isEmpty || families.contains(.gemm) else { throw UsageError("--against is for gemm") }
  if !options.peers.isEmpty { BLASLibrary.warnOfOverrides() }
  let peers = try options.peers.map { try BLASLibrary(path: $0, threads: Threads.count) }

  func isWanted(_ kernel: String, _ name: String) -> Bool {
    options.filters.isEmpty || options.filters.contains { "\(kernel) \(name)".contains($0) }
  }
  let roofline = Roofline(threads: Threads.count)
  let limits = families.contains(.roofline) ? roofline.limits.map(\.probe).filter { isWanted($0.kernel, $0.name) } : []
  let cases = families.flatMap { $0.cases(against: peers) }.filter {
    isWanted($0.kernel, $0.name) && !(options.isQuick && $0.isLarge)
  }
  let scaling = (families.contains(.scaling) ? scalingCases() : []).filter {
    isWanted($0.kernel, $0.name) && $0.batchSize >= shards && !(options.isQuick && $0.isLarge)
  }
  guard !(limits + cases).isEmpty || !scaling.isEmpty else { throw UsageError("no case is left to run") }
  if options.listsCases {
    for benchmark in limits + cases { try StandardOutput.writeLine("\(benchmark.kernel) \(benchmark.name)") }
    for benchmark in scaling { try StandardOutput.writeLine("\(benchmark.kernel) \(benchmark.name)") }
    return true
  }

  let saved = try options.resultsFile.flatMap { ranks.rank == 0 ? try [savingReport(at: $0)] : nil } ?? []
  let effort = options.isQuick ? Effort.quick : .full
  let table = TableReport(limits + cases, peers: peers)
  var runner = Runner(roofline, [options.printsJSON ? JSONReport() : table] + saved, effort)
  let areRight = try runner.run(cases, showing: limits)
  guard !scaling.isEmpty else { return areRight }
  if !options.printsJSON, !(limits + cases).isEmpty { try StandardOutput.writeLine("") }
  var scalingRunner = ScalingRunner(
    on: ranks, shards: shards, [options.printsJSON ? JSONReport() : ScalingTable(scaling)] + saved, effort)
  return try scalingRunner.run(scaling) && areRight
}

/// Verifies and times cases, a few at a time.
private struct Runner {
  private let roofline: Roofline
  private var reports: [any Report]
  private let effort: Effort
  private let isa = KernelISA.active.rawValue
  private let threads = Threads.count
  private var allRight = true
  /// Calls that measure the limits in use, by index.
  private var probes: [Int: Body] = [:]
  /// Each limit's best rate so far, in operations or bytes a second.
  private var limitRates: [Double]

  init(_ roofline: Roofline, _ reports: [any Report], _ effort: Effort) {
    self.roofline = roofline
    self.reports = reports
    self.effort = effort
    limitRates = [Double](repeating: 0, count: roofline.limits.count)
  }

  /// Measures the limits to be shown and those that the cases are held against, then the cases.
  ///
  /// Returns whether everything was right.
  mutating func run(_ cases: [BenchmarkCase], showing limits: [BenchmarkCase]) throws -> Bool {
    let shown = roofline.limits.indices.filter { index in
      limits.contains { $0.name == roofline.limits[index].probe.name }
    }
    let measured = try measureLimits(Set(shown + cases.map(roofline.limit)).sorted())
    for index in reports.indices { try reports[index].begin(measured.map(\.result)) }
    for limit in measured where shown.contains(limit.index) { try add(limit.result) }
    for group in groups(cases) {
      for result in try measure(group) { try add(result) }
    }
    for index in reports.indices { try reports[index].end() }
    return allRight
  }

  private mutating func add(_ result: Result) throws {
    for index in reports.indices { try reports[index].add(result) }
  }

  /// The limits, each as a part of its own fastest sample: how quiet the machine is.
  private mutating func measureLimits(_ indices: [Int]) throws -> [(index: Int, result: Result)] {
    var bodies: [Body] = []
    var verified: [Bool] = []
    for index in indices {
      let limit = roofline.limits[index]
      let prepared = try limit.probe.prepare()
      verified.append(check(limit.probe, prepared))
      bodies.append(prepared.body)
      probes[index] = prepared.body
    }
    let timings = time(bodies, effort)
    return indices.indices.map { position in
      let index = indices[position]
      noteLimit(index, timings[position])
      return (index, result(roofline.limits[index].probe, timings[position], limit: index, verified[position]))
    }
  }

  /// The cases' limits are timed in turns with them: a busy machine may show them late.
  private mutating func measure(_ group: [BenchmarkCase]) throws -> [Result] {
    let prepared = try group.map { try $0.prepare() }
    var verified: [Bool] = []
    var peersVerified: [[Bool]] = []
    for (benchmark, operands) in zip(group, prepared) {
      verified.append(check(benchmark, operands))
      peersVerified.append(operands.peers.map { check(benchmark, by: $0.name, $0.verify) })
    }

    let limits = group.map { roofline.limit(of: $0) }
    let used = Set(limits).sorted()
    let bodies = prepared.map { [$0.body] + $0.peers.map(\.body) }
    let hasPeers = bodies.contains { $0.count > 1 }
    var timings = time(
      used.compactMap { probes[$0] } + bodies.flatMap { $0 },
      hasPeers && threads > 1 ? effort.restful : effort)[...]
    for limit in used { noteLimit(limit, timings.removeFirst()) }
    return group.indices.map { index in
      let own = timings.removeFirst()
      let peers = prepared[index].peers.indices.map { peer in
        PeerResult(
          name: prepared[index].peers[peer].name, version: prepared[index].peers[peer].version,
          timing: timings.removeFirst(), isVerified: peersVerified[index][peer])
      }
      return result(group[index], own, limit: limits[index], verified[index], peers)
    }
  }

  private mutating func noteLimit(_ index: Int, _ timing: Timing) {
    limitRates[index] = max(limitRates[index], roofline.limits[index].probe.work.amount / timing.fastest)
  }

  private mutating func check(_ benchmark: BenchmarkCase, _ prepared: PreparedCase) -> Bool {
    check(benchmark, by: nil, prepared.verify)
  }

  private mutating func check(_ benchmark: BenchmarkCase, by peer: String?, _ verify: () -> String?) -> Bool {
    guard let failure = verify() else { return true }
    let culprit = peer.map { " by \($0)" } ?? ""
    complain("samt-bench: WRONG: \(benchmark.kernel) \(benchmark.name)\(culprit): \(failure)")
    allRight = false
    return false
  }

  private func result(
    _ benchmark: BenchmarkCase, _ timing: Timing, limit: Int, _ isVerified: Bool, _ peers: [PeerResult] = []
  ) -> Result {
    Result(
      benchmark: benchmark, isa: isa, threads: threads, timing: timing,
      limit: roofline.limits[limit].name, limitRate: limitRates[limit], isVerified: isVerified, peers: peers)
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
