extension NPYFile {
  /// The most classes that integers may stand for: where there are more, they are numbers unless it is said.
  private static let guessedClassLimit: Int64 = 1000
  /// The most classes.
  private static let classLimit: Int64 = 1 << 20

  /// Whether the array holds images in Keras' order, (examples, rows, columns, channels).
  public var hasChannelsLast: Bool { Self.hasChannelsLast(shape) }

  static func hasChannelsLast(_ shape: [Int]) -> Bool {
    shape.count == 4 && [1, 3, 4].contains(shape[3]) && ![1, 3, 4].contains(shape[1])
  }

  /// The elements as a model's inputs: (examples, features) or (examples, channels, rows, columns).
  ///
  /// As ``Dataset/loadNPY(inputs:targets:task:access:)`` takes them.
  ///
  /// - Throws: ``SAMTError/dataset(path:reason:)`` where there is no example, or there are more than four axes.
  public func inputs() throws(SAMTError) -> Tensor {
    guard let count = shape.first, count > 0, self.count > 0 else {
      throw .dataset(path: path, reason: "expected examples along the first axis, found shape \(shape)")
    }
    var inputs = try tensor()
    switch shape.count {
    case 1: inputs = inputs.reshaped(to: [count, 1])
    case 3: inputs = inputs.reshaped(to: [count, 1, shape[1], shape[2]])
    case 4 where hasChannelsLast: inputs = inputs.withChannelsFirst()
    default: break
    }
    if inputs.shape.rank == 4, type.kind == .unsigned, type.size == 1 {
      inputs.withMutablePointer { pixels in
        for index in 0..<self.count { pixels[index] /= 255 }
      }
    }
    return inputs
  }

  /// The elements as targets: classes, or values of one row for each example.
  ///
  /// - Parameter task: which of both; nil for classes where the elements are integers or truth values, one for each
  ///   example, from 0 to below 1000, and otherwise values.
  func targets(_ task: LearningTask?) throws(SAMTError) -> Targets {
    guard let count = shape.first, count > 0, self.count > 0 else {
      throw .dataset(path: path, reason: "expected a target for each example, found shape \(shape)")
    }
    let isColumn = self.count == count
    guard task != .classification || isColumn else {
      throw .dataset(path: path, reason: "expected one class for each of \(count) examples, found shape \(shape)")
    }
    if task != .regression, isColumn, type.kind != .float {
      let classes = try integers()
      let range = (classes.min() ?? 0)...(classes.max() ?? 0)
      let limit = task == nil ? Self.guessedClassLimit : Self.classLimit
      if range.lowerBound >= 0 && range.upperBound < limit { return .classes(classes.map { Int32($0) }[...]) }
      if task != nil {
        throw .dataset(
          path: path,
          reason: "expected classes from 0 to below \(limit), found \(range.lowerBound) to \(range.upperBound)")
      }
    }
    if task == .classification {
      throw .dataset(path: path, reason: "expected classes as integers, found elements of type \(type.code)")
    }
    return .values(try tensor())
  }
}

extension Tensor {
  /// Images (examples, rows, columns, channels) as (examples, channels, rows, columns).
  fileprivate func withChannelsFirst() -> Tensor {
    let (examples, pixels, channels) = (shape[0], shape[1] * shape[2], shape[3])
    var reordered = Tensor(zeros: [examples, channels, shape[1], shape[2]])
    withPointer { source in
      reordered.withMutablePointer { out in
        for example in 0..<examples {
          for channel in 0..<channels {
            let plane = out + (example * channels + channel) * pixels
            let first = source + example * pixels * channels + channel
            for pixel in 0..<pixels { plane[pixel] = first[pixel * channels] }
          }
        }
      }
    }
    return reordered
  }
}
