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
      options: ExamplesSettings.options, notes: environmentNotes
    ) { settings, _ in
      try prepareMachine(threads: settings.threads)
      let (model, source, examples) = try settings.load()
      let parameters = model.parameters.reduce(0) { $0 + $1.shape.count }
      try StandardOutput.write(
        """
        data   \(source): \(examples.count) \(settings.split.rawValue) examples
        model  \(model.inputShape) to \(model.outputShape), \(parameters) parameters

        """)
      let evaluator = Evaluator(model, loss: SoftmaxCrossEntropy(), batchSize: settings.batchSize)
      try StandardOutput.write(text(of: try evaluator.evaluate(examples), on: settings.split.rawValue))
      return 0
    }
  }
}

/// A line for the loss, and one for each metric.
private func text(of evaluation: Evaluation, on examples: String) -> String {
  let metrics = evaluation.metrics.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  return ([("loss", evaluation.loss)] + metrics).map { name, value in
    String(format: "%@ %@ %.4f\n", examples, name, value)
  }.joined()
}
