import CommandLineOptions
import SAMT

/// A schedule as it is asked for: its length comes with the training's.
struct ScheduleSettings {
  enum Kind: String, CaseIterable { case constant, cosine, step }

  var kind = Kind.constant
  var warmUpSteps = 0

  static var options: OptionTable<Self> {
    OptionTable {
      CommandLineOption("--schedule", "NAME", "of step sizes: " + names(Kind.self), \Self.kind, .choice)
      CommandLineOption(
        "--warm-up", "STEPS", "minibatches over which steps grow to full size", \Self.warmUpSteps,
        .integer(0...1_000_000_000))
    }
  }

  /// The schedule of a training of `totalSteps` steps: of those behind the warm-up, `step` takes each third at a rate of
  /// its own.
  func schedule(totalSteps: Int) -> Schedule {
    let steps = max(totalSteps - warmUpSteps, 1)
    let schedule: Schedule =
      switch kind {
      case .constant: .constant
      case .cosine: .cosine(over: steps)
      case .step: .thirds(of: steps)
      }
    return warmUpSteps > 0 ? .warmUp(steps: warmUpSteps, then: schedule) : schedule
  }
}

extension Schedule {
  /// 1, a tenth, a hundredth: each for a third of `steps` steps, the last one from then on.
  fileprivate static func thirds(of steps: Int) -> Schedule {
    let staircase = Schedule.step(every: 1)
    return Schedule { step in staircase(min(3 * step / steps, 2)) }
  }
}

/// A limit on the gradients, by their joint norm or by each one's magnitude.
struct ClippingSettings {
  var norm: Float?
  var value: Float?

  static var options: OptionTable<Self> {
    OptionTable {
      CommandLineOption("--clip-norm", "X", "limit on the gradients' joint norm", \Self.norm, .positive)
      CommandLineOption("--clip-value", "X", "limit on each gradient's magnitude", \Self.value, .positive)
    }
  }

  /// - Throws: ``SAMTError/configuration(_:)`` where both limits are given.
  func clipping() throws(SAMTError) -> GradientClipping? {
    switch (norm, value) {
    case (let norm?, nil): .norm(norm)
    case (nil, let value?): .value(value)
    case (nil, nil): nil
    default: throw .configuration("--clip-norm and --clip-value cannot both limit the gradients")
    }
  }
}

extension CommandLineOption {
  /// The decay that every method has.
  static func weightDecay(_ target: WritableKeyPath<Settings, Float>) -> Self {
    CommandLineOption("--weight-decay", "X", "decoupled, of weights", target, .number(0...1e6))
  }
}

/// What all methods that move the parameters along one backward pass have in common.
struct BackpropagationSettings {
  var learningRate: Float
  var weightDecay: Float = 0
  var clipping = ClippingSettings()
  var schedule = ScheduleSettings()

  static var options: OptionTable<Self> {
    OptionTable {
      CommandLineOption("--learning-rate", "X", "size of the steps", \Self.learningRate, .positive)
      CommandLineOption.weightDecay(\Self.weightDecay)
    } + ClippingSettings.options.lifted(\Self.clipping) + ScheduleSettings.options.lifted(\Self.schedule)
  }

  /// The method whose rule is `optimizer`.
  func algorithm(_ optimizer: any Optimizer, _ context: MethodContext) throws(SAMTError) -> any TrainingAlgorithm {
    Backpropagation(
      optimizer, schedule: schedule.schedule(totalSteps: context.totalSteps), clipping: try clipping.clipping())
  }
}
