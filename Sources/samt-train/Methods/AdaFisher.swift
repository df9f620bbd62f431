import CommandLineOptions
import SAMT

extension Method {
  static var adaFisher: Method {
    Method(
      "adafisher", "momentum over a Kronecker-factored Fisher diagonal (Gomes et al. 2025)", AdaFisherSettings(),
      options: AdaFisherSettings.options
    ) { (settings, context) throws(SAMTError) in
      let rule = try AdaFisher(
        context.model.layers, learningRate: settings.common.learningRate, damping: settings.damping,
        gamma: settings.gamma, interval: settings.interval, weightDecay: settings.common.weightDecay)
      return try settings.common.algorithm(rule, context)
    }
  }
}

private struct AdaFisherSettings {
  var common = BackpropagationSettings(learningRate: 1e-3)
  var damping: Float = 1e-3
  var gamma = 0.8
  var interval = 100

  static var options: OptionTable<Self> {
    BackpropagationSettings.options.lifted(\Self.common)
      + OptionTable {
        CommandLineOption("--damping", "X", "added to the Fisher diagonal", \Self.damping, .positive)
        CommandLineOption("--gamma", "X", "of the factors' averages", \Self.gamma, .number(0...10))
        CommandLineOption(
          "--factor-interval", "N", "steps from one estimate of the factors to the next", \Self.interval,
          .integer(1...1_000_000_000))
      }
  }
}
