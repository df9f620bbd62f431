/// How far an epoch is.
public struct TrainingProgress: Sendable {
  /// Counted from 1.
  public var epoch: Int
  /// How many epochs there will be.
  public var epochs: Int
  /// Minibatches done in this epoch.
  public var step: Int
  /// Minibatches in an epoch.
  public var stepsPerEpoch: Int
  /// The mean loss so far in this epoch.
  public var loss: Double
  /// The share of right predictions so far in this epoch.
  public var accuracy: Double
  /// Training seconds so far in this epoch.
  public var seconds: Double
  /// Training examples per second so far in this epoch.
  public var samplesPerSecond: Double
}

extension TrainingProgress {
  init(_ position: Trainer.Position, epochs: Int, stepsPerEpoch: Int, batchSize: Int) {
    let seen = Double(position.step * batchSize)
    self.init(
      epoch: position.epochs + 1, epochs: epochs, step: position.step, stepsPerEpoch: stepsPerEpoch,
      loss: position.totalLoss / Double(position.step), accuracy: Double(position.correct) / seen,
      seconds: position.seconds, samplesPerSecond: seen / position.seconds)
  }
}

/// Someone who watches a training: a progress bar, a log, a writer of checkpoints.
///
/// An observer may end the training by ``Trainer/stop()``, and may write the trainer's state.
public protocol TrainingObserver: AnyObject {
  /// Called after each minibatch; cheap, please.
  func didFinishStep(_ progress: TrainingProgress, of trainer: Trainer)
  /// Called after each epoch and its evaluation.
  ///
  /// - Throws: where the training cannot go on; it stops then, and ``Trainer/fit(_:test:epochs:)`` throws the same.
  func didFinishEpoch(_ report: EpochReport, of trainer: Trainer) throws(SAMTError)
  /// Called once at the end of ``Trainer/fit(_:test:epochs:)``, whether all epochs were run or the training was stopped.
  ///
  /// - Throws: what ``Trainer/fit(_:test:epochs:)`` then throws.
  func didFinishTraining(of trainer: Trainer) throws(SAMTError)
}

extension TrainingObserver {
  /// Nothing.
  public func didFinishStep(_ progress: TrainingProgress, of trainer: Trainer) {}
  /// Nothing.
  public func didFinishEpoch(_ report: EpochReport, of trainer: Trainer) throws(SAMTError) {}
  /// Nothing.
  public func didFinishTraining(of trainer: Trainer) throws(SAMTError) {}
}
