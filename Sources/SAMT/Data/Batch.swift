/// Some examples on their way through a model.
public struct Batch: Sendable {
  /// (examples, ...): the model's input shape behind a batch axis.
  public var inputs: Tensor
  /// One target per example.
  public var targets: Targets

  /// A batch of the given inputs and targets.
  ///
  /// - Precondition: equally many of both.
  public init(inputs: Tensor, targets: Targets) {
    ensure(inputs.shape[0] == targets.count, "inputs of shape \(inputs.shape), \(targets.count) targets")
    self.inputs = inputs
    self.targets = targets
  }

  /// A batch of what a file says; nil where the counts disagree or there is no example.
  init?(checking inputs: Tensor, targets: Targets) {
    guard inputs.shape.rank >= 1, inputs.shape[0] >= 1, inputs.shape[0] == targets.count else { return nil }
    self.init(inputs: inputs, targets: targets)
  }

  /// The number of examples.
  public var count: Int { targets.count }

  /// The same examples in memory of their own.
  ///
  /// A batch that a training hands out shares memory that is used again a few steps later; who keeps a batch keeps a
  /// copy of it.
  public func copy() -> Batch {
    var copy = self
    copy.assign(copying: self)
    return copy
  }

  /// Takes the other batch's examples into this one's own memory; allocates nothing where the sizes agree and nothing
  /// shares that memory.
  public mutating func assign(copying other: Batch) {
    inputs.assign(copying: other.inputs)
    targets.assign(copying: other.targets)
  }
}
