import Dispatch

/// Trains a model on a data set, epoch by epoch.
///
/// A trainer has a position: ``fit(_:test:epochs:)`` goes on where the last call ended, or where a checkpoint was taken
/// that it resumed from.
public final class Trainer {
  /// What a training needs besides model, algorithm and data.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How often the data set is gone through.
    public var epochs = 10
    /// Examples in a minibatch; the last, smaller one of an epoch is left out.
    public var batchSize = 128
    /// Where the order of the examples and the augmentation come from.
    public var seed: UInt64 = 0
    /// What happens to training images, anew in each epoch; nil for nothing.
    public var augmentation: Augmentation?
    /// Whether augmented batches are prepared on another thread while a step runs; the results are the same.
    public var prefetches = true

    /// The defaults.
    public init() {}
  }

  /// The model being trained.
  public let model: Model
  /// What moves its parameters.
  public let algorithm: any TrainingAlgorithm
  /// What is made small.
  public let loss: any Loss
  /// The settings.
  public let configuration: Configuration
  /// Who watches.
  public var observers: [any TrainingObserver] = []
  /// An average of the weights, updated after each step and evaluated beside them.
  public var average: WeightAverage?
  /// The reports of all epochs so far.
  public internal(set) var reports: [EpochReport] = []

  let executor: ModelExecutor
  var position = Position()
  private let evaluator: Evaluator
  private var isStopping = false

  /// A trainer of `model` by `algorithm`, which was made for that model.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a number of epochs or a batch size below 1, where a layer cannot be
  ///   trained on batches of this size, and where the names of the model's layers would clash with those of a checkpoint's
  ///   other parts.
  public init(
    model: Model, algorithm: any TrainingAlgorithm, loss: any Loss = SoftmaxCrossEntropy(),
    configuration: Configuration = Configuration()
  ) throws(SAMTError) {
    guard configuration.epochs >= 1 else {
      throw .configuration("the number of epochs must be at least 1, found \(configuration.epochs)")
    }
    guard configuration.batchSize >= 1 else {
      throw .configuration("the batch size must be at least 1, found \(configuration.batchSize)")
    }
    for name in model.layerNames where CheckpointPart.isReserved(name) {
      throw .configuration("a layer cannot be named \(name): checkpoints use the name")
    }
    if let problem = model.graph.trainingProblem(batchSize: configuration.batchSize) { throw .configuration(problem) }
    self.model = model
    self.algorithm = algorithm
    self.loss = loss
    self.configuration = configuration
    executor = ModelExecutor(for: model, batchSize: configuration.batchSize)
    evaluator = Evaluator(model, loss: loss)
  }

  /// Trains epoch by epoch, evaluating on `test` after each.
  ///
  /// - Parameters:
  ///   - training: gone through in a random order that depends on seed and epoch alone.
  ///   - test: never trained on.
  ///   - epochs: how many more; nil for what is left of the configuration's, and for as many again where none is left.
  /// - Returns: the reports of the epochs that this call finished.
  /// - Throws: ``SAMTError/shape(layer:expected:found:)`` where the examples do not fit the model,
  ///   ``SAMTError/configuration(_:)`` where the classes do not, the loss takes no classes, the data fills no minibatch, the augmentation cannot
  ///   take the examples, the algorithm was made for another model, or a checkpoint in the middle of an epoch was taken
  ///   on other data; and what an observer throws.
  @discardableResult
  public func fit(_ training: Dataset, test: Dataset, epochs: Int? = nil) throws(SAMTError) -> [EpochReport] {
    try check(training, "training")
    try check(test, "test")
    let pipeline = try BatchPipeline(
      for: training, batchSize: configuration.batchSize, augmentation: configuration.augmentation,
      prefetches: configuration.prefetches, seed: configuration.seed)
    guard pipeline.stepsPerEpoch > 0 else {
      throw .configuration(
        "\(training.count) training examples do not fill a minibatch of \(configuration.batchSize)")
    }
    guard position.step == 0 || position.examples == training.count else {
      throw .configuration(
        "the training stopped in the middle of an epoch of \(position.examples) examples, found \(training.count)")
    }
    position.examples = training.count
    let last = try lastEpoch(epochs)
    try algorithm.begin(
      TrainingPlan(epochs: last, stepsPerEpoch: pipeline.stepsPerEpoch, batchSize: configuration.batchSize),
      for: model)
    isStopping = false
    let finished = reports.count
    while position.epochs < last && !isStopping {
      train(pipeline, epochs: last)
      executor.unload()
      guard position.step == pipeline.stepsPerEpoch else { break }
      let report = try evaluate(on: test)
      reports.append(report)
      position = Position(epochs: position.epochs + 1, examples: training.count)
      for observer in observers { try observer.didFinishEpoch(report, of: self) }
    }
    for observer in observers { try observer.didFinishTraining(of: self) }
    return Array(reports[finished...])
  }

  /// Ends ``fit(_:test:epochs:)`` after the current step, in an orderly way; the next call goes on from there.
  public func stop() { isStopping = true }

  /// The epoch with which a call to ``fit(_:test:epochs:)`` ends.
  private func lastEpoch(_ epochs: Int?) throws(SAMTError) -> Int {
    guard let epochs else {
      let isDone = position.epochs >= configuration.epochs
      return configuration.epochs + (isDone ? position.epochs : 0)
    }
    guard epochs >= 1 else { throw .configuration("the number of epochs must be at least 1, found \(epochs)") }
    return position.epochs + epochs
  }

  /// Goes through what is left of the current epoch.
  private func train(_ pipeline: BatchPipeline, epochs: Int) {
    let before = position.seconds
    let start = DispatchTime.now().uptimeNanoseconds
    pipeline.forEachBatch(epoch: position.epochs + 1, from: position.step) { batch in
      let report = algorithm.step(batch, in: executor, loss: loss)
      average?.update()
      position.add(report)
      position.seconds = before + Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
      let progress = TrainingProgress(
        position, epochs: epochs, stepsPerEpoch: pipeline.stepsPerEpoch, batchSize: configuration.batchSize)
      for index in observers.indices { observers[index].didFinishStep(progress, of: self) }
      if report.endsTraining { isStopping = true }
      return !isStopping
    }
  }

  private func evaluate(on test: Dataset) throws(SAMTError) -> EpochReport {
    var result = Evaluator.Result(loss: 0, accuracy: 0)
    try algorithm.withEvaluationWeights { result = evaluator.evaluate(test) }
    let averaged = average?.withAverages { evaluator.evaluate(test).accuracy }
    let seen = Double(position.step * configuration.batchSize)
    return EpochReport(
      epoch: position.epochs + 1, trainingLoss: position.totalLoss / Double(position.step),
      trainingAccuracy: Double(position.correct) / seen, testLoss: result.loss, testAccuracy: result.accuracy,
      averagedTestAccuracy: averaged, seconds: position.seconds, samplesPerSecond: seen / position.seconds,
      parameterUpdates: algorithm.parameterUpdates, layerPasses: executor.passes, metrics: algorithm.metrics,
      blocks: algorithm.blockReports)
  }

  private func check(_ dataset: Dataset, _ name: String) throws(SAMTError) {
    guard dataset.exampleShape.count == model.inputShape.count else {
      throw .shape(
        layer: "\(name) data", expected: "examples of shape \(model.inputShape)", found: dataset.exampleShape)
    }
    guard dataset.classCount <= model.outputShape.count else {
      throw .configuration(
        "the \(name) data has \(dataset.classCount) classes, the model \(model.outputShape.count) outputs")
    }
    guard dataset.count > 0 else { throw .configuration("the \(name) data is empty") }
    guard loss.accepts(dataset.batch(0..<1).targets) else {
      throw .configuration("\(type(of: loss)) does not take the \(name) data's targets, which are classes")
    }
  }
}
