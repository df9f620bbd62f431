import CommandLineOptions
import SAMT

extension Method {
  static var cocob: Method {
    Method(
      "cocob", "bets on the gradients' signs, without a step size (Orabona and Tommasi 2017)", COCOBSettings(),
      options: COCOBSettings.options, findsRate: true
    ) { (settings, context) throws(SAMTError) in
      let rule = try COCOB(
        context.model.trainableParameters, learningRate: settings.learningRate, alpha: settings.alpha)
      return Backpropagation(
        rule, schedule: settings.schedule.schedule(totalSteps: context.totalSteps),
        clipping: try settings.clipping.clipping())
    }
  }
}

/// Those of other rules, but for the decay: every step begins at the first weights again.
private struct COCOBSettings {
  var learningRate: Float = 1
  var alpha: Float = 100
  var clipping = ClippingSettings()
  var schedule = ScheduleSettings()

  static var options: OptionTable<Self> {
    OptionTable {
      CommandLineOption.learningRate(\Self.learningRate)
      CommandLineOption(
        "--cocob-alpha", "X", "gradients to wait for before bets are whole", \Self.alpha, .number(1...1e9))
    } + ClippingSettings.options.lifted(\Self.clipping) + ScheduleSettings.options.lifted(\Self.schedule)
  }
}
