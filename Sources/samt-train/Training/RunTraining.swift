import Foundation
import SAMT

/// Builds what the settings ask for, trains it, prints the result, and returns the last epoch's.
@discardableResult
func runTraining(_ settings: TrainingSettings, output: OutputSettings) throws -> EpochReport? {
  let directory = try output.check()
  let (training, test) = try settings.source.load(seed: settings.seed)
  let model = try settings.makeModel(for: training)
  let trainer = try Trainer(
    model: model, algorithm: try settings.makeAlgorithm(for: model, on: training),
    configuration: settings.configuration)
  trainer.average = settings.makeAverage(of: model)
  let printer = TrainingPrinter()
  trainer.observers = [printer.progressBar]
  if let directory {
    try directory.prepare()
    trainer.observers.append(try MetricsWriter(directory: URL(fileURLWithPath: directory.path)))
  }
  try printer.printSummary(settings, model: model, training: training, test: test)
  let reports = try trainer.fit(training, test: test)
  guard let last = reports.last else { return nil }
  try printer.printResult(last)
  return last
}
