import Foundation
import SAMT

/// What training cost: the time of its steps, and its layer passes.
struct Cost: Codable, Equatable {
  var seconds: Double
  var passes: Int

  /// No cost.
  static let none = Cost(seconds: 0, passes: 0)

  /// The cost of the epochs that are reported, which are a training's first.
  init(of reports: some Collection<EpochReport>) {
    seconds = reports.reduce(0) { $0 + $1.seconds }
    passes = reports.map(\.layerPasses.total).max() ?? 0
  }

  init(seconds: Double, passes: Int) {
    self.seconds = seconds
    self.passes = passes
  }

  static func + (left: Cost, right: Cost) -> Cost {
    Cost(seconds: left.seconds + right.seconds, passes: left.passes + right.passes)
  }
}

/// What a comparison came to: `results.json`.
struct ComparisonResults: Codable, Equatable {
  /// A training of the rate search.
  struct Trial: Codable, Equatable {
    var rate: Double
    /// On the validation examples, after the last epoch.
    var result: Double
    var cost: Cost
  }

  /// A training that is compared.
  struct Training: Codable, Equatable {
    var seed: UInt64
    var epochs: Int
    /// On the test examples, after the last epoch.
    var result: Double
    /// The same with averaged weights, where they are kept.
    var averagedResult: Double?
    /// The mean over the last epoch's minibatches.
    var trainingLoss: Double
    var cost: Cost
    /// The cost at the end of the first epoch that reached the target; nil where none did, or there is none.
    var costOfTarget: Cost?
  }

  /// A method's results.
  struct Row: Codable, Equatable {
    var method: String
    /// The rate that was chosen; nil where none was searched.
    var rate: Double?
    var search: [Trial]
    var trainings: [Training]

    /// The mean of the results.
    var mean: Double { trainings.map(\.result).reduce(0, +) / Double(trainings.count) }

    /// The standard deviation of the results; nil for a single one.
    var deviation: Double? {
      guard trainings.count > 1 else { return nil }
      let mean = mean
      return (trainings.reduce(0) { $0 + ($1.result - mean) * ($1.result - mean) } / Double(trainings.count - 1))
        .squareRoot()
    }

    /// What the search cost.
    var searchCost: Cost { search.reduce(.none) { $0 + $1.cost } }
  }

  /// What is compared: a metric's name, or `loss`.
  var metric: String
  var direction: MetricDirection
  var target: Double?
  var rows: [Row]

  init(criterion: Criterion, target: Double?, rows: [Row]) {
    metric = criterion.name
    direction = criterion.direction
    self.target = target
    self.rows = rows
  }

  /// The row with the best mean; nil where no row has one.
  var best: Row? {
    rows.reduce(nil) { best, row in
      guard !row.mean.isNaN else { return best }
      guard let best else { return row }
      return direction.isBetter(row.mean, than: best.mean) ? row : best
    }
  }

  /// How much worse or better a row's results are than the best row's, seed by seed.
  func difference(_ row: Row) -> PairedBootstrap? {
    best.map { PairedBootstrap(row.trainings.map(\.result), minus: $0.trainings.map(\.result)) }
  }

  /// The results as indented JSON; NaN and infinities as "nan", "inf" and "-inf".
  var json: [UInt8] {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
    }
  }

  /// The trainings as comma-separated values, a row each.
  var csv: String {
    let head = "method,rate,seed,epochs,\(metric),training_loss,seconds,passes\n"
    return rows.reduce(head) { text, row in
      row.trainings.reduce(text) { text, training in
        let fields: [String] = [
          row.method, row.rate.map { "\(Float($0))" } ?? "", "\(training.seed)", "\(training.epochs)",
          "\(training.result)", "\(training.trainingLoss)", "\(training.cost.seconds)", "\(training.cost.passes)",
        ]
        return text + fields.joined(separator: ",") + "\n"
      }
    }
  }
}

extension Criterion {
  /// The first of the epochs that are best on examples that they were not trained on.
  fileprivate func best(of reports: [EpochReport]) -> EpochReport? {
    reports.reduce(nil) { best, report in
      let (value, earlier) = (report.heldOut.map(value) ?? .nan, best?.heldOut.map(value) ?? .nan)
      return direction.isBetter(value, than: earlier) ? report : best
    }
  }
}

extension ComparisonResults.Training {
  /// What a training's reports say; a result of NaN where it has no report.
  ///
  /// - Parameter stopsEarly: whether the epoch that counts is not the last but the best one.
  init(seed: UInt64, reports: [EpochReport], criterion: Criterion, target: Double?, stopsEarly: Bool = false) {
    let last = stopsEarly ? criterion.best(of: reports) : reports.last
    let reached = target.flatMap { target in
      reports.firstIndex { report in
        report.heldOut.map { !criterion.direction.isBetter(target, than: criterion.value(of: $0)) } ?? false
      }
    }
    self.init(
      seed: seed, epochs: reports.count, result: last?.test.map(criterion.value) ?? .nan,
      averagedResult: last?.averagedTest.map(criterion.value), trainingLoss: last?.training.loss ?? .nan,
      cost: Cost(of: reports), costOfTarget: reached.map { Cost(of: reports[...$0]) })
  }
}
