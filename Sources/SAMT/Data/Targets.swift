/// What a model should have answered, one entry per example.
///
/// Array slices and tensors share memory when cut along the batch, so a batch's targets are not copied.
public enum Targets: Sendable {
  /// The index of the right class, for classification.
  case classes(ArraySlice<Int32>)
  /// Values, one for each of the model's outputs: (examples, ...), for regression and for independent probabilities.
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

  /// What kind of targets they are, for messages.
  var kind: String {
    switch self {
    case .classes: "classes"
    case .values: "values"
    }
  }

  /// Zeros for `count` examples, of the other targets' kind and shape.
  init(zeros count: Int, like other: Targets) {
    switch other {
    case .classes: self = .classes([Int32](repeating: 0, count: count)[...])
    case .values(let values): self = .values(Tensor(zeros: values.shape.withRows(count)))
    }
  }
}

// Targets that are written again and again. The old value is taken out of the enumeration before it is changed, so that
// nothing else owns its memory; then nothing is allocated where kinds and sizes agree.
extension Targets {
  /// Takes the other targets into memory of its own.
  mutating func assign(copying other: Targets) {
    switch other {
    case .classes(let labels): modifyLabels(count: labels.count) { index in labels[labels.startIndex + index] }
    case .values(let values): modifyValues(values.shape) { $0.assign(copying: values) }
    }
  }

  /// Takes the targets of the examples at `positions` of `source`, in that order, into memory of its own.
  mutating func assign(_ positions: ArraySlice<Int>, of source: Targets) {
    let first = positions.startIndex
    switch source {
    case .classes(let labels):
      modifyLabels(count: positions.count) { index in labels[labels.startIndex + positions[first + index]] }
    case .values(let values):
      modifyValues(values.shape.withRows(positions.count)) { $0.assign(rows: positions, of: values) }
    }
  }

  private mutating func modifyLabels(count: Int, _ label: (Int) -> Int32) {
    guard case .classes(var own) = self, own.count == count else {
      self = .classes((0..<count).map(label)[...])
      return
    }
    self = .classes([])
    for index in 0..<count { own[own.startIndex + index] = label(index) }
    self = .classes(own)
  }

  private mutating func modifyValues(_ shape: Shape, _ body: (inout Tensor) -> Void) {
    guard case .values(var own) = self, own.shape == shape else {
      var own = Tensor(zeros: shape)
      body(&own)
      self = .values(own)
      return
    }
    self = .classes([])
    body(&own)
    self = .values(own)
  }
}

extension Tensor {
  /// Takes the rows at `positions` of `source`, in that order, into this tensor of as many rows.
  mutating func assign(rows positions: ArraySlice<Int>, of source: Tensor) {
    let (size, first) = (shape.elementsPerRow, positions.startIndex)
    source.withPointer { rows in
      withMutablePointer { out in
        for index in 0..<positions.count {
          (out + index * size).update(from: rows + positions[first + index] * size, count: size)
        }
      }
    }
  }
}
