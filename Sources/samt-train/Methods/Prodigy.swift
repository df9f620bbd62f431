import CommandLineOptions
import SAMT

extension Method {
  static var prodigy: Method {
    Method(
      "prodigy", "Adam that estimates its step size (Mishchenko and Defazio 2024)", ProdigySettings(),
      options: ProdigySettings.options, findsRate: true
    ) { (settings, context) throws(SAMTError) in
      let rule = try Prodigy(
        context.model.trainableParameters, learningRate: settings.common.learningRate,
        weightDecay: settings.common.weightDecay, initialEstimate: settings.estimate.initial,
        estimateFactor: settings.factor, growthLimit: settings.estimate.growthLimit ?? .infinity,
        correctsBias: settings.estimate.correctsBias, safeguardsWarmUp: settings.safeguardsWarmUp)
      return try settings.common.algorithm(rule, context)
    }
  }
}

private struct ProdigySettings {
  var common = BackpropagationSettings(learningRate: 1)
  var estimate = EstimateSettings()
  var factor = 1.0
  var safeguardsWarmUp = false

  static var options: OptionTable<Self> {
    BackpropagationSettings.options.lifted(\Self.common) + EstimateSettings.options.lifted(\Self.estimate)
      + OptionTable {
        CommandLineOption("--estimate-factor", "X", "what new estimates are multiplied by", \Self.factor, .positive)
        CommandLineOption(
          "--safeguard-warm-up", "a warm-up does not drive the estimate up", \Self.safeguardsWarmUp, true)
      }
  }
}
