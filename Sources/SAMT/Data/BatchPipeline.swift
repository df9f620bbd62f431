/// Deals out a data set in minibatches, epoch by epoch, each usually in a random order of its own.
///
/// The examples of a batch are copied side by side, changed at random where there is an ``Augmentation``, into buffers
/// that were made once; with augmentation the next batch can be prepared on another thread meanwhile. What is random
/// about an epoch is a function of seed and epoch alone, drawn at its beginning, so a batch depends neither on the
/// number of threads nor on whether it was prepared ahead, nor on where in the epoch a training begins.
public final class BatchPipeline {
  private let dataset: Dataset
  private let batchSize: Int
  private let augmentation: Augmentation?
  private let prefetches: Bool
  private let dropsLast: Bool
  private let shuffles: Bool
  private let seed: UInt64
  private let buffers: BatchBufferRing

  /// A pipeline through `dataset`.
  ///
  /// - Parameters:
  ///   - batchSize: examples in a minibatch; the last one of an epoch may have fewer.
  ///   - dropsLast: whether a last, smaller one is left out.
  ///   - augmentation: nil for the examples as they are.
  ///   - prefetches: whether augmented batches are prepared on another thread.
  ///   - shuffles: whether each epoch has a random order; otherwise all have the data set's.
  ///   - seed: where order and augmentation come from.
  /// - Throws: ``SAMTError/configuration(_:)`` for a batch size below 1, and where the augmentation cannot take examples
  ///   of this shape.
  public init(
    for dataset: Dataset, batchSize: Int, dropsLast: Bool = false, augmentation: Augmentation? = nil,
    prefetches: Bool = true, shuffles: Bool = true, seed: UInt64
  ) throws(SAMTError) {
    guard batchSize >= 1 else { throw .configuration("the batch size must be at least 1, found \(batchSize)") }
    try augmentation?.check(dataset.exampleShape)
    self.dataset = dataset
    self.batchSize = batchSize
    self.dropsLast = dropsLast
    self.shuffles = shuffles
    self.augmentation = augmentation
    self.prefetches = prefetches && augmentation != nil
    self.seed = seed
    buffers = BatchBufferRing(for: dataset, batchSize: batchSize, dropsLast: dropsLast)
  }

  /// The number of minibatches in an epoch.
  public var stepsPerEpoch: Int {
    dataset.count / batchSize + (dropsLast || dataset.count % batchSize == 0 ? 0 : 1)
  }

  /// Calls `body` with each batch of an epoch, until it returns false.
  ///
  /// After the first batches this allocates nothing, as long as `body` lets go of a batch by the end of the next call.
  ///
  /// - Parameters:
  ///   - epoch: counted from 1.
  ///   - first: the batch to begin with, counted from 0.
  /// - Precondition: an epoch of at least 1, a first batch in 0 ... stepsPerEpoch.
  public func forEachBatch(epoch: Int, from first: Int = 0, _ body: (Batch) -> Bool) {
    ensure(
      epoch >= 1 && first >= 0 && first <= stepsPerEpoch, "batch \(first) of \(stepsPerEpoch) in epoch \(epoch)")
    let order =
      shuffles ? EpochOrder.order(count: dataset.count, seed: seed, epoch: epoch) : Array(0..<dataset.count)
    var placements: [Augmentation.Placement] = []
    if let augmentation {
      var generator = Generator(seed: seed, for: .augmentation(epoch: epoch))
      placements = (0..<min(stepsPerEpoch * batchSize, dataset.count)).map { _ in
        augmentation.placement(using: &generator)
      }
    }
    let preparation = EpochPreparation(buffers, order: order, placements: placements)
    preparation.forEachStep(first..<stepsPerEpoch, prefetches: prefetches) { step in body(buffers.batch(step)) }
  }
}
