/// One item of a training's state.
public enum StateItem: Sendable {
  /// Single precision: a weight, a moment.
  case tensor(Tensor)
  /// One number in double precision.
  case double(Double)
  /// Numbers in double precision.
  case doubles([Double])
  /// One whole number.
  case integer(Int)
  /// Whole numbers.
  case integers([Int])
  /// A random number generator's position.
  case generator(Generator)
  /// Anything else, as JSON.
  case json(String)

  /// The memory that the item takes in a file.
  public var byteCount: Int {
    switch self {
    case .tensor(let tensor): 4 * tensor.count
    case .double, .integer: 8
    case .doubles(let values): 8 * values.count
    case .integers(let values): 8 * values.count
    case .generator: 8 * Generator.wordCount
    case .json(let text): text.utf8.count
    }
  }

  /// What kind of item it is, for messages.
  var kind: String {
    switch self {
    case .tensor(let tensor): "a tensor of shape \(tensor.shape)"
    case .double: "a double"
    case .doubles(let values): "\(values.count) doubles"
    case .integer: "an integer"
    case .integers(let values): "\(values.count) integers"
    case .generator: "a generator"
    case .json: "a text"
    }
  }

  /// Whether both are of one kind and agree in every bit; NaN equals itself, and 0 is not -0.
  public func isIdentical(to other: StateItem) -> Bool {
    switch (self, other) {
    case (.tensor(let a), .tensor(let b)):
      a.shape == b.shape
        && a.withSpan { a in
          b.withSpan { b in a.indices.allSatisfy { a[$0].bitPattern == b[$0].bitPattern } }
        }
    case (.double(let a), .double(let b)): a.bitPattern == b.bitPattern
    case (.doubles(let a), .doubles(let b)): a.map(\.bitPattern) == b.map(\.bitPattern)
    case (.integer(let a), .integer(let b)): a == b
    case (.integers(let a), .integers(let b)): a == b
    case (.generator(let a), .generator(let b)): a == b
    case (.json(let a), .json(let b)): a == b
    default: false
    }
  }
}
