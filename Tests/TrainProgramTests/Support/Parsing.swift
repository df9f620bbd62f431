import CommandLineOptions
import Testing

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
func singleRun(_ arguments: [String]) throws -> TrainingSettings { try #require(try parse(arguments).run()).settings }

/// The methods that these arguments compare.
func contenders(_ arguments: [String]) throws -> [Contender] {
  try ComparisonSettings(trainings: try parse(arguments)).contenders()
}
