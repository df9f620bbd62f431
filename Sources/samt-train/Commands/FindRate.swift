import CommandLineOptions
import Foundation
import SAMT

/// What `find-rate` is asked for.
struct FindRateSettings {
  var method = Method.adam
  var train = TrainSettings(methods: [])
  var lowest = 1e-6
  var highest = 10.0
  var steps: Int?
  var outputFile: String?

  static var options: OptionTable<Self> {
    OptionTable("rates") {
      CommandLineOption("--from", "X", "the first rate", \Self.lowest, .positive)
      CommandLineOption("--to", "X", "the last rate", \Self.highest, .positive)
      CommandLineOption("--steps", "N", "minibatches; otherwise one epoch", \Self.steps, .integer(3...1_000_000))
      CommandLineOption("--out", "FILE", "writes each step there, as CSV", \Self.outputFile, .path)
    } + TrainingSettings.options.lifted(\Self.train.training)
      + OptionTable("method") {
        CommandLineOption(
          "--optimizer", "NAME", "a method with a learning rate, see below", \Self.method, .method)
      } + Method.options(collectedIn: \Self.train.methodOptions)
      + OptionTable("machine") {
        CommandLineOption(
          "--threads", "N", "otherwise the CPUs this process may use", \Self.train.threads, .integer(1...64))
      }
  }
}

extension Command {
  /// Suggests a learning rate.
  static var findRate: Command {
    Command(
      "find-rate", "suggests a learning rate", usage: ["samt-train find-rate [options]"],
      about: """
        Trains once with a rate that grows from minibatch to minibatch, prints how the loss fares, and suggests the rate \
        at which it falls fastest. Nothing of the training is kept.
        """,
      defaults: FindRateSettings(), options: FindRateSettings.options, notes: Method.list + "\n\n" + environmentNotes
    ) { settings, _ in
      try prepareMachine(threads: settings.train.threads)
      if let file = settings.outputFile { try FileSystem.checkFile(file) }
      let result = try rateRange(settings)
      if let file = settings.outputFile { try FileSystem.replace(file, with: Array(csv(result).utf8)) }
      try StandardOutput.writeLine(table(result))
      guard let rate = result.suggestion else {
        try StandardOutput.writeLine("the loss does not fall: no rate is suggested; try others by --from and --to")
        return 0
      }
      try StandardOutput.writeLine(String(format: "suggested learning rate %.2g", rate))
      return 0
    }
  }
}

/// Runs the test that is asked for.
private func rateRange(_ settings: FindRateSettings) throws -> RateRangeTest.Result {
  guard settings.method.takes("--learning-rate") else {
    throw UsageError("--optimizer: \(settings.method.name) has no learning rate")
  }
  guard settings.lowest < settings.highest else {
    throw UsageError("--to: expected a rate above that of --from, found \(settings.highest)")
  }
  var training = settings.train.training
  training.method = try settings.method.configured(by: settings.train.methodOptions)
  let data = try training.loadData()
  let model = try training.makeModel(for: data)
  guard let algorithm = try training.makeAlgorithm(for: model, on: data) as? Backpropagation else {
    throw UsageError("--optimizer: the rate of \(training.method.name) cannot be tested")
  }
  let batchSize = try training.batchSize(of: data.training.count)
  let steps = settings.steps ?? max(3, data.training.count / batchSize)
  return try RateRangeTest(rates: settings.lowest...settings.highest, steps: steps).run(
    algorithm.optimizer, clipping: algorithm.clipping, model: model, loss: try training.loss.make(for: data.training),
    data: data.training, batchSize: batchSize, seed: training.seed)
}

/// Twenty of the steps, evenly chosen, and the last.
private func table(_ result: RateRangeTest.Result) -> String {
  let points = result.points
  let stride = max(1, (points.count + 18) / 19)
  let rows = points.indices.filter { $0 % stride == 0 || $0 == points.count - 1 }.map { index in
    let point = points[index]
    return [
      "\(index + 1)", String(format: "%.3g", point.rate), String(format: "%.4f", point.loss),
      String(format: "%.4f", point.smoothedLoss),
    ]
  }
  return TextTable([["step", "rate", "loss", "smoothed"]] + rows).text
}

private func csv(_ result: RateRangeTest.Result) -> String {
  "step,rate,loss,smoothed\n"
    + result.points.enumerated().map { "\($0 + 1),\($1.rate),\($1.loss),\($1.smoothedLoss)\n" }.joined()
}
