import CommandLineOptions
import SAMT

/// What one case came to on rank 0.
struct ScalingResult: Encodable {
  let benchmark: ScalingCase
  let ranks: Int
  let shards: Int
  let samples: [StepSample]
  /// Bytes of the blocks of one step's calls: what each rank handed to each other.
  let gatheredBlocks: [Int]
  let exchangedBlocks: [Int]
  let link: Link
  let isVerified: Bool

  func median(_ value: KeyPath<StepSample, Double>) -> Double {
    let sorted = samples.map { $0[keyPath: value] }.sorted()
    return sorted[sorted.count / 2]
  }

  var fastest: Double { samples.map(\.seconds).min() ?? .nan }
  /// What a ring would take for the vectors that one step sums, at the link's bandwidth.
  var bound: Double { link.bound(bytes: ranks * exchangedBlocks.reduce(0, +), ranks: ranks) }

  private enum Key: String, CodingKey {
    case kernel, `case`, isa, threads, ranks, shards, medianSeconds, fastestSeconds, communicationSeconds, bytesPerStep
    case callsPerStep, gatheredBlocks, exchangedBlocks, boundSeconds, mpi, linkLatencySeconds, linkBytesPerSecond
    case verified
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(benchmark.kernel, forKey: .kernel)
    try container.encode(benchmark.name, forKey: .case)
    try container.encode(KernelISA.active.rawValue, forKey: .isa)
    try container.encode(Threads.count, forKey: .threads)
    try container.encode(ranks, forKey: .ranks)
    try container.encode(shards, forKey: .shards)
    try container.encode(median(\.seconds), forKey: .medianSeconds)
    try container.encode(fastest, forKey: .fastestSeconds)
    try container.encode(median(\.communication), forKey: .communicationSeconds)
    try container.encode(median(\.bytes), forKey: .bytesPerStep)
    try container.encode(median(\.calls), forKey: .callsPerStep)
    try container.encode(gatheredBlocks, forKey: .gatheredBlocks)
    try container.encode(exchangedBlocks, forKey: .exchangedBlocks)
    try container.encode(bound, forKey: .boundSeconds)
    try container.encodeIfPresent(link.library, forKey: .mpi)
    try container.encode(link.latency, forKey: .linkLatencySeconds)
    try container.encodeIfPresent(link.bandwidth, forKey: .linkBytesPerSecond)
    try container.encode(isVerified, forKey: .verified)
  }
}

/// Takes results of several ranks as they come.
protocol ScalingReport {
  mutating func begin(_ link: Link, on ranks: any Communicator) throws
  mutating func add(_ result: ScalingResult) throws
}

extension JSONReport: ScalingReport {
  func begin(_ link: Link, on ranks: any Communicator) {}

  func add(_ result: ScalingResult) throws { try writeObject(result) }
}

/// The ranks and what connects them, then one aligned row per case.
struct ScalingTable: ScalingReport {
  private let nameWidth: Int

  /// Columns wide enough for these cases.
  init(_ cases: [ScalingCase]) { nameWidth = cases.map(\.name.count).reduce(4, max) }

  func begin(_ link: Link, on ranks: any Communicator) throws {
    let threads = "\(Threads.count) thread\(Threads.count == 1 ? "" : "s")"
    var line = ranks.size == 1 ? "1 rank, \(threads)" : "\(ranks.size) ranks, \(threads) each"
    if let library = link.library { line += ", \(library)" }
    try StandardOutput.writeLine("\(MachineRecord.cpuName), \(KernelISA.active.rawValue), \(line)")
    if let bandwidth = link.bandwidth {
      try StandardOutput.writeLine("between ranks: \(timeText(link.latency)) a gather, \(rateText(bandwidth))")
    }
    try StandardOutput.writeLine("")
    try StandardOutput.writeLine(
      row(
        "case", "ranks", "shards", "fastest", "median", "communicating", "of step", "sent", "calls", "ring", "of ring",
        ""))
  }

  func add(_ result: ScalingResult) throws {
    let (step, communication) = (result.median(\.seconds), result.median(\.communication))
    let isConnected = result.ranks > 1
    func percent(_ part: Double, of whole: Double) -> String {
      isConnected ? String(format: "%.1f%%", 100 * part / whole) : ""
    }
    try StandardOutput.writeLine(
      row(
        result.benchmark.name, "\(result.ranks)", "\(result.shards)", timeText(result.fastest), timeText(step),
        isConnected ? timeText(communication) : "", percent(communication, of: step),
        isConnected ? sizeText(Int(result.median(\.bytes))) : "", String(format: "%.0f", result.median(\.calls)),
        isConnected ? timeText(result.bound) : "", percent(result.bound, of: communication),
        result.isVerified ? "verified" : "WRONG"))
  }

  private func row(_ name: String, _ cells: String...) -> String {
    let widths = [5, 6, 9, 9, 13, 7, 8, 5, 9, 7, 0]
    return ([pad(name, nameWidth)] + zip(cells, widths).map { padLeft($0, $1) }).joined(separator: "  ")
  }
}

/// Bytes a second: "9.8 GB/s".
private func rateText(_ rate: Double) -> String { String(format: "%.1f GB/s", rate * 1e-9) }
