import CommandLineOptions
import SAMT

extension Method {
  static var soaa: Method {
    Method(
      "soaa", "Adam's moments with a Fisher estimate and a trust region", SOAASettings(), options: SOAASettings.options
    ) {
      (settings, context) throws(SAMTError) in
      let rule = try SOAA(
        context.model.trainableParameters, plannedSteps: max(settings.common.updates(context), 1),
        learningRate: settings.common.learningRate, radiusBound: settings.radiusBound,
        weightDecay: settings.common.weightDecay)
      return try settings.common.algorithm(rule, context)
    }
  }
}

private struct SOAASettings {
  var common = BackpropagationSettings(learningRate: 1e-3)
  var radiusBound = 0.1

  static var options: OptionTable<Self> {
    BackpropagationSettings.options.lifted(\Self.common)
      + OptionTable {
        CommandLineOption(
          "--radius-bound", "X", "gamma, above 0 and below 1", \Self.radiusBound, .number(0...1))
      }
  }
}
