import CommandLineOptions
import SAMT

extension Method {
  static var mechanic: Method {
    Method(
      "mechanic", "scales the steps of another rule (Cutkosky, Defazio and Mehta 2023)", MechanicSettings(),
      options: MechanicSettings.options, findsRate: true
    ) { (settings, context) throws(SAMTError) in
      let rule = try Mechanic(
        settings.base.rule(context.model.trainableParameters, settings.common), initialScale: settings.initialScale)
      return try settings.common.algorithm(rule, context)
    }
  }
}

private struct MechanicSettings {
  var common = BackpropagationSettings(learningRate: 1)
  var base = BaseRule.adam
  var initialScale = 1e-8

  static var options: OptionTable<Self> {
    BackpropagationSettings.options.lifted(\Self.common)
      + OptionTable {
        BaseRule.option(\Self.base)
        CommandLineOption("--initial-scale", "X", "of the rule's steps", \Self.initialScale, .positive)
      }
  }
}
