import CommandLineOptions
import Foundation
import SAMT

/// What `predict` is asked for.
struct PredictSettings {
  var examples = ExamplesSettings()
  var outputFile: String?

  static var options: OptionTable<Self> {
    ExamplesSettings.options.lifted(\Self.examples)
      + OptionTable("output") {
        CommandLineOption("--out", "FILE", "writes the rows there, otherwise they are printed", \Self.outputFile, .path)
      }
  }
}

extension Command {
  /// Writes what a trained model makes of each example.
  static var predict: Command {
    Command(
      "predict", "writes a trained model's class and probability for each example",
      usage: ["samt-train predict --model FILE --data SOURCE [--out FILE.csv]"],
      about: """
        Writes a row of CSV for each example: its index from 0, the most probable class by its name or number, and that \
        class's probability.
        """,
      defaults: PredictSettings(), options: PredictSettings.options, notes: environmentNotes
    ) { settings, _ in
      try prepareMachine(threads: settings.examples.threads)
      if let file = settings.outputFile { try FileSystem.checkFile(file) }
      let (model, _, examples) = try settings.examples.load()
      let predictions = Predictions(of: model, batchSize: settings.examples.batchSize)
      guard let file = settings.outputFile else {
        try predictions.forEachChunk(of: examples) { rows in try StandardOutput.write(rows) }
        return 0
      }
      var contents: [UInt8] = []
      predictions.forEachChunk(of: examples) { contents += Array($0.utf8) }
      try FileSystem.replace(file, with: contents)
      return 0
    }
  }
}

/// What a model makes of examples, as CSV.
struct Predictions {
  private let model: Model
  private let batchSize: Int

  /// Predictions of `model`, that many at once.
  init(of model: Model, batchSize: Int) {
    self.model = model
    self.batchSize = batchSize
  }

  /// Calls `write` with the heading, then with the rows of some examples at a time.
  func forEachChunk<E: Error>(of examples: Dataset, _ write: (String) throws(E) -> Void) throws(E) {
    try write("index,class,probability\n")
    var executor: ModelExecutor?
    for start in stride(from: 0, to: examples.count, by: batchSize) {
      let batch = examples.batch(start..<min(start + batchSize, examples.count))
      if executor?.batchSize != batch.count {
        executor = ModelExecutor(for: model, batchSize: batch.count, mode: .inference)
      }
      guard let executor else { return }
      executor.load(batch.inputs)
      try write(rows(of: executor.output(), from: start))
    }
  }

  private func rows(of logits: Tensor, from start: Int) -> String {
    let elements = logits.elements
    let classes = elements.count / max(logits.shape[0], 1)
    return (0..<logits.shape[0]).map { index in
      let (label, probability) = mostProbable(elements[index * classes..<(index + 1) * classes])
      let name = label < model.classNames.count ? quoted(model.classNames[label]) : "\(label)"
      return "\(start + index),\(name),\(String(format: "%.6f", probability))\n"
    }.joined()
  }

  /// The class of the largest logit, the first of equals, and its probability by softmax.
  private func mostProbable(_ logits: ArraySlice<Float>) -> (label: Int, probability: Double) {
    var best = logits.startIndex
    for index in logits.indices where logits[index] > logits[best] { best = index }
    let largest = Double(logits[best])
    let sum = logits.reduce(0.0) { $0 + exp(Double($1) - largest) }
    return (best - logits.startIndex, 1 / sum)
  }

  /// A field of CSV (RFC 4180): in quotes where it has to be.
  private func quoted(_ field: String) -> String {
    guard field.contains(where: { "\",\r\n".contains($0) }) else { return field }
    return "\"" + field.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }
}
