/// What one epoch came to.
public struct EpochReport: Sendable, Codable, Equatable {
  /// Counted from 1.
  public var epoch: Int
  /// On the epoch's minibatches, each before its step.
  public var training: Evaluation
  /// On the validation examples, where there are any.
  public var validation: Evaluation?
  /// On the test examples, where there are any.
  public var test: Evaluation?
  /// On the test examples with averaged weights, where they are kept.
  public var averagedTest: Evaluation?
  /// Training time in seconds, without the evaluation.
  public var seconds: Double
  /// Training examples per second.
  public var samplesPerSecond: Double
  /// Parameter updates since the beginning, counting each block's.
  public var parameterUpdates: Int
  /// Layer passes since the beginning.
  public var layerPasses: LayerPasses
  /// Figures of the algorithm's own at the end of the epoch, by name.
  public var algorithm: [String: Double]
  /// The blocks' figures, where the algorithm has them.
  public var blocks: [BlockReport]
  /// Statistics of each block's gradient at the epoch's last step (``BlockReport/init(name:gradient:)``); nil where the
  /// algorithm has none.
  public var gradients: [BlockReport]?

  /// What says how good the model is on examples that it was not trained on: validation, or test where there is none.
  public var heldOut: Evaluation? { validation ?? test }
}
