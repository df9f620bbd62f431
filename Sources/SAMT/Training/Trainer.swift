import Dispatch

/// Trains a model on a data set, epoch by epoch.
public final class Trainer {
  /// What a training needs besides model, algorithm and data.
  public struct Configuration: Sendable, Codable {
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

  private let executor: ModelExecutor
  private let evaluator: Evaluator

  /// A trainer of `model` by `algorithm`, which was made for that model.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a number of epochs or a batch size below 1.
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
    self.model = model
    self.algorithm = algorithm
    self.loss = loss
    self.configuration = configuration
    executor = ModelExecutor(for: model, batchSize: configuration.batchSize)
    evaluator = Evaluator(model, loss: loss)
  }

  /// Trains for all epochs, evaluating on `test` after each.
  ///
  /// - Parameters:
  ///   - training: shuffled in place, so pass the only copy (`consume`) to keep it in memory once.
  ///   - test: never trained on.
  /// - Throws: ``SAMTError/shape(layer:expected:found:)`` where the examples do not fit the model,
  ///   ``SAMTError/configuration(_:)`` where the classes do not, the data fills no minibatch or the augmentation cannot
  ///   take the examples, and what an observer throws.
  public func fit(_ training: consuming Dataset, test: Dataset) throws(SAMTError) -> [EpochReport] {
    try check(training, "training")
    try check(test, "test")
    let stepsPerEpoch = training.count / configuration.batchSize
    guard stepsPerEpoch > 0 else {
      throw .configuration(
        "\(training.count) training examples do not fill a minibatch of \(configuration.batchSize)")
    }
    var generator = Generator(seed: configuration.seed, stream: 1 << 32)
    let pipeline = try BatchPipeline(
      for: training.exampleShape, batchSize: configuration.batchSize, augmentation: configuration.augmentation,
      prefetches: configuration.prefetches, generator: Generator(seed: configuration.seed, stream: 1 << 32 | 1))
    var reports: [EpochReport] = []
    for epoch in 1...configuration.epochs {
      let start = DispatchTime.now().uptimeNanoseconds
      executor.unload()  // so that the shuffle below finds the memory its own
      training.shuffle(using: &generator)
      var progress = TrainingProgress(
        epoch: epoch, epochs: configuration.epochs, step: 0, stepsPerEpoch: stepsPerEpoch, loss: 0, accuracy: 0,
        seconds: 0, samplesPerSecond: 0)
      var (total, correct) = (0.0, 0)
      pipeline.forEachBatch(of: training) { batch in
        let report = algorithm.step(batch, in: executor, loss: loss)
        average?.update()
        total += report.loss
        correct += report.correct
        progress.step += 1
        let seen = progress.step * configuration.batchSize
        progress.loss = total / Double(progress.step)
        progress.accuracy = Double(correct) / Double(seen)
        progress.seconds = Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
        progress.samplesPerSecond = Double(seen) / progress.seconds
        for observer in observers { observer.didFinishStep(progress) }
      }
      let report = evaluate(after: progress, on: test)
      reports.append(report)
      for observer in observers { try observer.didFinishEpoch(report) }
    }
    return reports
  }

  private func evaluate(after progress: TrainingProgress, on test: Dataset) -> EpochReport {
    let result = evaluator.evaluate(test)
    let averaged = average?.withAverages { evaluator.evaluate(test).accuracy }
    return EpochReport(
      epoch: progress.epoch, trainingLoss: progress.loss, trainingAccuracy: progress.accuracy, testLoss: result.loss,
      testAccuracy: result.accuracy, averagedTestAccuracy: averaged, seconds: progress.seconds,
      samplesPerSecond: progress.samplesPerSecond, parameterUpdates: algorithm.parameterUpdates,
      layerPasses: executor.passes, blocks: algorithm.blockReports)
  }

  private func check(_ dataset: borrowing Dataset, _ name: String) throws(SAMTError) {
    guard dataset.exampleShape.count == model.inputShape.count else {
      throw .shape(
        layer: "\(name) data", expected: "examples of shape \(model.inputShape)", found: dataset.exampleShape)
    }
    guard dataset.classCount <= model.outputShape.count else {
      throw .configuration(
        "the \(name) data has \(dataset.classCount) classes, the model \(model.outputShape.count) outputs")
    }
    guard dataset.count > 0 else { throw .configuration("the \(name) data is empty") }
  }
}
