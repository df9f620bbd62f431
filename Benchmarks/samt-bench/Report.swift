import CommandLineOptions
import Foundation
import SAMT

/// What one case came to.
struct Result {
  let benchmark: BenchmarkCase
  let isa: String
  let threads: Int
  let timing: Timing
  /// What it is held against, and the operations or bytes a second that this limit came to.
  let limit: String
  let limitRate: Double
  let isVerified: Bool
  let peers: [PeerResult]

  /// Operations or bytes a second of the fastest sample, as limits are the fastest samples of their probes.
  var rate: Double { benchmark.work.amount / timing.fastest }
  var fractionOfLimit: Double { rate / limitRate }
  var rateUnit: String { if case .operations = benchmark.work { "GFLOP/s" } else { "GB/s" } }

  /// How many times as long as ours a peer's call takes, the fastest samples of both compared.
  func ratio(to peer: PeerResult) -> Double { peer.timing.fastest / timing.fastest }
}

/// What another library came to in a case's place.
struct PeerResult {
  let name: String
  let version: String?
  let timing: Timing
  let isVerified: Bool
}

/// A result in JSON, with one of its peers where it has any.
private struct JSONRow: Encodable {
  let result: Result
  let peer: PeerResult?

  private enum Key: String, CodingKey {
    case kernel, `case`, path, isa, threads, medianSeconds, fastestSeconds, gflops, gbytesPerSecond, fractionOfLimit
    case verified, peer, peerVersion, peerMedianSeconds, peerFastestSeconds, peerVerified, ratio
  }

  func encode(to encoder: any Encoder) throws {
    let (benchmark, rate) = (result.benchmark, result.rate)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(benchmark.kernel, forKey: .kernel)
    try container.encode(benchmark.name, forKey: .case)
    try container.encodeIfPresent(benchmark.path, forKey: .path)
    try container.encode(result.isa, forKey: .isa)
    try container.encode(result.threads, forKey: .threads)
    try container.encode(result.timing.median, forKey: .medianSeconds)
    try container.encode(result.timing.fastest, forKey: .fastestSeconds)
    switch benchmark.work {
    case .operations: try container.encode(rate * 1e-9, forKey: .gflops)
    case .traffic: try container.encode(rate * 1e-9, forKey: .gbytesPerSecond)
    }
    try container.encode(result.fractionOfLimit, forKey: .fractionOfLimit)
    try container.encode(result.isVerified, forKey: .verified)
    guard let peer else { return }
    try container.encode(peer.name, forKey: .peer)
    try container.encodeIfPresent(peer.version, forKey: .peerVersion)
    try container.encode(peer.timing.median, forKey: .peerMedianSeconds)
    try container.encode(peer.timing.fastest, forKey: .peerFastestSeconds)
    try container.encode(peer.isVerified, forKey: .peerVerified)
    try container.encode(result.ratio(to: peer), forKey: .ratio)
  }
}

/// Takes results as they come.
protocol Report {
  mutating func begin(_ limits: [Result]) throws
  mutating func add(_ result: Result) throws
  mutating func end() throws
}

/// One object per case and line; with several peers, one per case and peer.
struct JSONReport: Report {
  private let encoder: JSONEncoder
  private let write: (String) throws -> Void
  /// The first line, made once the limits are known.
  private let setting: (([Result]) -> Setting)?

  init(setting: (([Result]) -> Setting)? = nil, write: @escaping (String) throws -> Void = StandardOutput.writeLine) {
    self.setting = setting
    self.write = write
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  }

  func begin(_ limits: [Result]) throws {
    if let setting { try writeObject(setting(limits)) }
  }

  func add(_ result: Result) throws {
    guard !result.peers.isEmpty else { return try writeObject(JSONRow(result: result, peer: nil)) }
    for peer in result.peers { try writeObject(JSONRow(result: result, peer: peer)) }
  }

  func end() {}

  func writeObject(_ object: some Encodable) throws {
    try write(String(decoding: try encoder.encode(object), as: UTF8.self))
  }
}

/// The machine, then one aligned row per case.
struct TableReport: Report {
  private let kernelWidth: Int
  private let nameWidth: Int
  private let peers: [BLASLibrary]
  /// Each peer's, case by case.
  private var ratios: [String: [Double]] = [:]

