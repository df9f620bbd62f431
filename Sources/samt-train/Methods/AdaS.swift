import CommandLineOptions
import SAMT

extension Method {
  static var adaS: Method {
    Method(
      "adas", "momentum, with rates by the growth of the layers' knowledge gain (Hosseini and Plataniotis 2020)",
      AdaSSettings(), options: AdaSSettings.options
    ) { (settings, context) throws(SAMTError) in
      let rule = try AdaS(
        context.model.trainableParameters, stepsPerEpoch: max(context.stepsPerEpoch, 1),
        learningRate: settings.common.learningRate, beta: settings.beta, zeta: settings.zeta,
        weightDecay: settings.common.weightDecay)
      return try settings.common.algorithm(rule, context)
    }
  }
}

private struct AdaSSettings {
  var common = BackpropagationSettings(learningRate: 0.03)
  var beta = 0.8
  var zeta = 1.0

  static var options: OptionTable<Self> {
    BackpropagationSettings.options.lifted(\Self.common)
      + OptionTable {
        CommandLineOption("--gain-beta", "X", "how much of a rate survives an epoch", \Self.beta, .probability)
        CommandLineOption("--zeta", "X", "weight of the gain's growth", \Self.zeta, .number(0...1e6))
      }
  }
}
