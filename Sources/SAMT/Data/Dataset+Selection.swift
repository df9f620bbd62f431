extension Dataset {
  /// The examples at `positions`, in that order, copied.
  ///
  /// - Precondition: positions of examples.
  public func selecting(_ positions: [Int]) -> Dataset {
    ensure(positions.allSatisfy { $0 >= 0 && $0 < count }, "positions outside 0 ..< \(count)")
    let selected = inputs.gathering(positions)
    switch targets {
    case .classes(let labels):
      return Dataset(
        inputs: selected, labels: positions.map { labels[labels.startIndex + $0] }, classCount: classCount ?? 0,
        classNames: classNames)
    case .values(let values):
      return Dataset(inputs: selected, values: values.gathering(positions))
    }
  }
}

extension Tensor {
  /// The rows at `positions`, in that order, copied.
  fileprivate func gathering(_ positions: [Int]) -> Tensor {
    let size = shape.elementsPerRow
    var gathered = Tensor(zeros: shape.withRows(positions.count))
    withPointer { source in
      gathered.withMutablePointer { out in
        for (index, position) in positions.enumerated() {
          (out + index * size).update(from: source + position * size, count: size)
        }
      }
    }
    return gathered
  }
}
