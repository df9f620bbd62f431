import CommandLineOptions
import Foundation
import SAMT

/// Prints a training: what is trained, its progress, its result.
///
/// Where standard output takes no more during a training, a warning says so once, and ``failure`` why.
final class TrainingPrinter {
  /// Why standard output takes no more.
  private(set) var failure: StandardOutput.Failure?

  /// The observer that shows progress.
  var progressBar: ProgressBar {
    ProgressBar(isTerminal: Terminal.isInteractive) { text in self.printProgress(text) }
  }

  /// What is trained, by which method.
  func printSummary(
    _ settings: TrainingSettings, of trainer: Trainer, data: TrainingData, ranks: Int
  ) throws(StandardOutput.Failure) {
    let augmented = settings.augments ? ", augmented" : ""
    let validation = data.validation.map { "\($0.count) validation, " } ?? ""
    let test = settings.leavesOutTest ? "no" : "\(data.test.count)"
    let (model, batchSize) = (trainer.model, trainer.configuration.batchSize)
    let parameters = model.parameters.reduce(0) { $0 + $1.shape.count }
    let threads = Threads.count
    let notes = data.notes.map { "\n       \($0)" }.joined()
    let shards = settings.shards ?? 1
    let divided = shards == 1 ? "" : " in \(shards) shards on \(ranks) rank\(ranks == 1 ? "" : "s")"
    try StandardOutput.write(
      """
      data   \(settings.source): \(data.training.count) training, \(validation)\(test) test examples\(augmented)\(notes)
      model  \(settings.network.model), \(data.training.exampleShape) to \(model.outputShape), \(parameters) parameters
      method \(settings.method.name), batch \(batchSize)\(divided), \(settings.epochs) epochs, seed \(settings.seed)
      kernels \(KernelISA.active.rawValue), \(threads) thread\(threads == 1 ? "" : "s")


      """)
  }

  /// What an epoch came to, by what says which model is better: on averaged weights, validation and test examples.
  static func results(of report: EpochReport, by criterion: Criterion) -> [String] {
    let evaluations = [
      ("averaged test", report.averagedTest), ("validation", report.validation), ("test", report.test),
    ]
    return evaluations.compactMap { kind, evaluation in
      evaluation.map { String(format: "%@ %@ %.4f", kind, criterion.name, criterion.value(of: $0)) }
    }
  }

  /// Prints what the last epoch came to, a line each.
  func printResult(_ report: EpochReport, by criterion: Criterion) throws(StandardOutput.Failure) {
    for result in Self.results(of: report, by: criterion) { try StandardOutput.writeLine(result) }
  }

  private func printProgress(_ text: String) {
    guard failure == nil else { return }
    do throws(StandardOutput.Failure) {
      try StandardOutput.write(text)
    } catch {
      failure = error
      if !error.isClosedPipe { complain("samt-train: \(error)") }
    }
  }
}
