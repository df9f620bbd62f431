import CommandLineOptions
import SAMT

/// What the command line asks for.
struct Options {
  enum Algorithm: String, CaseIterable {
    case samtS = "samt-s"
    case samtR = "samt-r"
    case samtC = "samt-c"
    case samtE = "samt-e"
    case sgd, momentum, nesterov, adam, adamw, soaa

    var isSAMT: Bool { rawValue.hasPrefix("samt-") }

    /// The options that this method would ignore, and what is said of them where they are refused.
    var refusals: [(options: [String], reason: String)] {
      let radius = (["--radius-bound"], "is for soaa, and \(rawValue) would ignore it")
      if isSAMT {
        return [
          radius, (["--learning-rate"], "is for the other optimizers; SAMT's steps start at --eta0"),
          (["--clip-norm", "--clip-value"], "is for the other optimizers"),
        ]
      }
      let samt = (Options.onlySAMT, "is for SAMT, and \(rawValue) would ignore it")
      return self == .soaa ? [samt] : [radius, samt]
    }

    /// The options that this method would ignore.
    var ignoredOptions: [String] { refusals.flatMap(\.options) }
  }
  enum Projection: String, CaseIterable { case logarithmic, relative, sigmoid }
  enum Blocks: String, CaseIterable {
    case perLayer = "per-layer"
    case perStage = "per-stage"
    case oneGroup = "one-group"

    var grouping: BlockGrouping {
      switch self {
      case .perLayer: .perLayer
      case .perStage: .perStage
      case .oneGroup: .oneGroup
      }
    }
  }
  enum ScheduleKind: String, CaseIterable { case constant, cosine, step }
  enum Average: String, CaseIterable { case none, ema, polynomial }

  var wantsHelp = false
  var data: DataSource?
  var augments = false
  var model = ModelChoice.mlp([400])
  var convolution = ConvolutionAlgorithm.automatic
  var algorithms = [Algorithm.samtS]
  var epochs = 12
  var batchSize = 128
  var learningRate: Float?
  var initialStepSize = 0.5
  var etaLearningRate = 1e-3
  var isGated = true
  var isGuarded = true
  var projection = Projection.logarithmic
  var order = BlockOrder.ascending
  var blocks = Blocks.perLayer
  var blocksPerBatch: Int?
  var schedule = ScheduleKind.constant
  var warmUpSteps = 0
  var clipping: GradientClipping?
  var dropout: Float = 0
  var inputDropout: Float = 0
  var weightDecay: Float?
  var radiusBound = 0.1
  var average = Average.none
  var seed: UInt64 = 0
  var seedCount = 1
  var threads: Int?
  var outputDirectory: String?
  /// The options that stand on the command line.
  private var given: [String] = []

  /// What is for SAMT alone.
  static let onlySAMT = [
    "--eta0", "--eta-learning-rate", "--projection", "--right-only", "--unguarded", "--order", "--blocks",
    "--blocks-per-batch",
  ]

  init(_ arguments: some Sequence<String>) throws(UsageError) {
    given = try Options.table.parse(arguments, into: &self) { (_, word) throws(UsageError) in
      throw UsageError("unexpected argument \(word)")
    }
    if let twice = algorithms.indices.first(where: { algorithms[..<$0].contains(algorithms[$0]) }) {
      throw UsageError("--optimizer: \(algorithms[twice].rawValue) is there twice")
    }
  }

  /// The data, asked for or usual for the network.
  var source: DataSource { data ?? model.usualData }

  /// The method of a single training.
  var algorithm: Algorithm { algorithms[0] }

  /// The trainings that this command line asks for: each method from each seed.
  ///
  /// An option that one method has no use for is still of use to another; what none of them takes is left to be refused.
  var runs: [Options] {
    guard algorithms.count * seedCount > 1 else { return [self] }
    return algorithms.flatMap { algorithm in
      (0..<seedCount).map { index in
        var run = self
        run.algorithms = [algorithm]
        run.seed += UInt64(index)
        run.seedCount = 1
        run.given.removeAll { name in
          algorithm.ignoredOptions.contains(name) && !algorithms.allSatisfy { $0.ignoredOptions.contains(name) }
        }
        run.outputDirectory = outputDirectory.map { "\($0)/\(algorithm.rawValue)-\(run.seed)" }
        return run
      }
    }
  }

  /// Throws where one of the options `names` was given, which `reason` says is pointless.
  func refuse(_ names: [String], _ reason: String) throws(SAMTError) {
    if let name = given.first(where: { names.contains($0) }) { throw .configuration("\(name) \(reason)") }
  }

