import Foundation
import SAMT

/// Builds what the options ask for, trains it, and prints the result.
func train(_ options: Options) throws(SAMTError) {
  if let threads = options.threads { Threads.count = threads }
  let metrics: MetricsWriter? =
    if let directory = options.outputDirectory {
      try MetricsWriter(directory: URL(fileURLWithPath: directory))
    } else { nil }
  let (training, test) = try loadData(options)
  let model = try makeModel(options, input: training.exampleShape.count, classes: training.classCount)
  let totalSteps = training.count / options.batchSize * options.epochs
  let algorithm = try makeAlgorithm(options, model: model, totalSteps: totalSteps)

  var configuration = Trainer.Configuration()
  configuration.epochs = options.epochs
  configuration.batchSize = options.batchSize
  configuration.seed = options.seed
  let trainer = try Trainer(model: model, algorithm: algorithm, configuration: configuration)
  trainer.observers = [ProgressBar()] + (metrics.map { [$0] } ?? [])
  switch options.average {
  case .none: break
  case .ema: trainer.average = WeightAverage(of: model.parameters, .exponential(decay: 0.999))
  case .polynomial: trainer.average = WeightAverage(of: model.parameters, .polynomial(gamma: 10))
  }

  print(summary(options, model: model, training: training, test: test))
  let reports = try trainer.fit(consume training, test: test)
  guard let last = reports.last else { return }
  if let averaged = last.averagedTestAccuracy { print(String(format: "averaged test accuracy %.4f", averaged)) }
  print(String(format: "test accuracy %.4f", last.testAccuracy))
}

private func loadData(_ options: Options) throws(SAMTError) -> (training: Dataset, test: Dataset) {
  if let directory = options.dataDirectory { return try Dataset.loadMNIST(directory: directory) }
  return Dataset.digits(seed: options.seed)
}

private func makeModel(_ options: Options, input: Int, classes: Int) throws(SAMTError) -> Model {
  let widths = [input] + options.hiddenWidths
  return try Model(input: [input], seed: options.seed) {
    if options.inputDropout > 0 { Dropout(options.inputDropout) }
    for layer in 1..<widths.count {
      Linear(widths[layer - 1], widths[layer])
      ReLU()
      if options.dropout > 0 { Dropout(options.dropout) }
    }
    Linear(widths[widths.count - 1], classes)
  }
}

private func makeSchedule(_ options: Options, totalSteps: Int) -> Schedule {
  let steps = max(totalSteps - options.warmUpSteps, 1)
  let schedule: Schedule =
    switch options.schedule {
    case .constant: .constant
    case .cosine: .cosine(over: steps)
    case .step: .step(every: max(steps / 3, 1))
    }
  return options.warmUpSteps > 0 ? .warmUp(steps: options.warmUpSteps, then: schedule) : schedule
}

private func makeAlgorithm(
  _ options: Options, model: Model, totalSteps: Int
) throws(SAMTError) -> any TrainingAlgorithm {
  let schedule = makeSchedule(options, totalSteps: totalSteps)
  func samt(_ granularity: StepSizes.Granularity) throws(SAMTError) -> any TrainingAlgorithm {
    guard options.learningRate == nil else {
      throw .configuration("--learning-rate is for the other optimizers; SAMT's steps start at --eta0")
    }
    guard options.clipping == nil else { throw .configuration("gradient clipping is for the other optimizers") }
    let projection: StepSizes.Projection =
      switch options.projection {
      case .logarithmic: .logarithmicTanh
      case .relative: .relativeTanh
      case .sigmoid: .sigmoid
      }
    var configuration = SAMTOptimizer.Configuration()
    configuration.stepSizes = StepSizes(
      granularity, initial: options.initialStepSize, projection: projection, isGated: options.isGated,
      learningRate: options.etaLearningRate)
    configuration.blocks = options.blocks == .oneGroup ? .oneGroup : .perLayer
    configuration.blocksPerBatch = options.blocksPerBatch
    configuration.order = options.order
    configuration.isGuarded = options.isGuarded
    configuration.schedule = schedule
    configuration.weightDecay = Double(options.weightDecay ?? 0)
    configuration.seed = options.seed
    return try SAMTOptimizer(for: model, configuration)
  }
  func sgd(_ rate: Float, momentum: Float, nesterov: Bool = false) throws(SAMTError) -> any TrainingAlgorithm {
    Backpropagation(
      try SGD(
        model.parameters, learningRate: options.learningRate ?? rate, momentum: momentum, nesterov: nesterov,
        weightDecay: options.weightDecay ?? 0),
      schedule: schedule, clipping: options.clipping)
  }
  func adam(weightDecay: Float) throws(SAMTError) -> any TrainingAlgorithm {
    Backpropagation(
      try Adam(
        model.parameters, learningRate: options.learningRate ?? 1e-3, weightDecay: options.weightDecay ?? weightDecay),
      schedule: schedule, clipping: options.clipping)
  }
  switch options.algorithm {
  case .samtS: return try samt(.scalar)
  case .samtR: return try samt(.row)
  case .samtC: return try samt(.column)
  case .samtE: return try samt(.element)
  case .sgd: return try sgd(1, momentum: 0)
  case .momentum: return try sgd(0.1, momentum: 0.9)
  case .nesterov: return try sgd(0.1, momentum: 0.9, nesterov: true)
  case .adam: return try adam(weightDecay: 0)
  case .adamw: return try adam(weightDecay: 0.01)
  }
}

private func summary(_ options: Options, model: Model, training: Dataset, test: Dataset) -> String {
  let widths = [model.inputShape.count] + options.hiddenWidths + [model.outputShape.count]
  let parameters = model.parameters.reduce(0) { $0 + $1.value.count }
  return """
    data   \(options.dataDirectory ?? "built-in digits"): \(training.count) training, \(test.count) test examples
    model  \(widths.map(String.init).joined(separator: "-")), \(parameters) parameters
    method \(options.algorithm.rawValue), batch \(options.batchSize), \(options.epochs) epochs, seed \(options.seed)
    kernels \(KernelISA.active.rawValue), \(Threads.count) thread\(Threads.count == 1 ? "" : "s")

    """
}
