import CommandLineOptions
import SAMT

extension Method {
  static var gen: Method {
    Method(
      "gen", "another rule at the rate that a parabola through losses tells (Bu and Xu 2024)", GeNSettings(),
      options: GeNSettings.options, findsRate: true
    ) { (settings, context) throws(SAMTError) in
      let rule = try GeN(
        settings.base.rule(context.model.trainableParameters, settings.common), interval: settings.interval,
        reach: settings.reach)
      return try settings.common.algorithm(rule, context)
    }
  }
}

private struct GeNSettings {
  var common = BackpropagationSettings(learningRate: 1e-3)
  var base = BaseRule.adam
  var interval = 8
  var reach = 1

  static var options: OptionTable<Self> {
    BackpropagationSettings.optionsOfOneMinibatch.lifted(\Self.common)
      + OptionTable {
        BaseRule.option(\Self.base)
        CommandLineOption(
          "--look-interval", "N", "steps from one look at losses along a step to the next", \Self.interval,
          .integer(1...1_000_000_000))
        CommandLineOption(
          "--look-reach", "N", "steps' lengths that a look goes ahead, and back: two losses each", \Self.reach,
          .integer(1...8))
      }
  }
}
