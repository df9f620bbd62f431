import CommandLineOptions
import Foundation
import SAMT

extension Command {
  /// Evaluates a trained model.
  static var evaluate: Command {
    Command(
      "evaluate", "prints a trained model's loss and metrics",
      usage: ["samt-train evaluate --model FILE --data SOURCE"],
      about: "Prints the loss and the metrics of a trained model.", defaults: ExamplesSettings(),
      options: ExamplesSettings.options, notes: DataKind.list + "\n\n" + environmentNotes
    ) { settings, _ in
      try prepareMachine(threads: settings.threads)
      let (model, source, data) = try settings.load(needsTargets: true)
      let parameters = model.parameters.reduce(0) { $0 + $1.shape.count }
      // What stands before the names of examples and results.
      let split = data.split.map { "\($0.rawValue) " } ?? ""
      try StandardOutput.write(
        """
        data   \(source): \(data.examples.count) \(split)examples
        model  \(model.inputShape) to \(model.outputShape), \(parameters) parameters

        """)
      let isBinary = model.outputProbabilities == .sigmoid
      let examples = isBinary ? data.examples.withIndicators : data.examples
      let loss = isBinary ? BinaryCrossEntropy() : examples.targets.usualLoss
      let evaluator = Evaluator(
        model, loss: loss, metrics: loss.metrics(for: model.tablePreprocessing), batchSize: settings.batchSize)
      let evaluation = try Activity()("evaluating") { () throws(SAMTError) in try evaluator.evaluate(examples) }
      try StandardOutput.write(text(of: evaluation, prefix: split))
      return 0
    }
  }
}

/// A line for the loss, and one for each metric.
private func text(of evaluation: Evaluation, prefix: String) -> String {
  let metrics = evaluation.metrics.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  return ([("loss", evaluation.loss)] + metrics).map { name, value in
    String(format: "%@%@ %.4f\n", prefix, name, value)
  }.joined()
}
