/// Where the inputs of a data set are.
enum ExampleStorage: Sendable {
  /// In memory, (examples, ...).
  case memory(Tensor)
  /// In files that are mapped.
  case files(MappedExamples)

  /// The number of examples.
  var count: Int {
    switch self {
    case .memory(let tensor): tensor.shape[0]
    case .files(let examples): examples.count
    }
  }

  /// The shape of one example.
  var exampleShape: Shape {
    switch self {
    case .memory(let tensor): Shape((1..<tensor.shape.rank).map { tensor.shape[$0] })
    case .files(let examples): examples.exampleShape
    }
  }

  /// Examples `range`, (examples, ...): sharing memory, or converted into memory of their own.
  func rows(_ range: Range<Int>) -> Tensor {
    switch self {
    case .memory(let tensor): return tensor[rows: range]
    case .files(let examples):
      let size = examples.exampleShape.count
      var tensor = Tensor(zeros: examples.exampleShape.batched(range.count))
      tensor.withMutablePointer { out in
        for index in range { examples.write(index, into: out + (index - range.lowerBound) * size) }
      }
      return tensor
    }
  }

  /// Calls `body` with the elements of example `index`, which are put into `scratch` where they are not in memory.
  func withExample(
    _ index: Int, scratch: UnsafeMutablePointer<Float>, _ body: (UnsafePointer<Float>) -> Void
  ) {
    switch self {
    case .memory(let tensor): tensor.withPointer { body($0 + index * tensor.shape.elementsPerRow) }
    case .files(let examples):
      examples.write(index, into: scratch)
      body(scratch)
    }
  }

  /// The examples at `positions`, in that order: copied, or in their files.
  func selecting(_ positions: [Int]) -> ExampleStorage {
    switch self {
    case .memory(let tensor):
      var selected = Tensor(zeros: tensor.shape.withRows(positions.count))
      selected.assign(rows: positions[...], of: tensor)
      return .memory(selected)
    case .files(let examples): return .files(examples.selecting(positions))
    }
  }
}
