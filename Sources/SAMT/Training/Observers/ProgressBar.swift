import Foundation

/// Shows a training's progress: a bar that redraws itself on a terminal, a plain line per tenth of an epoch elsewhere,
/// and after each epoch its results with each block's step size and gate.
public final class ProgressBar: TrainingObserver {
  private let isTerminal: Bool
  private let print: (String) -> Void
  private var lastDrawn = 0.0
  private var lastTenth = 0
  private var epochs = 0

  /// Shows it on standard output.
  public convenience init() {
    self.init(isTerminal: isatty(STDOUT_FILENO) == 1) { text in
      Swift.print(text, terminator: "")
      fflush(nil)
    }
  }

  /// Shows it by `print`, which takes text with its own line ends.
  public init(isTerminal: Bool, print: @escaping (String) -> Void) {
    self.isTerminal = isTerminal
    self.print = print
  }

  /// Redraws ten times a second at most.
  public func didFinishStep(_ progress: TrainingProgress, of trainer: Trainer) {
    epochs = progress.epochs
    if progress.step == 1 { (lastDrawn, lastTenth) = (0, 0) }
    let isLast = progress.step == progress.stepsPerEpoch
    if isTerminal {
      guard isLast || progress.seconds - lastDrawn >= 0.1 else { return }
      lastDrawn = progress.seconds
      print("\r\u{1B}[2K" + line(progress) + (isLast ? "\r\u{1B}[2K" : ""))
    } else {
      let tenth = progress.step * 10 / progress.stepsPerEpoch
      // Short epochs speak for themselves.
      guard tenth > lastTenth, !isLast, progress.seconds - lastDrawn >= 2 else { return }
      (lastTenth, lastDrawn) = (tenth, progress.seconds)
      print(line(progress) + "\n")
    }
  }

  /// Prints the epoch's row, and its blocks.
  public func didFinishEpoch(_ report: EpochReport, of trainer: Trainer) throws(SAMTError) {
    let name = trainer.criterion.name
    var row = "epoch \(report.epoch)/\(epochs)  loss \(decimals(report.training.loss))"
    if let value = report.training.metrics[name] { row += "  \(name) \(decimals(value))" }
    for (kind, evaluation) in [
      ("validation", report.validation), ("test", report.test), ("averaged", report.averagedTest),
    ] {
      if let value = evaluation?[name] { row += "  \(kind) \(decimals(value))" }
    }
    row += String(format: "  %.1f s  %.0f samples/s\n", report.seconds, report.samplesPerSecond)
    for block in report.blocks {
      row += "    " + block.name.padding(toLength: 12, withPad: " ", startingAt: 0)
      for (name, value) in block.metrics.sorted(by: { $0.key < $1.key }) {
        row += String(format: "  \(name) %.5g", value)
      }
      row += "\n"
    }
    print(row)
  }

  private func line(_ progress: TrainingProgress) -> String {
    let share = Double(progress.step) / Double(progress.stepsPerEpoch)
    let filled = Int(share * 24)
    let bar = String(repeating: "=", count: filled) + String(repeating: " ", count: 24 - filled)
    let left = progress.seconds / share * (Double(progress.epochs - progress.epoch) + 1 - share)
    var line = "epoch \(progress.epoch)/\(progress.epochs) [\(bar)] loss \(decimals(progress.loss))"
    if let metric = progress.firstMetric { line += "  \(metric.name) \(decimals(metric.value))" }
    return line
      + String(format: "  %.0f samples/s  %d:%02d left", progress.samplesPerSecond, Int(left) / 60, Int(left) % 60)
  }

  private func decimals(_ value: Double) -> String { String(format: abs(value) < 1e4 ? "%.4f" : "%.6g", value) }
}
