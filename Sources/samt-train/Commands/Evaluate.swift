import CommandLineOptions
import Foundation
import SAMT

extension Command {
  /// Evaluates a trained model.
  static var evaluate: Command {
    Command(
      "evaluate", "prints a trained model's loss and accuracy",
      usage: ["samt-train evaluate --model FILE --data SOURCE"],
      about: "Prints the loss and the accuracy of a trained model.", defaults: ExamplesSettings(),
      options: ExamplesSettings.options, notes: environmentNotes
    ) { settings, _ in
      try prepareMachine(threads: settings.threads)
      let (model, source, examples) = try settings.load()
      guard examples.classCount <= model.outputShape.count else {
        throw SAMTError.configuration(
          "\(source) has \(examples.classCount) classes, the model \(model.outputShape.count) outputs")
      }
      let parameters = model.parameters.reduce(0) { $0 + $1.shape.count }
      try StandardOutput.write(
        """
        data   \(source): \(examples.count) \(settings.split.rawValue) examples
        model  \(model.inputShape) to \(model.outputShape), \(parameters) parameters

        """)
      let result = Evaluator(model, loss: SoftmaxCrossEntropy(), batchSize: settings.batchSize).evaluate(examples)
      try StandardOutput.writeLine(
        String(
          format: "%@ loss %.4f\n%@ accuracy %.4f", settings.split.rawValue, result.loss, settings.split.rawValue,
          result.accuracy))
      return 0
    }
  }
}
