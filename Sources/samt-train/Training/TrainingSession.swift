import CommandLineOptions
import Foundation
import SAMT

/// A training as its settings ask for it: its data, model, method and trainer.
final class TrainingSession {
  let settings: TrainingSettings
  let trainer: Trainer
  private let data: TrainingData
  private let communicator: any Communicator

  /// Loads the data and builds the rest; goes on from the checkpoint where there is one.
  ///
  /// - Throws: ``SAMTError`` for data or files that cannot be read, and for settings that do not work.
  convenience init(
    _ settings: TrainingSettings, checkpoint: String? = nil, ranks communicator: any Communicator = LocalCommunicator()
  ) throws(SAMTError) {
    // Ranks of one computer then share the memory of their data.
    let data = try settings.loadData(communicator.size > 1 ? .mapped : .copied)
    try self.init(settings, on: data, checkpoint: checkpoint, ranks: communicator)
  }

  /// Builds all but the data, which are loaded already.
  ///
  /// - Throws: as above.
  init(
    _ settings: TrainingSettings, on data: TrainingData, checkpoint: String? = nil,
    ranks communicator: any Communicator = LocalCommunicator()
  ) throws(SAMTError) {
    self.settings = settings
    self.data = data
    self.communicator = communicator
    let model = try settings.makeModel(for: data)
    let loss = try settings.loss.make(for: data.training)
    trainer = try Trainer(
      model: model, algorithm: try settings.makeAlgorithm(for: model, on: data), loss: loss,
      metrics: loss.metrics(for: data.preprocessing),
      configuration: try settings.configuration(examples: data.training.count),
      communicator: communicator)
    trainer.average = try settings.makeAverage(of: model)
    trainer.earlyStopping = try settings.patience.map { (patience) throws(SAMTError) in
      try EarlyStopping(of: model, patience: patience)
    }
    if let checkpoint { try trainer.resume(from: checkpoint) }
  }

  /// What is evaluated besides validation examples; nil where nothing is to be.
  private var test: Dataset? { settings.leavesOutTest ? nil : data.test }

  /// How a training ended.
  enum Outcome {
    /// All epochs are done that there are to be.
    case finished
    /// A signal asked for the end.
    case stopped(signal: Int32)
  }

  /// Trains what is left, printing progress and result, and keeping the training in `directory` where there is one.
  ///
  /// - Parameter signals: what ends the training in an orderly way, watched from now on.
  /// - Throws: `StandardOutput.Failure` where the result could not be printed, ``SAMTError`` where the training cannot
  ///   begin, and, after the result was printed, where a file of it could not be written.
  func run(
    keptIn directory: RunDirectory?, checkpointInterval: CheckpointWriter.Interval?, signals: StopSignals?
  ) throws -> Outcome {
    let printer = TrainingPrinter()
    let isWriter = communicator.rank == 0
    let stopper = TrainingStopper(signals, printer: printer, isKept: directory != nil)
    trainer.observers = isWriter ? [printer.progressBar, stopper] : [stopper]
    let keeper = try directory.map { directory throws(SAMTError) in
      try TrainingKeeper(directory, of: trainer, test: test, checkpointInterval: checkpointInterval)
    }
    trainer.observers += keeper?.observers ?? []
    try printer.printSummary(settings, of: trainer, data: data, ranks: communicator.size)

    try trainer.fit(
      data.training, validation: data.validation, test: test, epochs: settings.epochs - trainer.reports.count)
    if let signal = communicator.signal(of: stopper) {
      guard isWriter else { return .stopped(signal: signal) }
      if let failure = keeper?.failure { complain("samt-train: not written: \(failure)") }
      let name = signal == SIGINT ? "SIGINT" : "SIGTERM"
      let resumed = directory.map { "samt-train --resume \($0.path.displayedPath) goes on" }
      let advice = resumed ?? "nothing was kept, for want of --out"
      complain("samt-train: stopped by \(name)\(stopper.place); \(advice)")
      return .stopped(signal: signal)
    }
    if let failure = printer.failure { throw failure }
    guard let report = decisiveReport else { throw SAMTError.configuration("no epoch was trained") }
    if let page = keeper?.page { try StandardOutput.writeLine("report \(page.displayedPath)") }
    try printer.printResult(report, by: trainer.criterion)
    if let failure = keeper?.failure { throw failure }
    return .finished
  }

  /// The report of the epoch whose weights count: the best one where the training may end early, else the last.
  var decisiveReport: EpochReport? {
    guard let best = trainer.earlyStopping?.bestEpoch else { return trainer.reports.last }
    return trainer.reports.first { $0.epoch == best }
  }
}

extension Communicator {
  /// The signal that ended the training, on whichever rank it came.
  fileprivate func signal(of stopper: TrainingStopper) -> Int32? {
    gather(UInt64(stopper.signal ?? 0)).first { $0 != 0 }.map { Int32($0) }
  }
}

/// The writers of a training's files: what they cannot write is told on standard error, and the training goes on.
private struct TrainingKeeper {
  private let metrics: MetricsWriter
  private let checkpoints: CheckpointWriter
  private let report: ReportWriter

  /// Notes the machine and writes the first checkpoint, so that what cannot be written is known before the first step.
  init(
    _ directory: RunDirectory, of trainer: Trainer, test: Dataset?, checkpointInterval: CheckpointWriter.Interval?
  ) throws(SAMTError) {
    metrics = try MetricsWriter(directory: directory.path, reports: trainer.reports)
    checkpoints = CheckpointWriter(
      lastPath: directory.lastPath, bestPath: directory.bestPath, every: checkpointInterval, reports: trainer.reports)
    report = ReportWriter(directory: directory.path, test: test)
    try directory.write(MachineRecord(ofThisProcessOf: "samt-train \(programVersion)"))
    try checkpoints.writeLast(trainer)
    report.onFailure = { _ in }  // told at the end, by its failure
    metrics.onFailure = warn
    checkpoints.onFailure = warn
  }

  var observers: [any TrainingObserver] { [metrics, checkpoints, report] }

  /// What is still unwritten.
  var failure: SAMTError? { metrics.failure ?? checkpoints.failure ?? report.failure }

  /// The page about the training, where it was written.
  var page: String? { report.failure == nil ? report.path : nil }
}

private func warn(_ error: SAMTError) {
  complain("samt-train: \(error); the training goes on, and the writing is tried again")
}

/// Ends a training when a signal asks for it, and when nobody could see or keep what it comes to.
private final class TrainingStopper: TrainingObserver {
  private let signals: StopSignals?
  private let printer: TrainingPrinter
  private let isKept: Bool
  private var progress: TrainingProgress?

  init(_ signals: StopSignals?, printer: TrainingPrinter, isKept: Bool) {
    self.signals = signals
    self.printer = printer
    self.isKept = isKept
    signals?.watch()
  }

  /// The signal that ended the training.
  private(set) var signal: Int32?

  /// Where the training stands, for messages.
  var place: String {
    progress.map { " in epoch \($0.epoch) of \($0.epochs), after step \($0.step) of \($0.stepsPerEpoch)" } ?? ""
  }

  func didFinishStep(_ progress: TrainingProgress, of trainer: Trainer) {
    self.progress = progress
    signal = signals?.received
    if signal != nil || (printer.failure != nil && !isKept) { trainer.stop() }
  }
}
