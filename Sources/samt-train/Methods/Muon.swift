import CommandLineOptions
import SAMT

extension Method {
  static var muon: Method {
    Method(
      "muon", "orthogonalized momentum for matrices, AdamW for the rest (Jordan et al. 2024)", MuonSettings(),
      options: MuonSettings.options
    ) { (settings, context) throws(SAMTError) in
      try settings.common.algorithm(context) { (parameters, learningRate, weightDecay) throws(SAMTError) in
        try Muon.withAdamW(
          parameters, learningRate: learningRate, weightDecay: weightDecay, adamLearningRate: settings.adamLearningRate,
          configuration: settings.configuration)
      }
    }
  }
}

private struct MuonSettings {
  var common = BackpropagationSettings(learningRate: 1e-3, weightDecay: 0.1)
  var adamLearningRate: Float?
  var scale = Muon.Scale.original
  var iterations = 5

  static var options: OptionTable<Self> {
    BackpropagationSettings.groupedOptions.lifted(\Self.common)
      + OptionTable {
        CommandLineOption(
          "--adam-learning-rate", "X", "of what is no matrix, otherwise as --learning-rate", \Self.adamLearningRate,
          .positive)
        CommandLineOption(
          "--muon-scale", "NAME", "of steps of matrices: " + names(Muon.Scale.self), \Self.scale, .choice)
        CommandLineOption("--iterations", "N", "of an orthogonalization", \Self.iterations, .integer(1...6))
      }
  }

  var configuration: Muon.Configuration {
    var configuration = Muon.Configuration()
    configuration.scale = scale
    configuration.iterations = iterations
    return configuration
  }
}
