/// Evaluates a model in inference mode, in batches of one size; keeps its buffers between calls.
///
/// Several ranks take a batch each in turn. All of them then add up every batch's loss and measure its predictions, in
/// the order of the examples, so that the result is on all ranks, and is that of one, in every bit.
public final class Evaluator {
  private let model: Model
  private let loss: any Loss
  let metrics: MetricAccumulator
  private let batchSize: Int
  private let communicator: any Communicator
  private let outputs: ShardOutputs
  private var executors: [Int: ModelExecutor] = [:]

  /// An evaluator of `model`.
  ///
  /// - Parameters:
  ///   - metrics: what is measured besides the loss; nil for what is usual for the loss.
  ///   - communicator: the ranks that evaluate together, each of which makes the same calls.
  /// - Precondition: `batchSize` at least 1.
  public init(
    _ model: Model, loss: any Loss, metrics: [any Metric]? = nil, batchSize: Int = 256,
    communicator: any Communicator = LocalCommunicator()
  ) {
    ensure(batchSize >= 1, "a batch of \(batchSize) examples")
    self.model = model
    self.loss = loss
    self.metrics = MetricAccumulator(metrics ?? loss.usualMetrics, outputs: model.outputShape.count)
    self.batchSize = batchSize
    self.communicator = communicator
    outputs = ShardOutputs(on: communicator)
  }

  /// The mean loss and the metrics over all examples, the last, smaller batch included; NaN for none.
  ///
  /// - Throws: ``SAMTError`` where examples or targets do not fit the model, the loss or a metric.
  public func evaluate(_ dataset: Dataset) throws(SAMTError) -> Evaluation {
    try dataset.check(for: model, loss: loss, metrics: metrics.metrics, name: "evaluated")
    metrics.reset()
    var (total, weight) = (0.0, 0.0)
    for start in stride(from: 0, to: dataset.count, by: batchSize * communicator.size) {
      let batches = (0..<communicator.size).map { rank in
        min(start + batchSize * rank, dataset.count)..<min(start + batchSize * (rank + 1), dataset.count)
      }
      let losses = run(batches, of: dataset)
      let predictions = outputs.collect(model.outputShape)
      for (rank, batch) in batches.enumerated() where !batch.isEmpty {
        let targets = dataset.targets[batch]
        metrics.add(predictions[rows: batch.lowerBound - start..<batch.upperBound - start], targets: targets)
        let batchWeight = loss.weight(of: targets)
        total += losses[rank] * batchWeight
        weight += batchWeight
      }
    }
    return Evaluation(loss: total / weight, metrics: metrics.values)
  }

  /// Runs this rank's batch, where it has one, and returns the mean loss of each rank's.
  private func run(_ batches: [Range<Int>], of dataset: Dataset) -> [Double] {
    outputs.begin(batches, width: model.outputShape.count)
    let own = batches[communicator.rank]
    var value = 0.0
    if !own.isEmpty {
      let batch = dataset.batch(own)
      let executor = executor(batch.count)
      executor.load(batch.inputs)
      value = executor.evaluate(loss, batch.targets)
      outputs.put(executor.output(), at: own.lowerBound)
      executor.unload()
    }
    return communicator.gather(value.bitPattern).map { Double(bitPattern: $0) }
  }

  private func executor(_ size: Int) -> ModelExecutor {
    if let executor = executors[size] { return executor }
    let executor = ModelExecutor(for: model, batchSize: size, mode: .inference)
    executors[size] = executor
    return executor
  }
}
