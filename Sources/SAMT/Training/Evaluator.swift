/// Evaluates a model in inference mode, in batches of one size; keeps its buffers between calls.
public final class Evaluator {
  private let model: Model
  private let loss: any Loss
  let metrics: MetricAccumulator
  private let batchSize: Int
  private var executors: [Int: ModelExecutor] = [:]

  /// An evaluator of `model`.
  ///
  /// - Parameter metrics: what is measured besides the loss; nil for what is usual for the loss.
  /// - Precondition: `batchSize` at least 1.
  public init(_ model: Model, loss: any Loss, metrics: [any Metric]? = nil, batchSize: Int = 256) {
    ensure(batchSize >= 1, "a batch of \(batchSize) examples")
    self.model = model
    self.loss = loss
    self.metrics = MetricAccumulator(metrics ?? loss.usualMetrics, outputs: model.outputShape.count)
    self.batchSize = batchSize
  }

  /// The mean loss and the metrics over all examples, the last, smaller batch included; NaN for none.
  ///
  /// - Throws: ``SAMTError`` where examples or targets do not fit the model, the loss or a metric.
  public func evaluate(_ dataset: Dataset) throws(SAMTError) -> Evaluation {
    try dataset.check(for: model, loss: loss, metrics: metrics.metrics, name: "evaluated")
    metrics.reset()
    var (total, weight) = (0.0, 0.0)
    for start in stride(from: 0, to: dataset.count, by: batchSize) {
      let batch = dataset.batch(start..<min(start + batchSize, dataset.count))
      let executor = executor(batch.count)
      executor.load(batch.inputs)
      let batchWeight = loss.weight(of: batch.targets)
      total += executor.evaluate(loss, batch.targets) * batchWeight
      weight += batchWeight
      executor.unload()
    }
    return Evaluation(loss: total / weight, metrics: metrics.values)
  }

  private func executor(_ size: Int) -> ModelExecutor {
    if let executor = executors[size] { return executor }
    let executor = ModelExecutor(for: model, batchSize: size, mode: .inference)
    executor.metrics = metrics
    executors[size] = executor
    return executor
  }
}
