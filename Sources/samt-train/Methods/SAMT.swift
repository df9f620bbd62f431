import CommandLineOptions
import SAMT

extension Method {
  static var samtS: Method { samt("samt-s", .scalar, "SAMT, one step size per block (Yan et al. 2025)") }
  static var samtR: Method { samt("samt-r", .row, "SAMT, one step size per row") }
  static var samtC: Method { samt("samt-c", .column, "SAMT, one step size per column") }
  static var samtE: Method { samt("samt-e", .element, "SAMT, one step size per element") }

  private static func samt(_ name: String, _ granularity: StepSizes.Granularity, _ summary: String) -> Method {
    Method(name, summary, SAMTSettings(), options: SAMTSettings.options) { (settings, context) throws(SAMTError) in
      let algorithm = try SAMTOptimizer(for: context.model, settings.configuration(granularity, context))
      if let path = settings.etaModels { try algorithm.loadEtaModels(from: path) }
      return algorithm
    }
  }
}

/// SAMT's settings, as they are asked for.
private struct SAMTSettings {
  enum Projection: String, CaseIterable {
    case logarithmic, relative, sigmoid

    var projection: StepSizes.Projection {
      switch self {
      case .logarithmic: .logarithmicTanh
      case .relative: .relativeTanh
      case .sigmoid: .sigmoid
      }
    }
  }
  enum Blocks: String, CaseIterable {
    case perLayer = "per-layer"
    case pairs
    case perStage = "per-stage"
    case oneGroup = "one-group"

    var grouping: BlockGrouping {
      switch self {
      case .perLayer: .perLayer
      case .pairs: .pairs
      case .perStage: .perStage
      case .oneGroup: .oneGroup
      }
    }
  }

  var initialStepSize = 0.5
  var etaLearningRate = 1e-3
  var etaModels: String?
  var features = StepSizes.Feature.allCases
  var projection = Projection.logarithmic
  var isGated = true
  var isGuarded = true
  var backtracks = false
  var order = BlockOrder.ascending
  var blocks = Blocks.perLayer
  var blocksPerBatch: Int?
  var weightDecay: Float = 0
  var schedule = ScheduleSettings()

  static var options: OptionTable<Self> {
    OptionTable {
      CommandLineOption("--eta0", "X", "where step sizes start", \Self.initialStepSize, .positive)
      CommandLineOption(
        "--eta-learning-rate", "X", "learning rate of the eta models", \Self.etaLearningRate, .number(0...100))
      CommandLineOption(
        "--eta-model", "FILE", "eta models to begin with, of a checkpoint of the same method", \Self.etaModels,
        .path.map(absolutePath, { $0 }))
      CommandLineOption(
        "--features", "NAME[,NAME...]", "what eta models see of a gradient: " + names(StepSizes.Feature.self),
        \Self.features, ValueFormat.choice.list)
      CommandLineOption(
        "--projection", "NAME", "of step sizes: " + names(Projection.self), \Self.projection, .choice)
      CommandLineOption("--right-only", "no gate: the eta model's step size alone", \Self.isGated, false)
      CommandLineOption("--unguarded", "keeps steps that make the loss rise", \Self.isGuarded, false)
      CommandLineOption(
        "--backtrack", "takes back steps that make the loss rise, and damps those that overshoot", \Self.backtracks)
      CommandLineOption("--order", "NAME", "of blocks: " + names(BlockOrder.self), \Self.order, .choice)
      CommandLineOption("--blocks", "NAME", "layers that move together: " + names(Blocks.self), \Self.blocks, .choice)
      CommandLineOption(
        "--blocks-per-batch", "N", "blocks that move on one minibatch, otherwise all", \Self.blocksPerBatch,
        .integer(1...1_000_000))
      CommandLineOption.weightDecay(\Self.weightDecay)
    } + ScheduleSettings.options.lifted(\Self.schedule)
  }

  func configuration(
    _ granularity: StepSizes.Granularity, _ context: MethodContext
  ) -> SAMTOptimizer.Configuration {
    var configuration = SAMTOptimizer.Configuration()
    configuration.stepSizes = StepSizes(
      granularity, initial: initialStepSize, projection: projection.projection, isGated: isGated,
      learningRate: etaLearningRate)
    configuration.stepSizes.features = Set(features)
    configuration.blocks = blocks.grouping
    configuration.blocksPerBatch = blocksPerBatch
    configuration.order = order
    configuration.isGuarded = isGuarded
    if backtracks { configuration.backtracking = Backtracking() }
    configuration.schedule = schedule.schedule(totalSteps: context.totalSteps)
    configuration.weightDecay = Double(weightDecay)
    configuration.seed = context.seed
    return configuration
  }
}
