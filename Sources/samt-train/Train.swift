import Foundation
import SAMT

/// Runs every training that the options ask for, and compares them where there are several.
func run(_ options: Options) throws(SAMTError) {
  if let threads = options.threads { Threads.count = threads }
  let runs = options.runs
  if runs.count > 1 { try check(runs) }
  var comparison = Comparison()
  for run in runs {
    if let last = try train(run) { comparison.add(last, of: run.algorithm) }
  }
  if runs.count > 1 { print("\n" + comparison.table) }
}

/// Settings that do not work are better known before the first training than before the last.
private func check(_ runs: [Options]) throws(SAMTError) {
  let (training, _) = try runs[0].source.load(seed: runs[0].seed)
  for run in runs where run.seed == runs[0].seed {
    let model = try makeModel(run, input: training.exampleShape, classes: training.classCount)
    _ = try makeAlgorithm(run, model: model, totalSteps: 1)
  }
}

/// Builds what the options of a single training ask for, trains it, prints the result, and returns the last epoch's.
@discardableResult
func train(_ options: Options) throws(SAMTError) -> EpochReport? {
  let metrics: MetricsWriter? =
    if let directory = options.outputDirectory {
      try MetricsWriter(directory: URL(fileURLWithPath: directory))
    } else { nil }
  let data = options.source
  let (training, test) = try data.load(seed: options.seed)
  let model = try makeModel(options, input: training.exampleShape, classes: training.classCount)
  let totalSteps = training.count / options.batchSize * options.epochs
  let algorithm = try makeAlgorithm(options, model: model, totalSteps: totalSteps)

  var configuration = Trainer.Configuration()
  configuration.epochs = options.epochs
  configuration.batchSize = options.batchSize
  configuration.seed = options.seed
  if options.augments { configuration.augmentation = data.augmentation }
  configuration.prefetches = Threads.count > 1  // who asks for one thread gets one
  let trainer = try Trainer(model: model, algorithm: algorithm, configuration: configuration)
  trainer.observers = [ProgressBar()] + (metrics.map { [$0] } ?? [])
  switch options.average {
  case .none: break
  case .ema: trainer.average = WeightAverage(of: model.parameters, .exponential(decay: 0.999))
  case .polynomial: trainer.average = WeightAverage(of: model.parameters, .polynomial(gamma: 10))
  }

  print(summary(options, data: data, model: model, training: training, test: test))
  let reports = try trainer.fit(consume training, test: test)
  guard let last = reports.last else { return nil }
  if let averaged = last.averagedTestAccuracy { print(String(format: "averaged test accuracy %.4f", averaged)) }
  print(String(format: "test accuracy %.4f", last.testAccuracy))
  return last
}

private func summary(
  _ options: Options, data: DataSource, model: Model, training: Dataset, test: Dataset
) -> String {
  let augmented = options.augments ? ", augmented" : ""
  let parameters = model.parameters.reduce(0) { $0 + $1.value.count }
  return """
    data   \(data): \(training.count) training, \(test.count) test examples\(augmented)
    model  \(options.model), \(training.exampleShape) to \(model.outputShape), \(parameters) parameters
    method \(options.algorithm.rawValue), batch \(options.batchSize), \(options.epochs) epochs, seed \(options.seed)
    kernels \(KernelISA.active.rawValue), \(Threads.count) thread\(Threads.count == 1 ? "" : "s")

    """
}
