import CommandLineOptions
import SAMT

/// A schedule as it is asked for: its length comes with the training's.
struct ScheduleSettings {
  enum Kind: String, CaseIterable { case constant, linear, cosine, step }

  var kind = Kind.constant
  var warmUp = WarmUp.steps(0)

  static var options: OptionTable<Self> {
    OptionTable {
      CommandLineOption("--schedule", "NAME", "of step sizes: " + names(Kind.self), \Self.kind, .choice)
      CommandLineOption(
        "--warm-up", "N|P%", "minibatches, or a percentage of all, over which steps grow to full size", \Self.warmUp,
        .warmUp)
    }
  }

  /// The schedule of a training of `totalSteps` steps: of those behind the warm-up, `step` takes each third at a rate of
  /// its own.
  func schedule(totalSteps: Int) -> Schedule {
    let warmUpSteps = warmUp.steps(of: totalSteps)
    let steps = max(totalSteps - warmUpSteps, 1)
    let schedule: Schedule =
      switch kind {
      case .constant: .constant
      case .linear: .linear(over: steps)
      case .cosine: .cosine(over: steps)
      case .step: .thirds(of: steps)
      }
    return warmUpSteps > 0 ? .warmUp(steps: warmUpSteps, then: schedule) : schedule
  }
}

/// How long steps grow to full size at a training's beginning.
enum WarmUp: Equatable {
  case steps(Int)
  case percentage(Double)

  /// The steps of a training of `totalSteps` that belong to it.
  func steps(of totalSteps: Int) -> Int {
    switch self {
    case .steps(let count): count
    case .percentage(let percentage): Int((Double(totalSteps) * percentage / 100).rounded())
    }
  }
}

extension ValueFormat where Value == WarmUp {
  /// A number of steps, or a percentage.
  static var warmUp: Self {
    Self(
      "a number of steps in 0 ... 1000000000, or a percentage from 0% to 100%",
      { text in
        if text.hasSuffix("%") {
          return Double(text.dropLast()).flatMap { (0...100).contains($0) ? .percentage($0) : nil }
        }
        return Int(text).flatMap { (0...1_000_000_000).contains($0) ? .steps($0) : nil }
      },
      write: { warmUp in
        switch warmUp {
        case .steps(let count): "\(count)"
        case .percentage(let percentage): ValueFormat<Double>.number(0...100).write(percentage) + "%"
        }
      })
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
  /// The learning rate of methods that have one.
  static func learningRate(_ target: WritableKeyPath<Settings, Float>) -> Self {
    CommandLineOption("--learning-rate", "X", "size of the steps", target, .positive)
  }

  /// The decay of methods whose steps can have one.
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
  var minibatchesPerUpdate = 1
  /// Where the rule differs by groups, those that were asked for.
  var groups: [GroupOption] = []

  static var options: OptionTable<Self> {
    optionsOfOneMinibatch
      + OptionTable {
        CommandLineOption(
          "--accumulate", "N", "minibatches whose gradients are joined to one update", \Self.minibatchesPerUpdate,
          .integer(1...1_000_000))
      }
  }

  /// The options of rules that evaluate their minibatch again, and so take one for each update.
  static var optionsOfOneMinibatch: OptionTable<Self> {
    OptionTable {
      CommandLineOption.learningRate(\Self.learningRate)
      CommandLineOption.weightDecay(\Self.weightDecay)
    } + ClippingSettings.options.lifted(\Self.clipping) + ScheduleSettings.options.lifted(\Self.schedule)
  }

  /// The updates of the whole training.
  func updates(_ context: MethodContext) -> Int { context.updates(minibatches: minibatchesPerUpdate) }

  /// The method whose rule is `optimizer`, of all parameters.
  func algorithm(_ optimizer: any Optimizer, _ context: MethodContext) throws(SAMTError) -> any TrainingAlgorithm {
    Backpropagation(
      optimizer, schedule: schedule.schedule(totalSteps: updates(context)), clipping: try clipping.clipping(),
      minibatchesPerUpdate: minibatchesPerUpdate)
  }
}
