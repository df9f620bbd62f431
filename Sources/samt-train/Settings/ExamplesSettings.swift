import CommandLineOptions
import SAMT

/// A trained model, and examples for it.
struct ExamplesSettings {
  enum Split: String, CaseIterable { case test, training }

  var modelFile: String?
  var data: DataSource?
  var split = Split.test
  var seed: UInt64 = 0
  var batchSize = 256
  var threads: Int?

  static var options: OptionTable<Self> {
    OptionTable("model and data") {
      CommandLineOption(
        "--model", "FILE", "a model file or a checkpoint: best.safetensors, last.safetensors", \Self.modelFile, .path)
      CommandLineOption(
        "--data", "SOURCE", "digits, shapes, idx:DIR (MNIST's files), cifar10:DIR, cifar100:DIR, or DIR, which is idx",
        \Self.data, .dataSource)
      CommandLineOption("--split", "NAME", "which of its examples: " + names(Split.self), \Self.split, .choice)
      CommandLineOption(
        "--seed", "N", "of built-in data", \Self.seed,
        ValueFormat<Int>.integer(0...Int.max).map({ UInt64($0) }, { Int($0) }))
    }
      + OptionTable("machine") {
        CommandLineOption(
          "--batch", "N", "examples that go through the model at once", \Self.batchSize, .integer(1...1_000_000))
        CommandLineOption("--threads", "N", "otherwise the CPUs this process may use", \Self.threads, .integer(1...64))
      }
  }

  /// The model, and the examples as it takes them.
  ///
  /// - Throws: `UsageError` where one is not named, ``SAMTError`` where one cannot be read or they do not fit each other.
  func load() throws -> (model: Model, source: DataSource, examples: Dataset) {
    guard let modelFile else { throw UsageError("--model is missing") }
    guard let data else { throw UsageError("--data is missing") }
    let model = try Model(contentsOf: modelFile)
    let (training, test) = try data.loadUnnormalized(seed: seed)
    var examples = split == .test ? test : training
    guard examples.exampleShape.count == model.inputShape.count else {
      throw SAMTError.shape(
        layer: "\(data)", expected: "examples of shape \(model.inputShape)", found: examples.exampleShape)
    }
    if let statistics = model.inputNormalization {
      guard examples.exampleShape.rank == 3, examples.exampleShape[0] == statistics.means.count else {
        throw SAMTError.shape(
          layer: "\(data)", expected: "images of \(statistics.means.count) channels, which \(modelFile) normalizes",
          found: examples.exampleShape)
      }
      examples = (consume examples).normalized(by: statistics)
    }
    return (model, data, examples)
  }
}