  static var help: String {
    let head = """
      Trains a network and prints its test accuracy.

      usage: samt-train [options]

      Without options: built-in digits, 784-400-10, SAMT with one step size per block. Without --data, vgg-small and the
      ResNets are trained on built-in shapes. Files may be compressed (.gz).


      """
    let tail = """

      environment: SAMT_ISA names the instruction set (portable, neon, avx2, avx512), SAMT_THREADS the threads.
      exit status: 0, or 2 for a file or setting that does not work, or 64 for a wrong command line.

      """
    return head + table.help + tail
  }

  private typealias Option = CommandLineOption<Options>

  private static var table: OptionTable<Options> {
    OptionTable {
      Option(
        "--data", "SOURCE", "digits, shapes, idx:DIR (MNIST's files), cifar10:DIR, cifar100:DIR, or DIR, which is idx",
        \.data, .dataSource)
      Option("--augment", "random crops, and for images in colour flips, of the training images", \.augments)
      Option("--model", "NAME", ModelChoice.names + "; default mlp:400", \.model, .model)
      Option(
        "--convolution", "NAME", names(ConvolutionAlgorithm.self) + ", of vgg-small and the ResNets; default automatic",
        \.convolution, .choice)
      Option(
        "--optimizer", "NAME[,NAME...]", names(Algorithm.self) + "; default samt-s; several are compared",
        \.algorithms, ValueReader<Algorithm>.choice.list)
      Option("--epochs", "N", "default 12", \.epochs, .integer(1...1_000_000))
      Option("--batch", "N", "examples in a minibatch; default 128", \.batchSize, .integer(1...1_000_000))
      Option(
        "--learning-rate", "X", "not for SAMT; default sgd 1, momentum and nesterov 0.1, the others 0.001",
        \.learningRate, .positive)
      Option(
        "--radius-bound", "X", "gamma of soaa, above 0 and below 1; default 0.1", \.radiusBound, .number(0...1))
      Option("--eta0", "X", "where SAMT's step sizes start; default 0.5", \.initialStepSize, .positive)
      Option(
        "--eta-learning-rate", "X", "of SAMT's eta models; default 0.001", \.etaLearningRate, .number(0...100))
      Option(
        "--projection", "NAME", names(Projection.self) + "; default logarithmic", \.projection, .choice)
      Option("--right-only", "SAMT without its gate: the eta model's step size alone", \.isGated, false)
      Option("--unguarded", "SAMT keeps steps that make the loss rise", \.isGuarded, false)
      Option("--order", "NAME", names(BlockOrder.self) + "; default ascending", \.order, .choice)
      Option("--blocks", "NAME", names(Blocks.self) + "; default per-layer", \.blocks, .choice)
      Option(
        "--blocks-per-batch", "N", "blocks that move on one minibatch; default all", \.blocksPerBatch,
        .integer(1...1_000_000))
      Option("--schedule", "NAME", names(ScheduleKind.self) + "; default constant", \.schedule, .choice)
      Option(
        "--warm-up", "STEPS", "minibatches over which steps grow to full size; default 0", \.warmUpSteps,
        .integer(0...1_000_000_000))
      Option(
        "--clip-norm", "X", "limit on the gradients' joint norm; not for SAMT", \.clipping,
        ValueReader<Float>.positive.map(GradientClipping.norm))
      Option(
        "--clip-value", "X", "limit on each gradient's magnitude; not for SAMT", \.clipping,
        ValueReader<Float>.positive.map(GradientClipping.value))
      Option("--dropout", "P", "after each hidden layer of mlp; default 0", \.dropout, .probability)
      Option("--input-dropout", "P", "of the input of mlp; default 0", \.inputDropout, .probability)
      Option(
        "--weight-decay", "X", "decoupled, of weights; default 0, with adamw 0.01", \.weightDecay,
        .number(0...1e6))
      Option(
        "--average", "NAME", names(Average.self) + " of the weights, evaluated too; default none", \.average, .choice)
      Option(
        "--seed", "N", "of weights, order, dropout and augmentation; default 0", \.seed,
        ValueReader<Int>.integer(0...Int.max).map { UInt64($0) })
      Option(
        "--seeds", "N", "trainings of each method, from seeds that follow each other; default 1", \.seedCount,
        .integer(1...1000))
      Option("--threads", "N", "default: the CPUs this process may use", \.threads, .integer(1...64))
      Option(
        "--out", "DIR",
        "writes metrics.jsonl there, one object per epoch; for several trainings into folders METHOD-SEED",
        \.outputDirectory, .text)
      Option("--help", "this text", \.wantsHelp)
    }
  }
}
