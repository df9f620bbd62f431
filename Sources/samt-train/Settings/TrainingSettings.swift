import CommandLineOptions
import SAMT

/// One training: everything that its result depends on.
struct TrainingSettings {
  enum Average: String, CaseIterable { case none, ema, polynomial }

  var data: DataSource?
  var dataOptions = DataOptions()
  var augments = false
  /// The fraction of the training examples that say which epoch is the best.
  var validationFraction: Double?
  /// Whether the test examples are neither trained on nor evaluated.
  var leavesOutTest = false
  var loss = LossSettings()
  var network = NetworkSettings()
  var method = Method.all[0].usual
  var epochs = 12
  /// Nil for what is usual with the method.
  var batchSize: Int?
  var dropsLastBatch = false
  var patience: Int?
  /// Nil for as many as there are ranks.
  var shards: Int?
  var average = Average.none
  var seed: UInt64 = 0
  /// A file of weights to begin with.
  var initialWeights: String?
  /// Patterns of the paths of layers and containers whose parameters stay as they are.
  var frozen: [String] = []

  /// The options of all trainings; ``method`` has its own.
  static var options: OptionTable<Self> {
    OptionTable("data") {
      CommandLineOption(
        "--data", "SOURCE",
        "where the examples come from, see below; default digits, with networks for 32 x 32 images shapes", \Self.data,
        .dataSource)
      CommandLineOption(
        "--augment", "random crops, and for images in colour flips, of the training images", \Self.augments)
      CommandLineOption(
        "--validation-fraction", "X",
        "part of the training examples that are not trained on, and in place of the test examples say which epoch is the "
          + "best", \Self.validationFraction, .probability)
      CommandLineOption(
        "--no-test", "leaves the test examples alone: nothing is evaluated on them", \Self.leavesOutTest)
    } + DataOptions.options.lifted(\Self.dataOptions) + NetworkSettings.options.lifted(\Self.network)
      + LossSettings.options.lifted(\Self.loss)
      + OptionTable("training") {
        CommandLineOption("--epochs", "N", "how often the data is gone through", \Self.epochs, .integer(1...1_000_000))
        CommandLineOption(
          "--batch", "N",
          "examples in a minibatch; otherwise \(usualBatchSize), and all with "
            + Method.all.filter { !$0.takesMinibatches }.map(\.name).joined(separator: ", "),
          \Self.batchSize, .integer(1...1_000_000))
        CommandLineOption(
          "--drop-last", "leaves out an epoch's last minibatch where it is smaller", \Self.dropsLastBatch)
        CommandLineOption(
          "--patience", "N",
          "ends the training after so many epochs without a better one, and takes the best one's weights",
          \Self.patience, .integer(1...1_000_000))
        CommandLineOption(
          "--shards", "N", "parts of a minibatch that run apart, and on ranks of mpirun at once; otherwise one a rank",
          \Self.shards, .integer(1...4096))
        CommandLineOption(
          "--average", "NAME", "of the weights, evaluated too: " + names(Average.self), \Self.average, .choice)
        CommandLineOption(
          "--seed", "N", "of weights, order, dropout and augmentation", \Self.seed,
          ValueFormat<Int>.integer(0...Int.max).map({ UInt64($0) }, { Int($0) }))
        CommandLineOption(
          "--init", "FILE", "weights to begin with, of a model file or a checkpoint", \Self.initialWeights, .path)
        CommandLineOption(
          "--freeze", "PATTERN",
          "layers or containers whose parameters stay as they are, * in their paths for anything; may be given more "
            + "than once", \Self.frozen, .text)
      }
  }

  /// The data, asked for or usual for the network.
  var source: DataSource { data ?? network.model.usualData }

  /// Examples in a minibatch where nothing else is asked for.
  private static let usualBatchSize = 128

  /// Examples in a minibatch, asked for or usual for the method; nil for all.
  var methodBatchSize: Int? { batchSize ?? (method.takesMinibatches ? Self.usualBatchSize : nil) }

  /// Examples in a minibatch of a data set of so many.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where a method that takes all examples at once is asked for others.
  func batchSize(of examples: Int) throws(SAMTError) -> Int {
    let size = methodBatchSize ?? examples
    guard method.takesMinibatches || size == examples else {
      throw .configuration(
        "--batch: \(method.name) takes all \(examples) training examples in each step, found \(size)")
    }
    return size
  }
}

extension TrainingSettings {
  /// The examples, with the targets that the loss takes.
  ///
  /// - Parameter access: whether inputs that lie in their files as they are used are read at once or mapped.
  /// - Throws: ``SAMTError`` where they cannot be read or divided, or an option would be ignored.
  func loadData(_ access: FileAccess = .copied) throws(SAMTError) -> TrainingData {
    var data = try source.load(dataOptions, seed: seed, validationFraction: validationFraction, access: access)
    data.training = loss.prepared(data.training)
    data.validation = data.validation.map(loss.prepared)
    data.test = loss.prepared(data.test)
    return data
  }

  /// The network for these examples, its weights drawn from the seed or taken from a file.
  ///
  /// - Throws: ``SAMTError`` where it cannot take the examples, would ignore a setting, or the file does not fit.
  func makeModel(for data: TrainingData) throws(SAMTError) -> Model {
    let model = try network.make(input: data.training.exampleShape, outputs: data.outputCount, seed: seed)
    model.inputNormalization = data.normalization
    model.tablePreprocessing = data.preprocessing
    model.classNames = data.training.classNames
    model.outputProbabilities = loss.kind(for: data.training) == .bce ? .sigmoid : .softmax
    if let initialWeights { try model.load(from: initialWeights) }
    for path in frozen { try model.freeze(PathPattern(path)) }
    return model
  }

  /// The method for a training of `model` on these examples.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where the settings make no sense, or none for this model.
  func makeAlgorithm(for model: Model, on data: TrainingData) throws(SAMTError) -> any TrainingAlgorithm {
    let batchSize = try batchSize(of: data.training.count)
    let (whole, rest) = data.training.count.quotientAndRemainder(dividingBy: batchSize)
    let stepsPerEpoch = whole + (rest == 0 || dropsLastBatch ? 0 : 1)
    return try method.make(
      for: MethodContext(
        model: model, examples: data.training.count, stepsPerEpoch: stepsPerEpoch, epochs: epochs, seed: seed))
  }

  /// What a trainer on so many examples is told.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where the method cannot take minibatches of the size that is asked for.
  func configuration(examples: Int) throws(SAMTError) -> Trainer.Configuration {
    var configuration = Trainer.Configuration()
    configuration.epochs = epochs
    configuration.batchSize = try batchSize(of: examples)
    configuration.dropsLastBatch = dropsLastBatch
    configuration.shards = shards
    configuration.seed = seed
    if augments { configuration.augmentation = source.augmentation }
    configuration.prefetches = Threads.count > 1  // who asks for one thread gets one
    return configuration
  }

  /// The average of the model's weights that is kept, where one is.
  func makeAverage(of model: Model) throws(SAMTError) -> WeightAverage? {
    switch average {
    case .none: nil
    case .ema: try WeightAverage(of: model.parameters, .exponential(decay: 0.999))
    case .polynomial: try WeightAverage(of: model.parameters, .polynomial(gamma: 10))
    }
  }
}
