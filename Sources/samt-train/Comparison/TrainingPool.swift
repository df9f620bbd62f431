import CommandLineOptions
import Foundation
import SAMT

/// A training of a comparison, and the directory that keeps it.
struct PlannedTraining {
  /// What it is called in messages: method, rate, seed.
  var name: String
  var settings: TrainingSettings
  var directory: RunDirectory
}

/// Runs trainings: one after another in this process, or several side by side in processes of one thread each.
///
/// Each training lives in its directory. One that is finished there is not run again, one that was begun goes on.
struct TrainingPool {
  /// How many trainings run at a time.
  var jobs: Int
  var checkpointInterval: CheckpointWriter.Interval?
  var signals: StopSignals
  /// What results are told by.
  var criterion: Criterion

  /// A signal asked for the end: the trainings have stopped in an orderly way, and can go on.
  struct Stopped: Error {
    let signal: Int32
  }

  /// Runs what is left of `trainings`.
  ///
  /// - Throws: ``Stopped``, ``SAMTError`` for a training that cannot begin, and `StandardOutput.Failure`.
  func run(_ trainings: [PlannedTraining]) throws {
    let unfinished = try trainings.filter { try !isFinished($0) }
    if jobs == 1 {
      for training in unfinished { try runHere(training) }
    } else {
      try runSideBySide(unfinished)
    }
  }

  private func isFinished(_ training: PlannedTraining) throws(SAMTError) -> Bool {
    let directory = training.directory
    guard try directory.isBegun(with: training.settings) else { return false }
    return try directory.reports().count >= training.settings.epochs
  }

  private func runHere(_ training: PlannedTraining) throws {
    try StandardOutput.writeLine("== \(training.name)")
    let directory = training.directory
    if try !directory.isBegun(with: training.settings) { try directory.prepare(training.settings) }
    let session = try TrainingSession(
      training.settings, checkpoint: directory.hasCheckpoint ? directory.lastPath : nil)
    let outcome = try session.run(keptIn: directory, checkpointInterval: checkpointInterval, signals: signals)
    if case .stopped(let signal) = outcome { throw Stopped(signal: signal) }
    try StandardOutput.writeLine()
  }

  private func runSideBySide(_ trainings: [PlannedTraining]) throws {
    var waiting = trainings[...]
    var running: [(training: PlannedTraining, process: Process)] = []
    defer { for (_, process) in running where process.isRunning { process.interrupt() } }
    signals.watch()
    while !waiting.isEmpty || !running.isEmpty {
      while running.count < jobs, let training = waiting.popFirst() {
        if try !training.directory.isBegun(with: training.settings) {
          try training.directory.prepare(training.settings)
        }
        running.append((training, try start(training.directory)))
      }
      if let signal = signals.received {
        for (_, process) in running where process.isRunning { process.terminate() }
        for (_, process) in running { process.waitUntilExit() }
        throw Stopped(signal: signal)
      }
      for index in running.indices.reversed() where !running[index].process.isRunning {
        let (training, process) = running.remove(at: index)
        try finish(training, process)
      }
      usleep(10_000)
    }
  }

  /// Starts this program anew, on one thread, to go on with the training that `directory` keeps.
  private func start(_ directory: RunDirectory) throws(SAMTError) -> Process {
    let process = Process()
    process.executableURL = Bundle.main.executableURL
    process.arguments = ["train", "--resume", directory.path, "--threads", "1"]
    if case .steps(let count)? = checkpointInterval { process.arguments? += ["--checkpoint-every", "\(count)"] }
    if case .seconds(let count)? = checkpointInterval { process.arguments? += ["--checkpoint-every", "\(count)s"] }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    do { try process.run() } catch {
      throw .configuration("another process cannot be started: \(error.localizedDescription)")
    }
    return process
  }

  private func finish(_ training: PlannedTraining, _ process: Process) throws {
    guard process.terminationStatus == 0, process.terminationReason == .exit else {
      throw SAMTError.configuration("\(training.name): its process ended with status \(process.terminationStatus)")
    }
    guard let report = try training.directory.reports().last else { return }
    let results = TrainingPrinter.results(of: report, by: criterion).joined(separator: ", ")
    try StandardOutput.writeLine(String(format: "\(training.name): %@, %.1f s", results, report.seconds))
  }
}
