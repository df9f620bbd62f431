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

/// Someone who watches a training: a progress bar, a log.
public protocol TrainingObserver: AnyObject {
  /// Called after each minibatch; cheap, please.
  func didFinishStep(_ progress: TrainingProgress)
  /// Called after each epoch and its evaluation.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)`` where a log cannot be written; training stops then.
  func didFinishEpoch(_ report: EpochReport) throws(SAMTError)
}

extension TrainingObserver {
  /// Nothing.
  public func didFinishStep(_ progress: TrainingProgress) {}
}
