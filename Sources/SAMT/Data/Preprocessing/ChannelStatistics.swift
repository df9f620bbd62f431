/// The mean and the deviation of each channel of a data set's inputs, to normalize that set and others by.
///
/// Computed on the training set and applied to both, so that the test set sees what the model was trained on.
public struct ChannelStatistics: Sendable, Codable, Equatable {
  /// By channel, the mean over all examples and positions.
  public var means: [Double]
  /// By channel, the root of the population variance over all examples and positions.
  public var deviations: [Double]

  /// Statistics that are known from elsewhere.
  ///
  /// - Precondition: as many means as deviations.
  public init(means: [Double], deviations: [Double]) {
    ensure(means.count == deviations.count, "\(means.count) means, \(deviations.count) deviations")
    self.means = means
    self.deviations = deviations
  }

  /// Statistics from a file.
  ///
  /// - Throws: a `DecodingError` where there are not as many means as deviations.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    means = try container.decode([Double].self, forKey: .means)
    deviations = try container.decode([Double].self, forKey: .deviations)
    guard means.count == deviations.count else {
      throw DecodingError.dataCorruptedError(
        forKey: .deviations, in: container, debugDescription: "\(means.count) means, \(deviations.count) deviations")
    }
  }

  /// The statistics of a data set whose inputs are (examples, channels, ...).
  ///
  /// Zeros where there are no examples; NaN where a channel holds one.
  ///
  /// - Precondition: inputs of rank 2 at least.
  public init(of dataset: Dataset) {
    let inputs = dataset.inputs
    ensure(inputs.shape.rank >= 2, "inputs of shape \(inputs.shape) have no channels")
    let (examples, channels) = (inputs.shape[0], inputs.shape[1])
    // A row for each channel of each example.
    let planes = inputs.reshaped(to: [examples * channels, inputs.shape.elementsPerRow / max(channels, 1)])
    let moments = (0..<channels).map { channel in
      stride(from: channel, to: examples * channels, by: channels).reduce(into: Moments()) { moments, plane in
        moments.merge(Moments(of: planes[rows: plane..<plane + 1]))
      }
    }
    self.init(means: moments.map(\.mean), deviations: moments.map { $0.variance.squareRoot() })
  }
}

extension Dataset {
  /// The same examples, normalized channel by channel: (x - mean) / deviation.
  ///
  /// A channel of deviation 0 is only shifted. In place where nothing else shares the memory; pass the only copy
  /// (`consume`) to keep it in memory once.
  ///
  /// - Precondition: inputs (examples, channels, ...) with as many channels as the statistics.
  public consuming func normalized(by statistics: ChannelStatistics) -> Dataset {
    let (shape, channels) = (inputs.shape, statistics.means.count)
    ensure(
      shape.rank >= 2 && shape[1] == channels, "inputs of shape \(shape), statistics of \(channels) channels")
    let size = shape.elementsPerRow / max(channels, 1)
    let means = statistics.means.map(Float.init)
    let scales = statistics.deviations.map { $0 == 0 ? 1 : Float(1 / $0) }
    inputs.withMutablePointer { pixels in
      for plane in 0..<shape[0] * channels {
        let (mean, scale) = (means[plane % channels], scales[plane % channels])
        let pixels = pixels + plane * size
        for i in 0..<size { pixels[i] = (pixels[i] - mean) * scale }
      }
    }
    return self
  }
}
