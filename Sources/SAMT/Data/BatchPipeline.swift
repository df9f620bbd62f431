/// Deals out a data set in minibatches; with augmentation, prepares the next one on another thread meanwhile.
///
/// Without augmentation a batch is a slice of the data set and nothing is copied. With it, images are copied into
/// buffers that were made once. The random numbers of an epoch are drawn at its beginning, on the caller's thread, so a
/// batch depends neither on the number of threads nor on whether it was fetched ahead.
public final class BatchPipeline {
  private let batchSize: Int
  private let exampleShape: Shape
  private let augmentation: Augmentation?
  private let prefetches: Bool
  private var generator: Generator
  private let prepared: PreparedBatches?

  /// A pipeline for data sets whose examples have shape `exampleShape`.
  ///
  /// - Parameters:
  ///   - batchSize: examples in a minibatch; the last, smaller one is left out.
  ///   - augmentation: nil for the examples as they are.
  ///   - prefetches: whether augmented batches are prepared on another thread.
  ///   - generator: where the augmentation's random numbers come from.
  /// - Throws: ``SAMTError/configuration(_:)`` for a batch size below 1, and where the augmentation cannot take examples
  ///   of this shape.
  public init(
    for exampleShape: Shape, batchSize: Int, augmentation: Augmentation? = nil, prefetches: Bool = true,
    generator: Generator
  ) throws(SAMTError) {
    guard batchSize >= 1 else { throw .configuration("the batch size must be at least 1, found \(batchSize)") }
    try augmentation?.check(exampleShape)
    self.batchSize = batchSize
    self.exampleShape = exampleShape
    self.augmentation = augmentation
    self.prefetches = prefetches
    self.generator = generator
    prepared = augmentation.map { _ in PreparedBatches(batchSize: batchSize, exampleShape: exampleShape) }
  }

  /// Calls `body` with each whole batch, in the data set's order.
  ///
  /// After the first batches this allocates nothing, as long as `body` lets go of a batch by the end of the next call.
  ///
  /// - Precondition: examples of the shape that the pipeline was made for.
  public func forEachBatch(of dataset: Dataset, _ body: (Batch) -> Void) {
    ensure(
      dataset.exampleShape == exampleShape,
      "examples of shape \(dataset.exampleShape) in a pipeline for \(exampleShape)")
    let steps = dataset.count / batchSize
    guard let augmentation, let prepared else {
      for step in 0..<steps { body(dataset.batch(range(step))) }
      return
    }
    prepared.begin(dataset.inputs, steps: steps, prefetches: prefetches) { augmentation.placement(using: &generator) }
    for step in 0..<steps {
      prepared.withBatch(step) { body(Batch(inputs: $0, targets: .classes(dataset.labels[range(step)]))) }
    }
    prepared.end()
  }

  private func range(_ step: Int) -> Range<Int> { step * batchSize..<(step + 1) * batchSize }
}
