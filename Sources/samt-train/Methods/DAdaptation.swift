import CommandLineOptions
import SAMT

extension Method {
  static var dAdaptAdam: Method {
    Method(
      "dadapt-adam", "Adam with D-Adaptation of its step size (Defazio and Mishchenko 2023)", DAdaptationSettings(),
      options: DAdaptationSettings.options, findsRate: true
    ) { (settings, context) throws(SAMTError) in
      let rule = try DAdaptAdam(
        context.model.trainableParameters, learningRate: settings.common.learningRate,
        weightDecay: settings.common.weightDecay, initialEstimate: settings.estimate.initial,
        growthLimit: settings.estimate.growthLimit ?? .infinity, correctsBias: settings.estimate.correctsBias)
      return try settings.common.algorithm(rule, context)
    }
  }
}

/// What rules with an estimate of the distance to the solution have in common.
struct EstimateSettings {
  var initial = 1e-6
  var growthLimit: Double?
  var correctsBias = false

  static var options: OptionTable<Self> {
    OptionTable {
      CommandLineOption("--initial-estimate", "X", "of the distance to the solution", \Self.initial, .positive)
      CommandLineOption(
        "--growth-limit", "X", "factor by which the estimate may grow in a step, otherwise any", \Self.growthLimit,
        .number(1...1e9))
      CommandLineOption("--bias-correction", "makes up for moments that began at 0", \Self.correctsBias, true)
    }
  }
}

private struct DAdaptationSettings {
  var common = BackpropagationSettings(learningRate: 1)
  var estimate = EstimateSettings()

  static var options: OptionTable<Self> {
    BackpropagationSettings.options.lifted(\Self.common) + EstimateSettings.options.lifted(\Self.estimate)
  }
}
