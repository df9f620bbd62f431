import CommandLineOptions

@testable import samt_train

/// What `samt-train train` makes of its arguments.
func parse(_ arguments: [String]) throws -> TrainSettings {
  var settings = TrainSettings(methods: [Method.all[0]])
  try TrainSettings.options.parse(arguments, into: &settings) { (_, word) throws(UsageError) in
    throw UsageError("unexpected argument \(word)")
  }
  return settings
}

/// The one training that these arguments ask for.
func singleRun(_ arguments: [String]) throws -> TrainingSettings { try parse(arguments).runs()[0].settings }
