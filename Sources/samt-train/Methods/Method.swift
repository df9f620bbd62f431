import CommandLineOptions
import SAMT

/// An option as it stands on a command line or in a run's configuration, not yet read.
struct GivenOption: Equatable {
  var name: String
  /// Nil for an option that is there or not.
  var value: String?
}

/// What a method is made for.
struct MethodContext {
  var model: Model
  /// The training examples.
  var examples: Int
  /// Minibatches in an epoch.
  var stepsPerEpoch: Int
  var epochs: Int
  var seed: UInt64

  /// The steps of the whole training.
  var totalSteps: Int { stepsPerEpoch * epochs }

  /// The updates of the whole training, where each takes so many minibatches.
  func updates(minibatches: Int) -> Int { (stepsPerEpoch + minibatches - 1) / minibatches * epochs }
}

/// A training method: its name, its options with their help and defaults, and how it is made.
///
/// A method is one value in one file of this folder, and an entry in ``all``. The table of options, the help, what is
/// refused, the comparison and a run's configuration derive from them.
struct Method {
  /// An option of the method.
  struct Option {
    let name: String
    let placeholder: String?
    let help: String
    /// Nil for an option that is there or not, and for one that is usually left out.
    let defaultText: String?
  }

  let name: String
  let summary: String
  let options: [Option]
  /// Whether it takes minibatches; otherwise every step takes all examples.
  var takesMinibatches: Bool { usual.takesMinibatches }
  /// The option whose best value a comparison searches: the learning rate; nil where the method has none, or finds its own.
  let searchedOption: String?
  /// The method with its defaults.
  let usual: ConfiguredMethod
  private let configure: ([GivenOption]) throws(UsageError) -> ConfiguredMethod

  /// A method with settings of a type of its own.
  ///
  /// - Parameter findsRate: whether the method finds its rate, so that `--learning-rate`, where it has one, is a factor
  ///   that is usually left alone.
  init<Settings>(
    _ name: String, _ summary: String, _ defaults: Settings, options table: OptionTable<Settings>,
    takesMinibatches: Bool = true, findsRate: Bool = false,
    make: @escaping (Settings, MethodContext) throws(SAMTError) -> any TrainingAlgorithm
  ) {
    func configured(_ settings: Settings) -> ConfiguredMethod {
      ConfiguredMethod(name: name, values: table.values(of: settings), takesMinibatches: takesMinibatches) {
        (context) throws(SAMTError) in try make(settings, context)
      }
    }
    self.name = name
    self.summary = summary
    let rate = "--learning-rate"
    searchedOption = !findsRate && table.options.contains { $0.name == rate } ? rate : nil
    options = table.options.map { option in
      Option(
        name: option.name, placeholder: option.placeholder, help: option.help,
        defaultText: option.text(of: defaults))
    }
    usual = configured(defaults)
    configure = { (given) throws(UsageError) in
      var settings = defaults
      for option in given { try table.apply(option.name, option.value, to: &settings) }
      return configured(settings)
    }
  }

  /// The method with the given options in place of its defaults.
  ///
  /// - Throws: `UsageError` for an option that the method would ignore, and for a value that it cannot have.
  func configured(by given: [GivenOption]) throws(UsageError) -> ConfiguredMethod {
    if let name = given.map(\.name).first(where: { !takes($0) }) {
      let others = Method.all.filter { $0.takes(name) }.map(\.name).joined(separator: ", ")
      throw UsageError(
        others.isEmpty ? "unknown option \(name)" : "\(name) is for \(others), and \(self.name) would ignore it")
    }
    return try configure(given)
  }

  /// Whether it has an option of that name.
  func takes(_ option: String) -> Bool { options.contains { $0.name == option } }
}

/// A method whose options are settled.
struct ConfiguredMethod {
  let name: String
  /// Its options, defaults included, as they would stand on the command line.
  let values: [(name: String, values: [String])]
  /// Whether it takes minibatches; otherwise every step takes all examples.
  let takesMinibatches: Bool
  private let makeAlgorithm: (MethodContext) throws(SAMTError) -> any TrainingAlgorithm

  fileprivate init(
    name: String, values: [(name: String, values: [String])], takesMinibatches: Bool,
    make: @escaping (MethodContext) throws(SAMTError) -> any TrainingAlgorithm
  ) {
    self.name = name
    self.values = values
    self.takesMinibatches = takesMinibatches
    makeAlgorithm = make
  }

  /// The algorithm that trains the context's model.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where the settings make no sense, or none for this model.
  func make(for context: MethodContext) throws(SAMTError) -> any TrainingAlgorithm { try makeAlgorithm(context) }
}
