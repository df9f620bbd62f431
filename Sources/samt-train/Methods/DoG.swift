import CommandLineOptions
import SAMT

extension Method {
  static var dog: Method {
    dog("dog", "SGD with steps of distance over gradients (Ivgi et al. 2023), averaged", layerwise: false)
  }
  static var ldog: Method { dog("ldog", "DoG with a step size for each tensor, averaged", layerwise: true) }

  private static func dog(_ name: String, _ summary: String, layerwise: Bool) -> Method {
    Method(name, summary, DoGSettings(), options: DoGSettings.options, findsRate: true) {
      (settings, context) throws(SAMTError) in
      // The authors' two values.
      let usual = context.model.layers.contains { $0 is BatchNorm } ? 1e-4 : 1e-6
      let rule = try DoG(
        context.model.trainableParameters, learningRate: settings.common.learningRate,
        initialDistance: settings.initialDistance ?? usual, layerwise: layerwise,
        weightDecay: settings.common.weightDecay, averaging: settings.averaging)
      return try settings.common.algorithm(rule, context)
    }
  }
}

private struct DoGSettings {
  var common = BackpropagationSettings(learningRate: 1)
  var initialDistance: Double?
  var averaging: Float = 8

  static var options: OptionTable<Self> {
    BackpropagationSettings.options.lifted(\Self.common)
      + OptionTable {
        CommandLineOption(
          "--initial-distance", "X",
          "length of the first step by that of the weights, otherwise 1e-4 with batch normalization and 1e-6 without",
          \Self.initialDistance, .positive)
        CommandLineOption(
          "--averaging", "X", "power of the polynomial average that is evaluated", \Self.averaging, .number(0...1000))
      }
  }
}
