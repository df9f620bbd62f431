import CommandLineOptions
import SAMT

extension Method {
  static var samt: Method {
    Method(
      "samt", "SAMT with nothing to tune: a relative step size per block, learned from replayed minibatches",
      SAMTReplaySettings(), options: SAMTReplaySettings.options
    ) { (settings, context) throws(SAMTError) in
      try SAMTReplay(for: context.model, settings.configuration(seed: context.seed))
    }
  }
}

/// SAMT-Replay's pieces, as they are asked for.
private struct SAMTReplaySettings {
  enum Direction: String, CaseIterable {
    case orthogonal, matrices, nadam

    var rule: DirectionRule {
      switch self {
      case .orthogonal: .orthogonalizedConvolutions
      case .matrices: .orthogonalizedMatrices
      case .nadam: .nadam
      }
    }
  }
  enum Unit: String, CaseIterable {
    case relative, absolute

    var unit: StepUnit {
      switch self {
      case .relative: .relative
      case .absolute: .absolute
      }
    }
  }
  enum Proposal: String, CaseIterable {
    case none
    case etaModel = "eta-model"
  }
  enum Decay: String, CaseIterable {
    case linear, cosine, none

    var decay: HorizonSchedule.Decay {
      switch self {
      case .linear: .linear
      case .cosine: .cosine
      case .none: .none
      }
    }
  }

  var initialStepSize = 0.1
  var direction = Direction.orthogonal
  var unit = Unit.relative
  var searches = true
  var learns = true
  var isGuarded = true
  var proposal = Proposal.none
  var etaLearningRate = EtaModelProposal.defaultLearningRate
  var warmUp = 0.05
  var decay = Decay.linear
  var windowExamples = 2560
  var totalDecay = HorizonDecay().total

  static var options: OptionTable<Self> {
    OptionTable {
      CommandLineOption("--eta0", "X", "where step sizes start", \Self.initialStepSize, .positive)
      CommandLineOption(
        "--direction", "NAME", "of weights, orthogonal for convolutions, matrices for all: " + names(Direction.self),
        \Self.direction, .choice)
      CommandLineOption("--unit", "NAME", "of step sizes: " + names(Unit.self), \Self.unit, .choice)
      CommandLineOption("--no-search", "begins with eta0", \Self.searches, false)
      CommandLineOption("--no-lesson", "step sizes stay where the search left them", \Self.learns, false)
      CommandLineOption(
        "--proposal", "NAME", "a factor on a block's steps from its gradient: " + names(Proposal.self), \Self.proposal,
        .choice)
      CommandLineOption(
        "--eta-learning-rate", "X", "learning rate of the eta models", \Self.etaLearningRate, .number(0...100))
      CommandLineOption("--unguarded", "keeps steps that make the loss rise", \Self.isGuarded, false)
      CommandLineOption("--warm-up-part", "X", "of the training, over which steps grow", \Self.warmUp, .number(0...1))
      CommandLineOption("--decay", "NAME", "of steps towards the end: " + names(Decay.self), \Self.decay, .choice)
      CommandLineOption(
        "--window", "N", "examples between a minibatch and its replay", \Self.windowExamples,
        .integer(1...1_000_000_000))
      CommandLineOption(
        "--total-decay", "X", "what weights lose over a long training: a factor exp(-X); nothing in one epoch",
        \Self.totalDecay, .number(0...1000))
    }
  }

  func configuration(seed: UInt64) -> SAMTReplay.Configuration {
    var configuration = SAMTReplay.Configuration()
    configuration.initialStepSize = initialStepSize
    configuration.direction = direction.rule
    configuration.unit = unit.unit
    if !searches { configuration.search = nil }
    if !learns { configuration.lesson = nil }
    if proposal == .etaModel { configuration.proposal = .etaModel(seed: seed, learningRate: etaLearningRate) }
    if !isGuarded { configuration.restore = nil }
    configuration.schedule.warmUp = warmUp
    configuration.schedule.decay = decay.decay
    configuration.window.examples = windowExamples
    configuration.weightDecay.total = totalDecay
    return configuration
  }
}
