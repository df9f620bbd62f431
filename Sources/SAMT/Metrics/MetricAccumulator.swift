/// The metrics of an epoch or an evaluation, on their way through its batches.
///
/// Executors that share one add every batch that they evaluate (``ModelExecutor/metrics``).
public final class MetricAccumulator {
  /// The metrics, with what they have seen; the first says which of two models is better.
  public private(set) var metrics: [any Metric]
  private let outputs: Int

  /// Metrics that have seen nothing, for predictions of `outputs` elements per example.
  public init(_ metrics: [any Metric], outputs: Int) {
    self.metrics = metrics
    self.outputs = outputs
    reset()
  }

  /// Forgets all examples.
  public func reset() {
    for index in metrics.indices { metrics[index].begin(outputs: outputs) }
  }

  /// Takes in a batch; allocates nothing.
  public func add(_ predictions: Tensor, targets: Targets) {
    for index in metrics.indices { metrics[index].add(predictions, targets: targets) }
  }

  /// Values and details of all metrics, by name.
  public var values: [String: Double] { metrics.values }

  /// What the metrics have seen.
  func visitState(_ visitor: StateVisitor) {
    for index in metrics.indices {
      visitor.nested(metrics[index].name) { metrics[index].visitState(visitor) }
    }
  }
}

extension [any Metric] {
  /// Values and details, by name.
  var values: [String: Double] {
    reduce(into: [:]) { values, metric in
      values[metric.name] = metric.value
      values.merge(metric.details) { value, _ in value }
    }
  }
}
