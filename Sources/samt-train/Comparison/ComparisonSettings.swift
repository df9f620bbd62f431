import CommandLineOptions
import SAMT

/// What `compare` is asked for.
struct ComparisonSettings {
  var trainings = TrainSettings(methods: Method.all.filter(\.takesMinibatches))
  /// How many rates are tried for each method that has one.
  var searchCount = 0
  var seconds: Double?
  var passes: Int?
  /// The result whose time is measured.
  var target: Double?
  /// Trainings that run side by side.
  var jobs = 1
  /// The directory of an earlier comparison that shall go on.
  var resumedDirectory: String?

  /// All options; a comparison's file keeps those of ``kept``.
  static var options: OptionTable<Self> {
    kept
      + OptionTable("an earlier comparison") {
        CommandLineOption(
          "--resume", "DIR", "goes on with the comparison kept there by --out", \Self.resumedDirectory, .path)
      }
  }

  /// The options that say what is compared, and how.
  static var kept: OptionTable<Self> {
    TrainSettings.sharedOptions.lifted(\Self.trainings)
      + OptionTable("comparison") {
        CommandLineOption(
          "--search", "K",
          "rates tried for each method that has one, from the first seed, on validation examples and never on test "
            + "examples; 0 for the usual rate",
          \Self.searchCount, .integer(0...1000))
        CommandLineOption(
          "--seconds", "X", "training time of each, in place of --epochs: the nearest number of whole epochs",
          \Self.seconds, .positive)
        CommandLineOption(
          "--passes", "N", "layer passes of each, in place of --epochs: the nearest number of whole epochs",
          \Self.passes, .integer(1...Int.max))
        CommandLineOption(
          "--reach", "X", "a result: the table says after which time and passes each had it", \Self.target,
          .number(-.greatestFiniteMagnitude ... .greatestFiniteMagnitude))
        CommandLineOption(
          "--jobs", "N", "trainings side by side, each on one thread; 1 for one after the other on all", \Self.jobs,
          .integer(1...64))
      }
  }

  /// The share of the training examples that a search is judged by where none is asked for.
  private static let usualValidationFraction = 0.1

  /// What each training may cost.
  ///
  /// - Throws: `UsageError` where two budgets are given.
  var budget: Budget {
    get throws(UsageError) {
      switch (seconds, passes) {
      case (nil, nil): .epochs
      case (let seconds?, nil): .seconds(seconds)
      case (nil, let passes?): .passes(passes)
      default: throw UsageError("--seconds and --passes cannot both limit the trainings")
      }
    }
  }

  /// The methods with what is asked for each.
  ///
  /// - Throws: `UsageError` for a method that is there twice, and for an option that no method has or one cannot take.
  func contenders() throws(UsageError) -> [Contender] {
    var training = trainings.training
    if searchCount > 0 && training.validationFraction == nil {
      training.validationFraction = Self.usualValidationFraction
    }
    var contenders: [Contender] = []
    for (method, options) in try trainings.methodsWithOptions() {
      contenders.append(
        try Contender(method, options: options, training: training, searchCount: searchCount))
    }
    return contenders
  }

  /// The seeds of each method's trainings.
  var seeds: [UInt64] { (0..<trainings.seedCount).map { trainings.training.seed + UInt64($0) } }
}
