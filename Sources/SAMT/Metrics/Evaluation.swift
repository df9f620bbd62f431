/// What a model came to on some examples.
public struct Evaluation: Sendable, Codable, Equatable {
  /// The mean loss.
  public var loss: Double
  /// The metrics, by name.
  public var metrics: [String: Double]

  /// A result, for reports of your own.
  public init(loss: Double, metrics: [String: Double] = [:]) {
    self.loss = loss
    self.metrics = metrics
  }

  /// The metric called `name`, or the loss where that is its name; nil where there is none.
  public subscript(name: String) -> Double? { metrics[name] ?? (name == Criterion.loss.name ? loss : nil) }
}

/// What says which of two models is better: a training's first metric, or its loss where it has none.
public struct Criterion: Sendable, Equatable {
  /// The metric's name, or `loss`.
  public var name: String
  /// Which of two values is better.
  public var direction: MetricDirection

  /// The loss.
  public static let loss = Criterion(name: "loss", direction: .smaller)

  /// A criterion of your own.
  public init(name: String, direction: MetricDirection) {
    self.name = name
    self.direction = direction
  }

  /// The first of `metrics`, or the loss where there is none.
  public init(_ metrics: [any Metric]) {
    self = metrics.first.map { Criterion(name: $0.name, direction: $0.direction) } ?? .loss
  }

  /// The value that counts; NaN where the evaluation has none.
  public func value(of evaluation: Evaluation) -> Double { evaluation[name] ?? .nan }

  /// Whether an epoch's model is better than those of all other epochs, on examples that it was not trained on; false
  /// where there are none.
  public func isBest(_ report: EpochReport, of others: [EpochReport]) -> Bool {
    guard let own = report.heldOut.map(value), !own.isNaN else { return false }
    return others.allSatisfy { direction.isBetter(own, than: $0.heldOut.map(value) ?? .nan) }
  }
}
