import Foundation

/// Shows a training's progress: a bar that redraws itself on a terminal, a plain line per tenth of an epoch elsewhere,
/// and after each epoch its results with each block's step size and gate.
///
/// On a terminal the bar takes one line whatever its width, also after it was resized, and says when the model is being
/// evaluated. Numbers are the same in every locale.
public final class ProgressBar: TrainingObserver {
  private let isTerminal: Bool
  private let width: () -> Int
  private let print: (String) -> Void
  private var lastDrawn = 0.0
  private var lastTenth = 0
  private var epochs = 0
  /// Whether a line that is not ended stands on the terminal.
  private var isDrawn = false

  /// The width of lines where there is no terminal.
  private static let plainWidth = 100

  /// Shows it on standard output: redrawn where that is a terminal, in plain lines where `TERM` is `dumb` or `NO_COLOR`
  /// is set.
  public convenience init() {
    self.init(isTerminal: Terminal.isInteractive) { text in
      Swift.print(text, terminator: "")
      fflush(nil)
    }
  }

  /// Shows it by `print`, which takes text with its own line ends.
  ///
  /// - Parameter width: the terminal's columns, asked before each drawing; by default those of standard output.
  public init(isTerminal: Bool, width: (() -> Int)? = nil, print: @escaping (String) -> Void) {
    self.isTerminal = isTerminal
    self.width = width ?? { Terminal.width }
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
      // A line as wide as the terminal would wrap on some.
      let columns = width() - 1
      let text =
        isLast
        ? "epoch \(progress.epoch)/\(progress.epochs)  evaluating"
        : ProgressLine(progress: progress).text(width: columns)
      print(Terminal.clearLine + text.prefix(max(columns, 0)))
      isDrawn = true
    } else {
      let tenth = progress.step * 10 / progress.stepsPerEpoch
      // Short epochs speak for themselves.
      guard tenth > lastTenth, !isLast, progress.seconds - lastDrawn >= 2 else { return }
      (lastTenth, lastDrawn) = (tenth, progress.seconds)
      print(ProgressLine(progress: progress).text(width: Self.plainWidth) + "\n")
    }
  }

  /// Takes the bar away, where the training was stopped within an epoch.
  public func didFinishTraining(of trainer: Trainer) throws(SAMTError) {
    if isDrawn { print(Terminal.clearLine) }
    isDrawn = false
  }

  /// Prints the epoch's row, and its blocks.
  public func didFinishEpoch(_ report: EpochReport, of trainer: Trainer) throws(SAMTError) {
    let name = trainer.criterion.name
    var row = "epoch \(report.epoch)/\(epochs)  loss \(ProgressLine.decimals(report.training.loss))"
    if let value = report.training.metrics[name] { row += "  \(name) \(ProgressLine.decimals(value))" }
    for (kind, evaluation) in [
      ("validation", report.validation), ("test", report.test), ("averaged", report.averagedTest),
    ] {
      if let value = evaluation?[name] { row += "  \(kind) \(ProgressLine.decimals(value))" }
    }
    row += String(format: "  %.1f s  %.0f samples/s\n", report.seconds, report.samplesPerSecond)
    for block in report.blocks {
      row += "    " + block.name.padding(toLength: 12, withPad: " ", startingAt: 0)
      for (name, value) in block.metrics.sorted(by: { $0.key < $1.key }) {
        row += String(format: "  \(name) %.5g", value)
      }
      row += "\n"
    }
    print((isDrawn ? Terminal.clearLine : "") + row)
    isDrawn = false
  }
}
