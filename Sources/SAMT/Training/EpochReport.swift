/// What one epoch came to.
public struct EpochReport: Sendable, Codable, Equatable {
  /// Counted from 1.
  public var epoch: Int
  /// The mean loss over the epoch's minibatches, each before its step.
  public var trainingLoss: Double
  /// The share of right predictions on them.
  public var trainingAccuracy: Double
  /// The mean loss on the test examples.
  public var testLoss: Double
  /// The share of right predictions on the test examples.
  public var testAccuracy: Double
  /// The same with averaged weights, where they are kept.
  public var averagedTestAccuracy: Double?
  /// Training time in seconds, without the evaluation.
  public var seconds: Double
  /// Training examples per second.
  public var samplesPerSecond: Double
  /// Parameter updates since the beginning, counting each block's.
  public var parameterUpdates: Int
  /// Layer passes since the beginning.
  public var layerPasses: LayerPasses
  /// Figures of the algorithm's own at the end of the epoch, by name.
  public var metrics: [String: Double]
  /// The blocks' figures, where the algorithm has them.
  public var blocks: [BlockReport]
}
