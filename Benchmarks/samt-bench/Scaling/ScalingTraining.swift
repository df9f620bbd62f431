import SAMT

/// A case's training on this rank.
final class ScalingTraining {
  private let model: Model
  private let algorithm: any TrainingAlgorithm
  private let executor: ModelExecutor
  private let batch: Batch
  private let loss = SoftmaxCrossEntropy()
  private let reset: ParameterReset

  init(_ benchmark: ScalingCase, shards: Int, on ranks: any Communicator) throws {
    model = try benchmark.makeModel()
    algorithm = try benchmark.makeAlgorithm(model)
    let batchSize = benchmark.batchSize
    executor = ModelExecutor(for: model, batchSize: batchSize, shards: shards, on: ranks)
    executor.metrics = MetricAccumulator(loss.usualMetrics, outputs: model.outputShape.count)
    let inputs = GradientCheck.values(model.inputShape.batched(batchSize), magnitudes: 0...1, seed: 1)
    batch = Batch(inputs: inputs, targets: .classes((0..<batchSize).map { Int32($0 % 10) }[...]))
    reset = ParameterReset(of: model, every: 50)
  }

  func step() {
    _ = algorithm.step(batch, in: executor, loss: loss)
    reset.count()
  }

  /// Whether two trainings ended with the same parameters, bit for bit, and with numbers.
  func hasSameParameters(as other: ScalingTraining) -> Bool {
    zip(model.parameters, other.model.parameters).allSatisfy { own, others in
      own.value.withSpan { own in
        others.value.withSpan { others in
          own.indices.allSatisfy { own[$0].isFinite && own[$0].bitPattern == others[$0].bitPattern }
        }
      }
    }
  }
}
