import CommandLineOptions
import SAMT

extension Method {
  static var mechanic: Method {
    Method(
      "mechanic", "scales the steps of another rule (Cutkosky, Defazio and Mehta 2023)", MechanicSettings(),
      options: MechanicSettings.options
    ) { (settings, context) throws(SAMTError) in
      let rule = try Mechanic(
        settings.base.rule(context.model.trainableParameters, settings.common), initialScale: settings.initialScale)
      return try settings.common.algorithm(rule, context)
    }
  }
}

private struct MechanicSettings {
  enum Base: String, CaseIterable {
    case adam, nadamw, sgd, momentum, nesterov

    func rule(
      _ parameters: [Parameter], _ settings: BackpropagationSettings
    ) throws(SAMTError) -> any Optimizer {
      let (rate, decay) = (settings.learningRate, settings.weightDecay)
      switch self {
      case .adam: return try Adam(parameters, learningRate: rate, weightDecay: decay)
      case .nadamw: return try NAdamW(parameters, learningRate: rate, weightDecay: decay)
      case .sgd: return try SGD(parameters, learningRate: rate, weightDecay: decay)
      case .momentum: return try SGD(parameters, learningRate: rate, momentum: 0.9, weightDecay: decay)
      case .nesterov:
        return try SGD(parameters, learningRate: rate, momentum: 0.9, nesterov: true, weightDecay: decay)
      }
    }
  }

  var common = BackpropagationSettings(learningRate: 1)
  var base = Base.adam
  var initialScale = 1e-8

  static var options: OptionTable<Self> {
    BackpropagationSettings.options.lifted(\Self.common)
      + OptionTable {
        CommandLineOption("--base", "NAME", "the rule that is scaled: " + names(Base.self), \Self.base, .choice)
        CommandLineOption("--initial-scale", "X", "of the rule's steps", \Self.initialScale, .positive)
      }
  }
}
