import CommandLineOptions
import SAMT

extension Command {
  /// Trains a network.
  static func train(on communicator: any Communicator) -> Command {
    Command(
      "train", "trains a network and prints how good it is", usage: ["samt-train [train] [options]"],
      about: """
        Trains a network and prints how good it is on the test examples.

        Without options: built-in digits, 784-400-10, SAMT with nothing to tune. Files may be compressed (.gz).
        """,
      defaults: TrainSettings(methods: [Method.all[0]]), options: TrainSettings.options,
      notes: [DataKind.list, Method.list, outputNotes, environmentNotes].joined(separator: "\n\n"), isForAllRanks: true
    ) { settings, given in
      try prepareMachine(threads: settings.threads, on: communicator)
      let signals = StopSignals()
      if let directory = settings.resumedDirectory {
        let others = Set(given).subtracting(["--resume", "--epochs", "--threads", "--checkpoint-every"]).sorted()
        guard others.isEmpty else {
          throw UsageError("a run goes on as it began: \(others.joined(separator: ", ")) cannot be given with --resume")
        }
        return try resume(
          try RunDirectory(earlier: directory, isWriter: communicator.rank == 0),
          epochs: given.contains("--epochs") ? settings.training.epochs : nil,
          checkpointInterval: settings.output.checkpointInterval, on: communicator, signals: signals)
      }
      guard let run = try settings.run() else {
        try requireOneRank(communicator)
        let comparison = ComparisonSettings(trainings: settings)
        return try runComparison(comparison, in: ComparisonDirectory(new: settings.output), signals: signals)
      }
      if case .stopped(let signal) = try runNew(run, on: communicator, signals: signals) { return 128 + signal }
      return 0
    }
  }
}

/// Builds a training, and runs it from its beginning.
func runNew(
  _ run: Run, on communicator: any Communicator = LocalCommunicator(), signals: StopSignals? = nil
) throws -> TrainingSession.Outcome {
  let directory = try run.output.check(on: communicator)
  var settings = run.settings
  settings.shards = settings.shards ?? communicator.size  // the run may go on with other ranks
  let session = try TrainingSession(settings, ranks: communicator)
  communicator.barrier()  // every rank has read what may be replaced now
  try directory?.prepare(settings)
  return try session.run(keptIn: directory, checkpointInterval: run.output.checkpointInterval, signals: signals)
}

/// Goes on with the training that is kept in `directory`, to as many epochs as it was meant to have or to `epochs`.
///
/// - Returns: the exit status.
private func resume(
  _ directory: RunDirectory, epochs: Int?, checkpointInterval: CheckpointWriter.Interval?,
  on communicator: any Communicator, signals: StopSignals
) throws -> Int32 {
  var settings = try directory.settings()
  let planned = settings.epochs
  settings.epochs = epochs ?? planned
  let session = try TrainingSession(
    settings, checkpoint: directory.hasCheckpoint ? directory.lastPath : nil, ranks: communicator)
  let (done, name) = (session.trainer.reports.count, directory.path.displayedPath)
  guard settings.epochs >= done else {
    throw UsageError("--epochs: \(name) has \(done) epochs already, found \(settings.epochs)")
  }
  communicator.barrier()  // every rank has read what may be replaced now
  let isWriter = communicator.rank == 0
  if settings.epochs != planned, isWriter { try directory.write(settings) }
  if settings.epochs == done, let report = session.decisiveReport {
    try StandardOutput.writeLine("\(name) is finished: \(done) of \(done) epochs; more go on with --epochs N")
    try TrainingPrinter().printResult(report, by: session.trainer.criterion)
    return 0
  }
  let outcome = try session.run(
    keptIn: isWriter ? directory : nil, checkpointInterval: checkpointInterval, signals: signals)
  if case .stopped(let signal) = outcome { return 128 + signal }
  return 0
}
