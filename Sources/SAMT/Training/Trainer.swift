import Dispatch

/// Trains a model on a data set, epoch by epoch.
///
/// A trainer has a position: ``fit(_:validation:test:epochs:)`` goes on where the last call ended, or where a checkpoint was taken
/// that it resumed from.
public final class Trainer {
  /// What a training needs besides model, algorithm and data.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How often the data set is gone through.
    public var epochs = 10
    /// Examples in a minibatch; the last one of an epoch has what is left.
    public var batchSize = 128
    /// Whether a last minibatch with fewer examples is left out.
    public var dropsLastBatch = false
    /// Where the order of the examples and the augmentation come from.
    public var seed: UInt64 = 0
    /// What happens to training images, anew in each epoch; nil for nothing.
    public var augmentation: Augmentation?
    /// How many shards a minibatch is divided into, each of which runs alone (<doc:DataParallel>); nil for as many as
    /// there are ranks.
    public var shards: Int?
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
  /// The settings, of which ``Configuration/shards`` is settled.
  public let configuration: Configuration
  /// The ranks that train together.
  public let communicator: any Communicator
  /// Who watches.
  public var observers: [any TrainingObserver] = []
  /// An average of the weights, updated after each step that moved them and evaluated beside them.
  public var average: WeightAverage?
  /// What ends the training where it has not become better for a while; nil for nothing.
  public var earlyStopping: EarlyStopping?
  /// The reports of all epochs so far.
  public internal(set) var reports: [EpochReport] = []

  /// What says which of two models is better: the first metric, or the loss where there is none.
  public var criterion: Criterion { Criterion(metrics.metrics) }

  let executor: ModelExecutor
  let metrics: MetricAccumulator
  /// For an epoch's last batch, where that is smaller; made once.
  private var smallerExecutor: ModelExecutor?
  var position = Position()
  private let evaluator: Evaluator
  /// At the algorithm's evaluation weights, and at the average's; nil where there are none, or no batch norm.
  private var evaluationStatistics: EvaluationStatistics?
  private var averageStatistics: EvaluationStatistics?
  private var isStopping = false

  /// A trainer of `model` by `algorithm`, which was made for that model.
  ///
  /// - Parameters:
  ///   - metrics: what is measured besides the loss; the first says which of two models is better. Nil for what is usual
  ///     for the loss.
  ///   - communicator: the ranks that train together, each of which has a trainer made in the same way.
  /// - Throws: ``SAMTError/configuration(_:)`` for a number of epochs or a batch size below 1, where a layer cannot be
  ///   trained on batches of this size, where a minibatch cannot be divided into that many shards, where two metrics have
  ///   one name, and where the names of the model's layers would clash with those of a checkpoint's other parts.
  public init(
    model: Model, algorithm: any TrainingAlgorithm, loss: any Loss = SoftmaxCrossEntropy(),
    metrics: [any Metric]? = nil, configuration: Configuration = Configuration(),
    communicator: any Communicator = LocalCommunicator()
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
    let (batchSize, shards) = (configuration.batchSize, configuration.shards ?? communicator.size)
    if let problem = Trainer.problem(batchSize: batchSize, shards: shards, ranks: communicator.size, model) {
      throw .configuration(problem)
    }
    let metrics = metrics ?? loss.usualMetrics
    guard Set(metrics.map(\.name)).count == metrics.count else {
      throw .configuration("two metrics have one name: \(metrics.map(\.name).joined(separator: ", "))")
    }
    self.model = model
    self.metrics = MetricAccumulator(metrics, outputs: model.outputShape.count)
    self.algorithm = algorithm
    self.loss = loss
    self.communicator = communicator
    var configuration = configuration
    configuration.shards = shards
    self.configuration = configuration
    executor = ModelExecutor(for: model, batchSize: batchSize, shards: shards, on: communicator)
    executor.metrics = self.metrics
    evaluator = Evaluator(model, loss: loss, metrics: metrics, communicator: communicator)
  }

