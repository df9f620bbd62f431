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
    let shape = dataset.exampleShape
    ensure(shape.rank >= 1, "inputs of shape \(shape.batched(dataset.count)) have no channels")
    let channels = shape[0]
    var moments = [Moments](repeating: Moments(), count: channels)
    for example in 0..<dataset.count {
      let planes = dataset.storage.rows(example..<example + 1)
        .reshaped(to: [channels, shape.count / max(channels, 1)])
      for channel in 0..<channels { moments[channel].merge(Moments(of: planes[rows: channel..<channel + 1])) }
    }
    self.init(means: moments.map(\.mean), deviations: moments.map { $0.variance.squareRoot() })
  }
}

extension Dataset {
  /// The same examples, normalized channel by channel: (x - mean) / deviation.
  ///
  /// A channel of deviation 0 is only shifted. In place where nothing else shares the memory; pass the only copy
  /// (`consume`) to keep it in memory once. Inputs in mapped files stay there.
  ///
  /// - Precondition: inputs (examples, channels, ...) with as many channels as the statistics; not normalized before,
  ///   where they are in files.
  public consuming func normalized(by statistics: ChannelStatistics) -> Dataset {
    let (shape, channels, count) = (exampleShape, statistics.means.count, count)
    ensure(
      shape.rank >= 1 && shape[0] == channels,
      "inputs of shape \(shape.batched(count)), statistics of \(channels) channels")
    let scaling = ChannelScaling(statistics)
    switch storage {
    case .files(let examples): storage = .files(examples.scaled(by: scaling))
    case .memory(var inputs):
      // What is not taken out would be copied.
      storage = .memory(Tensor(zeros: [0, 1]))
      inputs.withMutablePointer { scaling.apply(to: $0, examples: count, of: shape) }
      storage = .memory(inputs)
    }
    return self
  }
}

/// x = (x - mean) scale, channel by channel.
struct ChannelScaling: Sendable {
  private let means: [Float]
  private let scales: [Float]

  /// Scales to a deviation of 1; a channel of deviation 0 is only shifted.
  init(_ statistics: ChannelStatistics) {
    means = statistics.means.map(Float.init)
    scales = statistics.deviations.map { $0 == 0 ? 1 : Float(1 / $0) }
  }

  /// Changes the elements of examples in place.
  ///
  /// - Precondition: as many channels as there are means.
  func apply(to elements: UnsafeMutablePointer<Float>, examples: Int, of shape: Shape) {
    let size = shape.count / max(means.count, 1)
    for plane in 0..<examples * means.count {
      let (mean, scale) = (means[plane % means.count], scales[plane % means.count])
      let elements = elements + plane * size
      for i in 0..<size { elements[i] = (elements[i] - mean) * scale }
    }
  }
}