  /// Columns wide enough for these cases.
  init(_ cases: [BenchmarkCase], peers: [BLASLibrary]) {
    kernelWidth = cases.map(\.kernel.count).reduce(6, max)
    nameWidth = cases.map(\.name.count).reduce(4, max)
    self.peers = peers
  }

  func begin(_ limits: [Result]) throws {
    guard let first = limits.first else { return }
    let threads = "\(first.threads) thread\(first.threads == 1 ? "" : "s")"
    try StandardOutput.writeLine("\(MachineRecord.cpuName), \(first.isa), \(threads)")
    let figures = limits.map { $0.limit + String(format: " %.1f ", $0.limitRate * 1e-9) + $0.rateUnit }
    try StandardOutput.writeLine("limits: \(figures.joined(separator: ", "))")
    for peer in peers { try StandardOutput.writeLine("against \(peer.name): \(peer.version ?? "version unknown")") }
    #if DEBUG
      try StandardOutput.writeLine(
        "DEBUG BUILD: kernels are optimized, but not the Swift around them; the figures of `step` suffer.")
      try StandardOutput.writeLine("For figures to quote: swift run -c release samt-bench")
    #endif
    try StandardOutput.writeLine("")
    try StandardOutput.writeLine(
      row("kernel", "case", "threads", "fastest", "median", "speed", "of limit", peers.map(peerHeading), ""))
  }

  mutating func add(_ result: Result) throws {
    var remark = result.isVerified ? "verified" : "WRONG"
    if let name = result.benchmark.unit { remark += String(format: ", %.0f ", 1 / result.timing.median) + name + "/s" }
    if let path = result.benchmark.path { remark += ", by \(path)" }
    for peer in result.peers {
      ratios[peer.name, default: []].append(result.ratio(to: peer))
      if !peer.isVerified { remark += ", \(peer.name) WRONG" }
    }
    try StandardOutput.writeLine(
      row(
        result.benchmark.kernel, result.benchmark.name, "\(result.threads)", timeText(result.timing.fastest),
        timeText(result.timing.median),
        String(format: "%.1f ", result.rate * 1e-9) + pad(result.rateUnit, 7),
        String(format: "%.0f%% ", 100 * result.fractionOfLimit) + pad(result.limit, 4),
        result.peers.map { timeText($0.timing.fastest) + String(format: " %.2f", result.ratio(to: $0)) }, remark))
  }

  func end() throws {
    for peer in peers {
      guard let ratios = ratios[peer.name] else { continue }
      let mean = exp(ratios.map { log($0) }.reduce(0, +) / Double(ratios.count))
      try StandardOutput.writeLine(
        String(format: "geometric mean of the fastest time of \(peer.name) over ours: %.3f", mean))
    }
  }

  private func peerHeading(_ peer: BLASLibrary) -> String { "\(peer.name) ratio" }

  private func row(
    _ kernel: String, _ name: String, _ threads: String, _ fastest: String, _ median: String, _ speed: String,
    _ fraction: String,
    _ peerCells: [String], _ remark: String
  ) -> String {
    let cells = [
      pad(kernel, kernelWidth), pad(name, nameWidth), padLeft(threads, 7), padLeft(fastest, 9), padLeft(median, 9),
      padLeft(speed, 14), padLeft(fraction, 9),
    ]
    let widths = peers.map { max(peerHeading($0).count, 14) }
    // Cases without peers leave their columns empty.
    let others = widths.indices.map { padLeft($0 < peerCells.count ? peerCells[$0] : "", widths[$0]) }
    return (cells + others + [remark]).joined(separator: "  ")
  }
}

/// Seconds in a unit that suits them: "12.3 us".
func timeText(_ seconds: Double) -> String {
  let scales: [(Double, String)] = [(1, "s "), (1e-3, "ms"), (1e-6, "us")]
  let (scale, unit) = scales.first { seconds >= $0.0 } ?? (1e-9, "ns")
  let value = seconds / scale
  return String(format: value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value) + " " + unit
}

/// Bytes in a unit that suits them: "32 KiB".
func sizeText(_ bytes: Int) -> String { bytes < 1 << 20 ? "\(bytes >> 10) KiB" : "\(bytes >> 20) MiB" }

func pad(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}

func padLeft(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}