  /// Trains epoch by epoch, evaluating after each.
  ///
  /// With ``earlyStopping``, the model has its best epoch's weights at the end: after the last epoch, or where it did not
  /// become better for a while. A checkpoint has the last epoch's all the same, so that a training can go on from it.
  ///
  /// - Parameters:
  ///   - training: gone through in a random order that depends on seed and epoch alone.
  ///   - validation: never trained on; says which epoch's model is the best.
  ///   - test: never trained on; says so where there is no validation.
  ///   - epochs: how many more; nil for what is left of the configuration's, and for as many again where none is left.
  /// - Returns: the reports of the epochs that this call finished.
  /// - Throws: ``SAMTError/shape(layer:expected:found:)`` where the examples do not fit the model,
  ///   ``SAMTError/configuration(_:)`` where there are none, the targets do not fit model, loss or metrics, the data fills
  ///   no minibatch, a layer cannot be trained on as few examples as the last one has (one, for a batch norm), the
  ///   augmentation cannot take the examples, the algorithm was made for another model, or a checkpoint in the middle of
  ///   an epoch was taken on other data; and what an observer throws.
  @discardableResult
  public func fit(
    _ training: Dataset, validation: Dataset? = nil, test: Dataset? = nil, epochs: Int? = nil
  ) throws(SAMTError) -> [EpochReport] {
    try check(training, "training")
    if let validation { try check(validation, "validation") }
    if let test { try check(test, "test") }
    try checkFullBatch(of: training)
    if earlyStopping != nil && validation == nil && test == nil {
      throw .configuration("early stopping needs validation or test examples")
    }
    try requireAgreement(on: training)
    let pipeline = try BatchPipeline(
      for: training, batchSize: configuration.batchSize, dropsLast: configuration.dropsLastBatch,
      augmentation: configuration.augmentation, prefetches: configuration.prefetches,
      shuffles: !algorithm.isFullBatch, seed: configuration.seed)
    guard pipeline.stepsPerEpoch > 0 else {
      throw .configuration(
        "\(training.count) training examples do not fill a minibatch of \(configuration.batchSize)")
    }
    try prepareLastBatch(training.count % configuration.batchSize)
    guard position.step == 0 || position.examples == training.count else {
      throw .configuration(
        "the training stopped in the middle of an epoch of \(position.examples) examples, found \(training.count)")
    }
    position.examples = training.count
    evaluationStatistics =
      algorithm.hasEvaluationWeights ? try EvaluationStatistics(of: model, on: training, configuration) : nil
    averageStatistics = average != nil ? try EvaluationStatistics(of: model, on: training, configuration) : nil
    let last = try lastEpoch(epochs)
    let plan = TrainingPlan(
      epochs: last, stepsPerEpoch: pipeline.stepsPerEpoch, batchSize: min(configuration.batchSize, training.count),
      shards: configuration.shards ?? 1)
    try algorithm.begin(plan, for: model)
    isStopping = false
    let finished = reports.count
    while position.epochs < last && !isStopping && earlyStopping?.isOver != true {
      train(pipeline, epochs: last)
      executor.unload()
      smallerExecutor?.unload()
      guard position.step == pipeline.stepsPerEpoch else { break }
      let report = try report(validation: validation, test: test)
      reports.append(report)
      try withEvaluationWeights { earlyStopping?.add(report, by: criterion) }
      position = Position(epochs: position.epochs + 1, examples: training.count)
      metrics.reset()
      for observer in observers { try observer.didFinishEpoch(report, of: self) }
    }
    for observer in observers { try observer.didFinishTraining(of: self) }
    if let earlyStopping, position.epochs == last || earlyStopping.isOver { earlyStopping.restoreBest() }
    return Array(reports[finished...])
  }

  /// Ends ``fit(_:validation:test:epochs:)`` after the current step, in an orderly way; the next call goes on from there.
  public func stop() { isStopping = true }

  /// The epoch with which a call to ``fit(_:validation:test:epochs:)`` ends.
  private func lastEpoch(_ epochs: Int?) throws(SAMTError) -> Int {
    guard let epochs else {
      let isDone = position.epochs >= configuration.epochs
      return configuration.epochs + (isDone ? position.epochs : 0)
    }
    guard epochs >= 1 else { throw .configuration("the number of epochs must be at least 1, found \(epochs)") }
    return position.epochs + epochs
  }

  /// What keeps the model from being trained on minibatches of this size in so many shards; nil where nothing does.
  private static func problem(batchSize: Int, shards: Int, ranks: Int, _ model: Model) -> String? {
    BatchDivision.problem(batchSize: batchSize, shards: shards, ranks: ranks)
      ?? model.graph.trainingProblem(batchSize: batchSize / shards)
  }

  /// Makes an executor for an epoch's last batch of `count` examples, where that is used and there is none yet.
  private func prepareLastBatch(_ count: Int) throws(SAMTError) {
    guard count > 0, !configuration.dropsLastBatch, smallerExecutor?.batchSize != count else { return }
    let (shards, ranks) = (configuration.shards ?? 1, communicator.size)
    if let problem = Trainer.problem(batchSize: count, shards: shards, ranks: ranks, model) {
      throw .configuration(
        "an epoch's last minibatch has \(count) of \(configuration.batchSize) examples: \(problem); leave it out, or"
          + " choose another batch size")
    }
    smallerExecutor = ModelExecutor(sharing: executor, batchSize: count)
  }

