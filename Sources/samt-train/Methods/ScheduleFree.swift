import CommandLineOptions
import SAMT

extension Method {
  static var scheduleFreeSGD: Method {
    Method(
      "schedule-free-sgd", "SGD whose average replaces a schedule (Defazio et al. 2024)",
      ScheduleFreeSettings(learningRate: 1), options: ScheduleFreeSettings.options
    ) { (settings, context) throws(SAMTError) in
      try settings.common.algorithm(context) { (parameters, learningRate, weightDecay) throws(SAMTError) in
        try ScheduleFreeSGD(
          parameters, learningRate: learningRate, averageShare: settings.averageShare, stepPower: settings.stepPower,
          weightDecay: weightDecay)
      }
    }
  }

  static var scheduleFreeAdamW: Method {
    Method(
      "schedule-free-adamw", "AdamW whose average replaces a schedule (Defazio et al. 2024)",
      ScheduleFreeAdamWSettings(), options: ScheduleFreeAdamWSettings.options
    ) { (settings, context) throws(SAMTError) in
      let average = settings.average
      return try average.common.algorithm(context) { (parameters, learningRate, weightDecay) throws(SAMTError) in
        try ScheduleFreeAdamW(
          parameters, learningRate: learningRate, betas: (average.averageShare, settings.beta2),
          stepPower: average.stepPower, weightDecay: weightDecay)
      }
    }
  }
}

private struct ScheduleFreeSettings {
  var common: BackpropagationSettings
  var averageShare: Float = 0.9
  var stepPower = 0.0

  init(learningRate: Float) { common = BackpropagationSettings(learningRate: learningRate) }

  static var options: OptionTable<Self> {
    BackpropagationSettings.groupedOptions.lifted(\Self.common)
      + OptionTable {
        CommandLineOption(
          "--average-share", "X", "of the average in the weights where gradients are taken", \Self.averageShare,
          .number(0...1))
        CommandLineOption(
          "--step-power", "X", "step t has a weight of t to that power in the average", \Self.stepPower,
          .number(0...100))
      }
  }
}

private struct ScheduleFreeAdamWSettings {
  var average = ScheduleFreeSettings(learningRate: 2.5e-3)
  var beta2: Float = 0.999

  static var options: OptionTable<Self> {
    ScheduleFreeSettings.options.lifted(\Self.average)
      + OptionTable {
        CommandLineOption("--beta2", "X", "how much of the second moment survives a step", \Self.beta2, .number(0...1))
      }
  }
}
