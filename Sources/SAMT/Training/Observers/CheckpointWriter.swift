import Dispatch

/// Keeps a training in two files: a checkpoint that it can go on from, and the model of its best epoch.
///
/// The checkpoint is written after each epoch, at the end of the training and, where an interval says so, between steps.
/// Each file is replaced as a whole, so one that can be loaded is always there once one was written.
public final class CheckpointWriter: TrainingObserver {
  /// How often a checkpoint is written between the ends of epochs.
  public enum Interval: Sendable, Equatable {
    /// Each time after so many steps.
    case steps(Int)
    /// After the first step that ends so many seconds after the last checkpoint.
    case seconds(Int)
  }

  /// Where the checkpoint goes.
  public let lastPath: String
  /// Where the model of the best epoch goes, the first of equals; nil for nowhere.
  ///
  /// The best is so by ``Trainer/criterion``, on validation or else test examples; without any, none is written.
  public let bestPath: String?
  /// How often a checkpoint is written besides.
  public let interval: Interval?
  /// Told of a failure when one begins, and the training goes on; where nil, a failure ends it.
  public var onFailure: ((SAMTError) -> Void)? {
    get { last.onFailure }
    set {
      last.onFailure = newValue
      best.onFailure = newValue
    }
  }
  /// Why a file is not as it should be; nil where both are.
  public var failure: SAMTError? { last.failure ?? best.failure }

  private var last = PersistentOutput()
  private var best = PersistentOutput()
  /// The reports of the epochs that the model at `bestPath` is the best of.
  private var compared: [EpochReport]
  private var steps = 0
  private var lastWrite = DispatchTime.now().uptimeNanoseconds
  private var isCurrent = false

  /// A writer of the two files; `reports` are those of the epochs before a training was resumed, the best of which is at
  /// `bestPath`.
  public init(lastPath: String, bestPath: String? = nil, every interval: Interval? = nil, reports: [EpochReport] = []) {
    self.lastPath = lastPath
    self.bestPath = bestPath
    self.interval = interval
    compared = bestPath.map { FileSystem.exists($0) } == true ? reports : []
  }

  /// Writes a checkpoint where the interval says so.
  public func didFinishStep(_ progress: TrainingProgress, of trainer: Trainer) {
    isCurrent = false
    steps += 1
    let isDue =
      switch interval {
      case .steps(let count)?: steps >= count
      case .seconds(let seconds)?: DispatchTime.now().uptimeNanoseconds - lastWrite >= UInt64(seconds) * 1_000_000_000
      case nil: false
      }
    // After the last step of an epoch comes its evaluation, and then a checkpoint.
    guard isDue, progress.step < progress.stepsPerEpoch else { return }
    do throws(SAMTError) { try writeLast(trainer) } catch { trainer.stop() }  // the end tries again, and throws
  }

  /// Writes a checkpoint, and the model where it is the best so far.
  public func didFinishEpoch(_ report: EpochReport, of trainer: Trainer) throws(SAMTError) {
    isCurrent = false
    try writeLast(trainer)
    guard let bestPath, trainer.criterion.isBest(report, of: compared) else { return }
    try best.attempt { () throws(SAMTError) in
      try trainer.withEvaluationWeights { () throws(SAMTError) in try trainer.model.save(to: bestPath) }
      compared.append(report)
    }
  }

  /// Writes a checkpoint, unless that of the last step is there.
  public func didFinishTraining(of trainer: Trainer) throws(SAMTError) {
    if !isCurrent { try writeLast(trainer) }
  }

  /// Writes a checkpoint now.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)`` where it cannot be written and nobody is told of failures.
  public func writeLast(_ trainer: Trainer) throws(SAMTError) {
    steps = 0
    lastWrite = DispatchTime.now().uptimeNanoseconds
    try last.attempt { () throws(SAMTError) in
      try trainer.checkpoint(to: lastPath)
      isCurrent = true
    }
  }
}