  /// The executor for batches of this size.
  private func executor(for batch: Batch) -> ModelExecutor {
    if let smallerExecutor, batch.count == smallerExecutor.batchSize { return smallerExecutor }
    return executor
  }

  /// Goes through what is left of the current epoch.
  private func train(_ pipeline: BatchPipeline, epochs: Int) {
    let before = position.seconds
    let start = DispatchTime.now().uptimeNanoseconds
    pipeline.forEachBatch(epoch: position.epochs + 1, from: position.step) { batch in
      let updates = algorithm.parameterUpdates
      let report = algorithm.step(batch, in: executor(for: batch), loss: loss)
      if algorithm.parameterUpdates > updates { average?.update() }
      position.add(report, weight: loss.weight(of: batch.targets))
      if position.step == pipeline.stepsPerEpoch {
        let gradients = algorithm.gradientReports
        position.gradients = gradients.isEmpty ? nil : gradients
      }
      position.seconds = before + Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
      let progress = TrainingProgress(
        epoch: position.epochs + 1, epochs: epochs, step: position.step, stepsPerEpoch: pipeline.stepsPerEpoch,
        loss: position.loss, seconds: position.seconds, samplesPerSecond: samplesPerSecond,
        measured: metrics.metrics)
      for index in observers.indices { observers[index].didFinishStep(progress, of: self) }
      if report.endsTraining { isStopping = true }
      isStopping = communicator.any(isStopping)
      return !isStopping
    }
  }

  /// The training examples per second so far in this epoch.
  private var samplesPerSecond: Double {
    Double(min(position.step * configuration.batchSize, position.examples)) / position.seconds
  }

  private func report(validation: Dataset?, test: Dataset?) throws(SAMTError) -> EpochReport {
    var report = EpochReport(
      epoch: position.epochs + 1, training: Evaluation(loss: position.loss, metrics: metrics.values),
      seconds: position.seconds, samplesPerSecond: samplesPerSecond,
      parameterUpdates: algorithm.parameterUpdates, layerPasses: executor.passes, algorithm: algorithm.metrics,
      blocks: algorithm.blockReports, gradients: position.gradients)
    try withEvaluationWeights { () throws(SAMTError) in
      if let validation { report.validation = try evaluator.evaluate(validation) }
      if let test { report.test = try evaluator.evaluate(test) }
    }
    if let average, let test {
      report.averagedTest = try average.withAverages { () throws(SAMTError) in
        try withStatistics(averageStatistics) { () throws(SAMTError) in try evaluator.evaluate(test) }
      }
    }
    return report
  }

  /// Calls `body` with the weights that should be evaluated and used in the parameters' place, as
  /// ``TrainingAlgorithm/withEvaluationWeights(_:)`` does.
  ///
  /// Where these are not the trained ones, the running statistics of batch norms are gathered anew at them for the time,
  /// as means over 32 training minibatches, or an epoch's where it has fewer.
  ///
  /// - Throws: what `body` throws.
  public func withEvaluationWeights(_ body: () throws(SAMTError) -> Void) throws(SAMTError) {
    try algorithm.withEvaluationWeights { () throws(SAMTError) in try withStatistics(evaluationStatistics, body) }
  }

  private func withStatistics<Result>(
    _ statistics: EvaluationStatistics?, _ body: () throws(SAMTError) -> Result
  ) throws(SAMTError) -> Result {
    guard let statistics else { return try body() }
    return try statistics(after: algorithm.parameterUpdates, epoch: position.epochs + 1, body)
  }

  /// A full-batch algorithm needs all examples in each step, the same ones each time.
  private func checkFullBatch(of training: Dataset) throws(SAMTError) {
    guard algorithm.isFullBatch else { return }
    guard configuration.batchSize == training.count else {
      throw .configuration(
        "\(type(of: algorithm)) takes the whole data set in each step: expected a batch size of \(training.count), "
          + "found \(configuration.batchSize)")
    }
    guard configuration.shards == 1 else {
      throw .configuration("\(type(of: algorithm)) takes the whole data set at once: it cannot be divided into shards")
    }
    guard configuration.augmentation == nil else {
      throw .configuration("\(type(of: algorithm)) takes the same examples in each step: they cannot be augmented")
    }
  }

  private func check(_ dataset: Dataset, _ name: String) throws(SAMTError) {
    try dataset.check(for: model, loss: loss, metrics: metrics.metrics, name: name)
    guard dataset.count > 0 else { throw .configuration("the \(name) data is empty") }
  }
}
