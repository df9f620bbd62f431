import SAMT

/// Examples as a source has them, before they are normalized by channel.
struct LoadedData {
  var training: Dataset
  /// Nil where none are taken from the training examples yet.
  var validation: Dataset?
  /// Nil where the source has no examples of its own to test on.
  var test: Dataset?
  /// What was learned about a table's columns.
  var preprocessing: TablePreprocessing?
  /// What a user should know of how the data was understood, a line each.
  var notes: [String] = []

  /// Normalizes all examples, in their memory.
  mutating func normalize(by statistics: ChannelStatistics) {
    training.normalize(by: statistics)
    validation?.normalize(by: statistics)
    test?.normalize(by: statistics)
  }
}

extension Dataset {
  fileprivate mutating func normalize(by statistics: ChannelStatistics) {
    // What is not taken out would be copied.
    var own = Dataset(inputs: Tensor(zeros: [0, 1]), values: Tensor(zeros: [0, 1]))
    swap(&own, &self)
    self = (consume own).normalized(by: statistics)
  }
}

/// Examples to train and test on.
struct TrainingData {
  var training: Dataset
  /// What says which epoch is the best, where it is not the test.
  var validation: Dataset?
  var test: Dataset
  /// How both were normalized, where they were.
  var normalization: ChannelStatistics?
  /// How both were made of a table's rows, where they were.
  var preprocessing: TablePreprocessing?
  /// What a user should know of how the data was understood, a line each.
  var notes: [String] = []

  /// The outputs of a network for these targets: one for each class, or for each value.
  var outputCount: Int {
    switch training.targets {
    case .classes: training.classCount ?? 0
    case .values(let values): values.shape.elementsPerRow
    }
  }
}

extension Targets {
  /// The loss that is usual for targets of this kind.
  var usualLoss: any Loss {
    switch self {
    case .classes: SoftmaxCrossEntropy()
    case .values: MeanSquaredError()
    }
  }
}
