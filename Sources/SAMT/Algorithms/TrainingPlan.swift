/// How long a training will be: what an algorithm is told before its first step.
public struct TrainingPlan: Sendable, Equatable {
  /// All epochs, those before a training was resumed included.
  public var epochs: Int
  /// Minibatches in an epoch, a smaller last one included.
  public var stepsPerEpoch: Int
  /// Examples in a minibatch; the last one of an epoch may have fewer.
  public var batchSize: Int
  /// The shards that a minibatch is divided into.
  public var shards: Int

  /// All minibatches.
  public var steps: Int { epochs * stepsPerEpoch }

  /// A plan, for tests and for loops of your own.
  public init(epochs: Int, stepsPerEpoch: Int, batchSize: Int, shards: Int = 1) {
    self.epochs = epochs
    self.stepsPerEpoch = stepsPerEpoch
    self.batchSize = batchSize
    self.shards = shards
  }
}
