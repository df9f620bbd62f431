/// What a model should have answered, one entry per example.
///
/// Array slices and tensors share memory when cut along the batch, so a batch's targets are not copied.
public enum Targets: Sendable {
  /// The index of the right class, for classification.
  case classes(ArraySlice<Int32>)
  /// Values of the shape of the model's output, for regression.
  case values(Tensor)

  /// The number of examples.
  public var count: Int {
    switch self {
    case .classes(let labels): labels.count
    case .values(let values): values.shape.rank == 0 ? 0 : values.shape[0]
    }
  }

  /// The targets of examples `range`, counted from this value's first, sharing memory.
  public subscript(range: Range<Int>) -> Targets {
    switch self {
    case .classes(let labels):
      .classes(labels[labels.startIndex + range.lowerBound..<labels.startIndex + range.upperBound])
    case .values(let values): .values(values[rows: range])
    }
  }
}

/// Labelled examples in memory.
public struct Dataset: Sendable {
  /// (examples, ...).
  public internal(set) var inputs: Tensor
  /// One label per example.
  public private(set) var labels: [Int32]
  /// The number of classes; labels are below it.
  public let classCount: Int

  /// A data set of the given examples.
  ///
  /// - Precondition: as many labels as inputs, each in 0 ..< classCount.
  public init(inputs: Tensor, labels: [Int32], classCount: Int) {
    ensure(
      inputs.shape.rank >= 1 && inputs.shape[0] == labels.count,
      "inputs of shape \(inputs.shape), \(labels.count) labels")
    ensure(labels.allSatisfy { $0 >= 0 && Int($0) < classCount }, "a label outside 0 ..< \(classCount)")
    self.inputs = inputs
    self.labels = labels
    self.classCount = classCount
  }

  /// The number of examples.
  public var count: Int { labels.count }

  /// The shape of one example.
  public var exampleShape: Shape { Shape((1..<inputs.shape.rank).map { inputs.shape[$0] }) }

  /// Examples `range` as a batch, sharing this data set's memory.
  public func batch(_ range: Range<Int>) -> Batch {
    Batch(inputs: inputs[rows: range], targets: .classes(labels[range]))
  }
}
