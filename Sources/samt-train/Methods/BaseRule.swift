import CommandLineOptions
import SAMT

/// The rule inside of methods that choose the length of another's steps.
enum BaseRule: String, CaseIterable {
  case adam, nadamw, sgd, momentum, nesterov

  /// The rule for these parameters.
  func rule(_ parameters: [Parameter], _ settings: BackpropagationSettings) throws(SAMTError) -> any Optimizer {
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

  /// The option that chooses it.
  static func option<Settings>(_ target: WritableKeyPath<Settings, BaseRule>) -> CommandLineOption<Settings> {
    CommandLineOption("--base", "NAME", "the rule that is scaled: " + names(BaseRule.self), target, .choice)
  }
}
