extension Dataset {
  /// Checks that the examples fit a model, a loss and metrics.
  ///
  /// - Parameter name: what the data is called in messages: `training`.
  /// - Throws: ``SAMTError/shape(layer:expected:found:)`` where the examples do not fit the model,
  ///   ``SAMTError/configuration(_:)`` where the targets do not fit it, the loss or a metric.
  func check(for model: Model, loss: any Loss, metrics: [any Metric], name: String) throws(SAMTError) {
    guard exampleShape.count == model.inputShape.count else {
      throw .shape(layer: "\(name) data", expected: "examples of shape \(model.inputShape)", found: exampleShape)
    }
    if let problem = loss.problem(with: targets, outputShape: model.outputShape) {
      throw .configuration("\(type(of: loss)) does not take the \(name) data's targets: \(problem)")
    }
    if let classCount, classCount > model.outputShape.count {
      throw .configuration("the \(name) data has \(classCount) classes, the model \(model.outputShape.count) outputs")
    }
    for metric in metrics {
      if let problem = metric.problem(with: targets, outputShape: model.outputShape) {
        throw .configuration("the metric \(metric.name) does not take the \(name) data's targets: \(problem)")
      }
    }
  }
}

extension Dataset {
  /// Checks that all numbers are finite.
  ///
  /// - Parameters:
  ///   - name: what an example is called in messages: `test example`.
  ///   - path: where they come from.
  /// - Throws: ``SAMTError/dataset(path:reason:)`` naming the first example with a NaN or an infinity, and the number.
  package func requireFinite(_ name: String, of path: String) throws(SAMTError) {
    func problem(_ example: Int, _ kind: String, _ position: Int, _ value: Float) -> SAMTError {
      .dataset(path: path, reason: "\(name) \(example), \(kind) \(position): expected a finite number, found \(value)")
    }
    let size = exampleShape.count
    var scratch = Tensor(zeros: [max(size, 1)])
    for example in 0..<count {
      let found = scratch.withMutablePointer { scratch in
        var found: (position: Int, value: Float)?
        storage.withExample(example, scratch: scratch) { inputs in
          found = firstNonFinite(UnsafeBufferPointer(start: inputs, count: size))
        }
        return found
      }
      if let found { throw problem(example, "input", found.position, found.value) }
    }
    guard case .values(let values) = targets else { return }
    let width = max(values.shape.elementsPerRow, 1)
    if let found = values.withPointer({ firstNonFinite(UnsafeBufferPointer(start: $0, count: values.count)) }) {
      throw problem(found.position / width, "target", found.position % width, found.value)
    }
  }
}

/// The first number that is NaN or infinite, and where it stands; nil where there is none.
private func firstNonFinite(_ numbers: UnsafeBufferPointer<Float>) -> (position: Int, value: Float)? {
  // One pass without a branch in it, as almost all are finite.
  var largest: UInt32 = 0
  for number in numbers { largest = max(largest, number.bitPattern & 0x7FFF_FFFF) }
  guard largest >= Float.infinity.bitPattern else { return nil }
  return numbers.indices.first { !numbers[$0].isFinite }.map { ($0, numbers[$0]) }
}
