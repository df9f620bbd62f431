import CommandLineOptions
import SAMT

extension Method {
  static var ramda: Method {
    Method(
      "ramda", "dual averaging, with a group lasso that shrinks rows to zeros (Huang and Lee 2024)", RAMDASettings(),
      options: RAMDASettings.options
    ) { (settings, context) throws(SAMTError) in
      try settings.common.algorithm(context) { (parameters, learningRate, weightDecay) throws(SAMTError) in
        try RAMDA(
          parameters, learningRate: learningRate, momentum: settings.momentum, groupLasso: settings.groupLasso,
          weightDecay: weightDecay)
      }
    }
  }
}

private struct RAMDASettings {
  var common = BackpropagationSettings(learningRate: 0.01)
  var momentum: Float = 0.1
  var groupLasso = 0.0

  static var options: OptionTable<Self> {
    BackpropagationSettings.groupedOptions.lifted(\Self.common)
      + OptionTable {
        CommandLineOption("--ramda-momentum", "X", "how far a step goes, above 0", \Self.momentum, .number(0...1))
        CommandLineOption(
          "--group-lasso", "X", "weight of the norms of rows of weights", \Self.groupLasso, .number(0...1e6))
      }
  }
}
