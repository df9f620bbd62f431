/// Three buffers for the batches of a data set, used in turn: one is in use, one may be filled meanwhile, and one may
/// still be held by an executor, which lets go of a batch only when it takes the next.
///
/// Sendable because no two threads touch the same buffer at a time: ``EpochPreparation`` hands them over by semaphores.
final class BatchBufferRing: @unchecked Sendable {
  private final class Buffer {
    var inputs: Tensor
    var labels: [Int32]

    init(_ shape: Shape) {
      inputs = Tensor(zeros: shape)
      labels = [Int32](repeating: 0, count: shape[0])
    }
  }

  private let dataset: Dataset
  private let batchSize: Int
  private let exampleShape: Shape
  private let buffers: [Buffer]

  init(for dataset: Dataset, batchSize: Int) {
    self.dataset = dataset
    self.batchSize = batchSize
    exampleShape = dataset.exampleShape
    // A data set that fills no batch needs no buffer.
    let count = dataset.count < batchSize ? 0 : 3
    let shape = exampleShape.batched(batchSize)
    buffers = (0..<count).map { _ in Buffer(shape) }
  }

  /// The batch that was filled for `step`.
  func batch(_ step: Int) -> Batch {
    let buffer = buffers[step % 3]
    return Batch(inputs: buffer.inputs, targets: .classes(buffer.labels[...]))
  }

  /// Fills the buffer of `step` with the examples at its positions in `order`, each under its placement where there are
  /// any.
  func fill(_ step: Int, order: [Int], placements: [Augmentation.Placement]) {
    let buffer = buffers[step % 3]
    let (size, shape) = (exampleShape.count, exampleShape)
    dataset.inputs.withPointer { source in
      buffer.inputs.withMutablePointer { out in
        for i in 0..<batchSize {
          let position = step * batchSize + i
          let (example, destination) = (source + order[position] * size, out + i * size)
          if placements.isEmpty {
            destination.update(from: example, count: size)
          } else {
            placements[position].copy(example, shape: shape, into: destination)
          }
        }
      }
    }
    for i in 0..<batchSize { buffer.labels[i] = dataset.labels[order[step * batchSize + i]] }
  }
}
