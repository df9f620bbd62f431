import CommandLineOptions
import SAMT

extension Method {
  static var hypergradient: Method {
    Method(
      "hypergradient", "SGD that descends in its step size, too (Baydin et al. 2018)", HypergradientSettings(),
      options: HypergradientSettings.options
    ) { (settings, context) throws(SAMTError) in
      let rule = try HypergradientDescent(
        context.model.trainableParameters, learningRate: settings.common.learningRate, hyperRate: settings.hyperRate,
        weightDecay: settings.common.weightDecay)
      return try settings.common.algorithm(rule, context)
    }
  }
}

private struct HypergradientSettings {
  var common = BackpropagationSettings(learningRate: 1e-3)
  var hyperRate = 1e-3

  static var options: OptionTable<Self> {
    BackpropagationSettings.options.lifted(\Self.common)
      + OptionTable {
        CommandLineOption("--hyper-rate", "X", "learning rate of the learning rate", \Self.hyperRate, .number(0...1e6))
      }
  }
}
