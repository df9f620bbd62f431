import Foundation

/// What one case came to.
struct Result {
  let benchmark: BenchmarkCase
  let isa: String
  let threads: Int
  let medianSeconds: Double
  /// What it is held against, and the operations or bytes a second that this limit came to.
  let limit: String
  let limitRate: Double
  let isVerified: Bool

  /// Operations or bytes a second.
  var rate: Double { benchmark.work.amount / medianSeconds }
  var fractionOfLimit: Double { rate / limitRate }
}

extension Result: Encodable {
  private enum Key: String, CodingKey {
    case kernel, `case`, isa, threads, medianSeconds, gflops, gbytesPerSecond, fractionOfLimit, verified
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(benchmark.kernel, forKey: .kernel)
    try container.encode(benchmark.name, forKey: .case)
    try container.encode(isa, forKey: .isa)
    try container.encode(threads, forKey: .threads)
    try container.encode(medianSeconds, forKey: .medianSeconds)
    switch benchmark.work {
    case .operations: try container.encode(rate * 1e-9, forKey: .gflops)
    case .traffic: try container.encode(rate * 1e-9, forKey: .gbytesPerSecond)
    }
    try container.encode(fractionOfLimit, forKey: .fractionOfLimit)
    try container.encode(isVerified, forKey: .verified)
  }
}

/// Prints results as they come.
protocol Report {
  func begin(_ limits: [Result])
  func add(_ result: Result) throws
}

/// One object per case and line.
struct JSONReport: Report {
  private let encoder: JSONEncoder

  init() {
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  }

  func begin(_ limits: [Result]) {}

  func add(_ result: Result) throws {
    writeLine(String(decoding: try encoder.encode(result), as: UTF8.self))
  }
}

/// The machine, then one aligned row per case.
struct TableReport: Report {
  private let kernelWidth: Int
  private let nameWidth: Int

  /// Columns wide enough for these cases.
  init(_ cases: [BenchmarkCase]) {
    kernelWidth = cases.map(\.kernel.count).reduce(6, max)
    nameWidth = cases.map(\.name.count).reduce(4, max)
  }

  func begin(_ limits: [Result]) {
    guard let first = limits.first else { return }
    let threads = "\(first.threads) thread\(first.threads == 1 ? "" : "s")"
    let figures = limits.map { "\($0.limit) " + String(format: "%.1f", $0.limitRate * 1e-9) }
    writeLine("\(Machine.name), \(first.isa), \(threads)")
    writeLine("multiply-add \(figures[0]) GFLOP/s; read GB/s: \(figures.dropFirst().joined(separator: ", "))")
    #if DEBUG
      writeLine("DEBUG BUILD: kernels are optimized, but not the Swift around them; the figures of `step` suffer.")
      writeLine("For figures to quote: swift run -c release samt-bench")
    #endif
    writeLine("")
    writeLine(row("kernel", "case", "threads", "median", "speed", "of limit", ""))
  }

  func add(_ result: Result) {
    let unit = if case .operations = result.benchmark.work { "GFLOP/s" } else { "GB/s   " }
    var remark = result.isVerified ? "verified" : "WRONG"
    if let name = result.benchmark.unit { remark += String(format: ", %.0f ", 1 / result.medianSeconds) + name + "/s" }
    writeLine(
      row(
        result.benchmark.kernel, result.benchmark.name, "\(result.threads)", timeText(result.medianSeconds),
        String(format: "%.1f ", result.rate * 1e-9) + unit,
        String(format: "%.0f%% ", 100 * result.fractionOfLimit) + pad(result.limit, 4), remark))
  }

  private func row(
    _ kernel: String, _ name: String, _ threads: String, _ time: String, _ speed: String, _ fraction: String,
    _ remark: String
  ) -> String {
    [
      pad(kernel, kernelWidth), pad(name, nameWidth), padLeft(threads, 7), padLeft(time, 9), padLeft(speed, 14),
      padLeft(fraction, 9), remark,
    ].joined(separator: "  ")
  }
}

/// Seconds in a unit that suits them: "12.3 us".
private func timeText(_ seconds: Double) -> String {
  let scales: [(Double, String)] = [(1, "s "), (1e-3, "ms"), (1e-6, "us")]
  let (scale, unit) = scales.first { seconds >= $0.0 } ?? (1e-9, "ns")
  let value = seconds / scale
  return String(format: value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value) + " " + unit
}

/// Bytes in a unit that suits them: "32 KiB".
func sizeText(_ bytes: Int) -> String { bytes < 1 << 20 ? "\(bytes >> 10) KiB" : "\(bytes >> 20) MiB" }

private func pad(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}

private func padLeft(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}

/// Unbuffered, so that a reader at the other end of a pipe sees results as they come.
private func writeLine(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
