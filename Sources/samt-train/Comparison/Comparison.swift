import CommandLineOptions
import SAMT

/// A comparison of methods: what an epoch costs, the search for the rates, the trainings from all seeds.
///
/// Every training lives in a directory, and what comes next depends on what those came to alone. So a comparison that was
/// interrupted goes on by being run again.
struct Comparison {
  let settings: ComparisonSettings
  let directory: ComparisonDirectory
  let pool: TrainingPool
  private let criterion: Criterion

  /// A comparison that is kept in `directory`.
  ///
  /// - Throws: `UsageError` and ``SAMTError`` for settings that do not work, before the first training.
  init(_ settings: ComparisonSettings, in directory: ComparisonDirectory, signals: StopSignals) throws {
    self.settings = settings
    self.directory = directory
    criterion = try Self.check(try settings.contenders(), seed: settings.seeds[0])
    pool = TrainingPool(
      jobs: settings.jobs, checkpointInterval: settings.trainings.output.checkpointInterval, signals: signals,
      criterion: criterion)
  }

  /// Runs what is left of it.
  ///
  /// - Throws: ``TrainingPool/Stopped``, ``SAMTError``, `UsageError` and `StandardOutput.Failure`.
  func run() throws -> ComparisonResults {
    var contenders = try settings.contenders()
    try setLengths(of: &contenders)
    try searchRates(of: &contenders)
    let trainings = try contenders.map { contender in
      try settings.seeds.map { seed in try planned(contender, seed: seed, rate: contender.rate) }
    }
    try pool.run(Array(trainings.joined()))
    let rows = try zip(contenders, trainings).map { contender, trainings in
      ComparisonResults.Row(
        method: contender.method.name, rate: contender.rate, search: try searched(contender),
        trainings: try trainings.map { training in
          ComparisonResults.Training(
            seed: training.settings.seed, reports: try training.directory.reports(), criterion: criterion,
            target: settings.target, stopsEarly: settings.trainings.training.patience != nil)
        })
    }
    return ComparisonResults(criterion: criterion, target: settings.target, rows: rows)
  }

  /// Settings that do not work are better known before the first training than before the last.
  ///
  /// - Returns: what the trainings are compared by.
  private static func check(_ contenders: [Contender], seed: UInt64) throws -> Criterion {
    guard let first = contenders.first else { throw UsageError("--optimizer: no method to compare") }
    let data = try first.training(seed: seed, rate: nil).loadData()
    var criterion = Criterion.loss
    for contender in contenders {
      criterion = try TrainingSession(try contender.training(seed: seed, rate: nil), on: data).trainer.criterion
    }
    return criterion
  }

  /// Chooses how many epochs each method trains, by one that tells what it costs where there is a budget.
  private func setLengths(of contenders: inout [Contender]) throws {
    let budget = try settings.budget
    guard budget != .epochs else { return }
    let pilots = try contenders.map { contender in
      var pilot = contender
      pilot.epochs = 1
      return PlannedTraining(
        name: "\(contender.method.name), what an epoch costs",
        settings: try pilot.preliminaryTraining(seed: settings.seeds[0], rate: nil),
        directory: try directory.pilot(of: contender.method.name))
    }
    try pool.run(pilots)
    for index in contenders.indices {
      guard let report = try pilots[index].directory.reports().last else { continue }
      contenders[index].epochs = budget.epochs(planned: contenders[index].epochs, after: report)
    }
  }

  /// Searches all methods' rates side by side, round by round, by the result on the validation examples.
  private func searchRates(of contenders: inout [Contender]) throws {
    while true {
      var rounds: [(contender: Int, trainings: [PlannedTraining])] = []
      for index in contenders.indices {
        let rates = contenders[index].search?.nextRates() ?? []
        guard !rates.isEmpty else { continue }
        rounds.append((index, try rates.map { try trial(contenders[index], rate: $0) }))
      }
      guard !rounds.isEmpty else { return }
      try pool.run(rounds.flatMap(\.trainings))
      for (index, trainings) in rounds {
        contenders[index].search?.add(try trainings.map { try score($0.directory.reports().last) })
      }
    }
  }

  /// The result on the validation examples, the greater the better; NaN where there is none.
  private func score(_ report: EpochReport?) -> Double {
    guard let validation = report?.validation else { return .nan }
    let value = criterion.value(of: validation)
    return criterion.direction == .larger ? value : -value
  }

  private func trial(_ contender: Contender, rate: Double) throws -> PlannedTraining {
    PlannedTraining(
      name: "\(contender.method.name), rate \(Float(rate)), search",
      settings: try contender.preliminaryTraining(seed: settings.seeds[0], rate: rate),
      directory: try directory.search(contender.method.name, rate: rate))
  }

  private func planned(_ contender: Contender, seed: UInt64, rate: Double?) throws -> PlannedTraining {
    PlannedTraining(
      name: contender.method.name + (rate.map { ", rate \(Float($0))" } ?? "") + ", seed \(seed)",
      settings: try contender.training(seed: seed, rate: rate),
      directory: try directory.training(of: contender.method.name, seed: seed))
  }

  /// What the search of a method's rate came to.
  private func searched(_ contender: Contender) throws -> [ComparisonResults.Trial] {
    try (contender.search?.trials ?? []).map { trial in
      let reports = try directory.search(contender.method.name, rate: trial.rate).reports()
      return ComparisonResults.Trial(
        rate: trial.rate, result: reports.last?.validation.map(criterion.value) ?? .nan, cost: Cost(of: reports))
    }
  }
}
