/// Running statistics of batch norms at weights that are evaluated but not trained: an average of the path, whose
/// activations no minibatch of the training has seen.
///
/// They are means over some minibatches of training examples, in the order and with the augmentation of an epoch, run
/// forward in training mode. That depends on weights, seed and epoch alone: each rank comes to the same bits by itself.
/// Nothing else changes; passes are not counted, as those of evaluations are not.
final class EvaluationStatistics {
  /// How many minibatches are gone through, where an epoch has so many.
  static let minibatches = 32

  private let model: Model
  private let norms: [BatchNorm]
  private let pipeline: BatchPipeline
  private let batchSize: Int
  private var executor: ModelExecutor?
  /// The statistics that are not in the model now: these ones, and while they are in use the trained ones.
  private var others: [[Tensor]]
  /// The number of updates behind the weights that these are of; nil where there are none yet.
  private var updates: Int?

  /// Statistics of `model`; nil where no layer has any.
  ///
  /// - Throws: as ``BatchPipeline`` does.
  init?(of model: Model, on training: Dataset, _ configuration: Trainer.Configuration) throws(SAMTError) {
    norms = model.layers.compactMap { $0 as? BatchNorm }
    guard !norms.isEmpty else { return nil }
    self.model = model
    batchSize = min(configuration.batchSize, training.count)
    // One of its own: the trainer's may be in the middle of an epoch.
    pipeline = try BatchPipeline(
      for: training, batchSize: batchSize, dropsLast: true, augmentation: configuration.augmentation,
      prefetches: false, seed: configuration.seed)
    others = norms.map { norm in norm.buffers.map { Tensor(zeros: $0.value.shape) } }
  }

  /// Calls `body` with the statistics at the model's present weights in their place, then puts the trained ones back.
  ///
  /// - Parameters:
  ///   - updates: how many led to these weights; statistics of as many are used again.
  ///   - epoch: the one whose first minibatches are gone through.
  func callAsFunction<Result>(
    after updates: Int, epoch: Int, _ body: () throws(SAMTError) -> Result
  ) throws(SAMTError) -> Result {
    swap()
    defer { swap() }
    if self.updates != updates { gather(epoch: epoch) }
    self.updates = updates
    return try body()
  }

  private func gather(epoch: Int) {
    let executor = executor ?? ModelExecutor(for: model, batchSize: batchSize)
    self.executor = executor
    let generators = model.layers.map(\.generator)
    for norm in norms { norm.beginGathering() }
    var count = 0
    pipeline.forEachBatch(epoch: epoch) { batch in
      executor.load(batch.inputs)
      _ = executor.output()
      count += 1
      return count < Self.minibatches
    }
    executor.unload()
    for norm in norms { norm.endGathering() }
    for (layer, generator) in zip(model.layers, generators) where generator != nil { layer.generator = generator }
  }

  private func swap() {
    for (index, norm) in norms.enumerated() {
      for (position, buffer) in norm.buffers.enumerated() { Swift.swap(&buffer.value, &others[index][position]) }
    }
  }
}
