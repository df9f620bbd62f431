import CommandLineOptions
import SAMT

/// A trained model, and examples for it.
struct ExamplesSettings {
  enum Split: String, CaseIterable { case test, training }

  var modelFile: String?
  var data: DataSource?
  var dataOptions = DataOptions()
  var split: Split?
  var seed: UInt64 = 0
  var batchSize = 256
  var threads: Int?

  static var options: OptionTable<Self> {
    OptionTable("model and data") {
      CommandLineOption(
        "--model", "FILE", "a model file or a checkpoint: best.safetensors, last.safetensors", \Self.modelFile, .path)
      CommandLineOption("--data", "SOURCE", "where the examples come from, see below", \Self.data, .dataSource)
      CommandLineOption(
        "--split", "NAME",
        "which of its examples: \(names(Split.self)); otherwise those to test on where it has some of its own, or all",
        \Self.split, .choice)
      CommandLineOption(
        "--seed", "N", "of built-in data, and of what is drawn to test on", \Self.seed,
        ValueFormat<Int>.integer(0...Int.max).map({ UInt64($0) }, { Int($0) }))
    } + DataOptions.optionsForModels.lifted(\Self.dataOptions)
      + OptionTable("machine") {
        CommandLineOption(
          "--batch", "N", "examples that go through the model at once", \Self.batchSize, .integer(1...1_000_000))
        CommandLineOption("--threads", "N", "otherwise the CPUs this process may use", \Self.threads, .integer(1...64))
      }
  }

  /// The model, and the examples as it takes them; what a user should know of them is told on standard error.
  ///
  /// - Parameter needsTargets: whether each example needs what the model should answer.
  /// - Throws: `UsageError` where one is not named, ``SAMTError`` where one cannot be read or they do not fit each other.
  func load(
    needsTargets: Bool
  ) throws -> (model: Model, source: DataSource, data: DataSource.ModelExamples) {
    guard let modelFile else { throw UsageError("--model is missing") }
    guard let source = data else { throw UsageError("--data is missing") }
    let model = try Model(contentsOf: modelFile)
    let data = try source.examples(for: model, split, dataOptions, seed: seed, needsTargets: needsTargets)
    for note in data.notes { complain("samt-train: \(source): \(note)") }
    return (model, source, data)
  }
}
