/// Evaluates a model in inference mode, in batches of one size; keeps its buffers between calls.
public final class Evaluator {
  /// Mean loss and share of right predictions.
  public struct Result: Sendable, Equatable {
    /// The mean loss over all examples.
    public var loss: Double
    /// The share of right predictions, from 0 to 1.
    public var accuracy: Double
  }

  private let model: Model
  private let loss: any Loss
  private let batchSize: Int
  private var executors: [Int: ModelExecutor] = [:]

  /// An evaluator of `model`.
  ///
  /// - Precondition: `batchSize` at least 1.
  public init(_ model: Model, loss: any Loss, batchSize: Int = 256) {
    ensure(batchSize >= 1, "a batch of \(batchSize) examples")
    self.model = model
    self.loss = loss
    self.batchSize = batchSize
  }

  /// The mean loss and accuracy over all examples, the last, smaller batch included; zeros for none.
  public func evaluate(_ dataset: Dataset) -> Result {
    var (total, correct) = (0.0, 0)
    for start in stride(from: 0, to: dataset.count, by: batchSize) {
      let batch = dataset.batch(start..<min(start + batchSize, dataset.count))
      let executor = executor(batch.count)
      executor.load(batch.inputs)
      total += executor.evaluate(loss, batch.targets) * Double(batch.count)
      correct += executor.countCorrect(loss, batch.targets)
      executor.unload()
    }
    let count = Double(max(dataset.count, 1))
    return Result(loss: total / count, accuracy: Double(correct) / count)
  }

  private func executor(_ size: Int) -> ModelExecutor {
    if let executor = executors[size] { return executor }
    let executor = ModelExecutor(for: model, batchSize: size, mode: .inference)
    executors[size] = executor
    return executor
  }
}
