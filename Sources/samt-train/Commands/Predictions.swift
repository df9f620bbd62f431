import Foundation
import SAMT

/// What a model makes of examples, as CSV.
struct Predictions {
  private let model: Model
  private let batchSize: Int
  /// Which numbers the outputs are; nil where they are classes.
  private let values: [TableTarget.Value]?

  /// Predictions of `model`, that many at once.
  ///
  /// - Parameter task: what it predicts; nil for what its table says, or classes where it has none.
  init(of model: Model, task: LearningTask? = nil, batchSize: Int) {
    self.model = model
    self.batchSize = batchSize
    switch (model.tablePreprocessing?.target, task) {
    case (.values(let values)?, _): self.values = values
    case (nil, .regression?):
      let outputs = 0..<model.outputShape.count
      values = outputs.map {
        TableTarget.Value(name: outputs.count == 1 ? "value" : "value\($0)", mean: 0, deviation: 1)
      }
    default: values = nil
    }
  }

  /// Calls `write` with the heading, then with the rows of some examples at a time.
  func forEachChunk<E: Error>(of examples: Dataset, _ write: (String) throws(E) -> Void) throws(E) {
    let columns = values?.map { quoted($0.name) } ?? ["class", "probability"]
    try write("index,\(columns.joined(separator: ","))\n")
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

  private func rows(of outputs: Tensor, from start: Int) -> String {
    let elements = outputs.elements
    let width = elements.count / max(outputs.shape[0], 1)
    return (0..<outputs.shape[0]).map { index in
      let row = elements[index * width..<(index + 1) * width]
      return "\(start + index),\(values.map { numbers(row, $0) } ?? mostProbable(row))\n"
    }.joined()
  }

  /// The numbers that outputs stand for; probabilities of a model that was trained for some.
  private func numbers(_ outputs: ArraySlice<Float>, _ values: [TableTarget.Value]) -> String {
    let probabilities = model.outputProbabilities
    return values.indices.map { index in
      let number =
        probabilities == .sigmoid
        ? probabilities.probability(of: index, in: outputs)
        : values[index].number(of: outputs[outputs.startIndex + index])
      return String(format: "%.7g", number)
    }.joined(separator: ",")
  }

  /// The class of the largest logit, the first of equals, and its probability.
  private func mostProbable(_ logits: ArraySlice<Float>) -> String {
    var best = logits.startIndex
    for index in logits.indices where logits[index] > logits[best] { best = index }
    let label = best - logits.startIndex
    let name = label < model.classNames.count ? quoted(model.classNames[label]) : "\(label)"
    return "\(name),\(String(format: "%.6f", model.outputProbabilities.probability(of: label, in: logits)))"
  }

  /// A field of CSV (RFC 4180): in quotes where it has to be.
  private func quoted(_ field: String) -> String {
    guard field.contains(where: { "\",\r\n".contains($0) }) else { return field }
    return "\"" + field.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }
}
