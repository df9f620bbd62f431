import CommandLineOptions
import SAMT

/// What `train` and `compare` are asked for.
struct TrainSettings {
  var training = TrainingSettings()
  var methods: [Method]
  var methodOptions: [GivenOption] = []
  var seedCount = 1
  var threads: Int?
  var output = OutputSettings()

  /// The directory of an earlier run that shall go on; for `train` alone.
  var resumedDirectory: String?

  /// The options of `train`.
  static var options: OptionTable<Self> {
    sharedOptions
      + OptionTable("an earlier run") {
        CommandLineOption(
          "--resume", "DIR", "goes on with the run kept there by --out, with --epochs N to more epochs",
          \Self.resumedDirectory, .path)
      }
  }

  /// The options of `train` and `compare`.
  static var sharedOptions: OptionTable<Self> {
    TrainingSettings.options.lifted(\Self.training)
      + OptionTable("method") {
        CommandLineOption(
          "--optimizer", "NAME[,NAME...]", "methods, see below; several are compared",
          read: { (settings, text) throws(UsageError) in
            settings.methods = try ValueFormat<Method>.method.list.read("--optimizer", text)
          }, write: { [$0.methods.map(\.name).joined(separator: ",")] })
        CommandLineOption(
          "--seeds", "N", "trainings of each method, from seeds that follow each other", \Self.seedCount,
          .integer(1...1000))
      } + Method.options(collectedIn: \Self.methodOptions) + OutputSettings.options.lifted(\Self.output)
      + OptionTable("machine") {
        CommandLineOption("--threads", "N", "otherwise the CPUs this process may use", \Self.threads, .integer(1...64))
      }
  }
}

/// A training that a command line asks for.
struct Run {
  var settings: TrainingSettings
  var output: OutputSettings
}

extension TrainSettings {
  /// The one training that is asked for; nil where several are.
  ///
  /// - Throws: `UsageError` for an option that the method cannot take.
  func run() throws(UsageError) -> Run? {
    guard methods.count * seedCount == 1 else { return nil }
    var run = Run(settings: training, output: output)
    run.settings.method = try methods[0].configured(by: methodOptions)
    return run
  }

  /// The methods that are asked for, each with its options.
  ///
  /// An option that one method has no use for may be of use to another: each takes its own.
  ///
  /// - Throws: `UsageError` for a method that is there twice.
  func methodsWithOptions() throws(UsageError) -> [(method: Method, options: [GivenOption])] {
    let names = methods.map(\.name)
    if let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
      throw UsageError("--optimizer: \(names[twice]) is there twice")
    }
    return methods.map { method in
      let options = methodOptions.filter { option in
        method.takes(option.name) || !methods.contains { $0.takes(option.name) }
      }
      return (method, options)
    }
  }
}
