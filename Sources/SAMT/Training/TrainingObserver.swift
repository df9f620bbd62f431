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
  /// The metrics so far in this epoch, by name.
  public var metrics: [String: Double] { measured.values }
  /// Training seconds so far in this epoch.
  public var seconds: Double
  /// Training examples per second so far in this epoch.
  public var samplesPerSecond: Double
  /// The metrics with what they have seen; the first counts most.
  let measured: [any Metric]

  /// The first metric so far in this epoch; nil where nothing is measured.
  var firstMetric: (name: String, value: Double)? { measured.first.map { ($0.name, $0.value) } }
}

/// Someone who watches a training: a progress bar, a log, a writer of checkpoints.
///
/// An observer may end the training by ``Trainer/stop()``, and may write the trainer's state.
public protocol TrainingObserver: AnyObject {
  /// Called after each minibatch; cheap, please.
  func didFinishStep(_ progress: TrainingProgress, of trainer: Trainer)
  /// Called after each epoch and its evaluation.
  ///
  /// - Throws: where the training cannot go on; it stops then, and ``Trainer/fit(_:validation:test:epochs:)`` throws the same.
  func didFinishEpoch(_ report: EpochReport, of trainer: Trainer) throws(SAMTError)
  /// Called once at the end of ``Trainer/fit(_:validation:test:epochs:)``, whether all epochs were run or the training was stopped.
  ///
  /// - Throws: what ``Trainer/fit(_:validation:test:epochs:)`` then throws.
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
