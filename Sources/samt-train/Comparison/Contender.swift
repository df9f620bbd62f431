import CommandLineOptions
import SAMT

/// A method that is compared, and what is settled about its trainings.
struct Contender {
  let method: Method
  /// Those of the command line's options that the method has.
  let options: [GivenOption]
  /// What it has in common with the others.
  private let training: TrainingSettings
  /// The length of each training.
  var epochs: Int
  /// The search for its rate, where it has one.
  var search: RateSearch?

  /// - Parameter searchCount: how many rates are tried; 0 for none.
  /// - Throws: `UsageError` for an option that the method cannot have.
  init(
    _ method: Method, options: [GivenOption], training: TrainingSettings, searchCount: Int
  ) throws(UsageError) {
    self.method = method
    self.options = options
    self.training = training
    epochs = training.epochs
    let configured = try method.configured(by: options)
    guard searchCount > 0, let option = method.searchedOption,
      let text = configured.values.first(where: { $0.name == option })?.values.last, let rate = Double(text)
    else { return }
    search = RateSearch(around: rate, count: searchCount)
  }

  /// The best rate that the search has found so far.
  var rate: Double? { search?.best?.rate }

  /// A training that settles something about those that are compared, and so never sees the test examples.
  func preliminaryTraining(seed: UInt64, rate: Double?) throws(UsageError) -> TrainingSettings {
    var settings = try training(seed: seed, rate: rate)
    settings.leavesOutTest = true
    // Without validation examples, nothing says which epoch is the best.
    if (settings.validationFraction ?? 0) == 0 { settings.patience = nil }
    return settings
  }

  /// A training from `seed`, at `rate` where one is given.
  func training(seed: UInt64, rate: Double?) throws(UsageError) -> TrainingSettings {
    var settings = training
    settings.epochs = epochs
    settings.seed = seed
    settings.method = try method.configured(by: options + rateOption(rate))
    return settings
  }

  private func rateOption(_ rate: Double?) -> [GivenOption] {
    guard let rate, let name = method.searchedOption else { return [] }
    return [GivenOption(name: name, value: "\(Float(rate))")]
  }
}
