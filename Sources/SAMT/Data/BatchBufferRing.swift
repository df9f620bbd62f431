/// The buffers for the batches of a data set, three used in turn.
///
/// One is in use, one may be filled meanwhile, and one may still be held by an executor, which lets go of a batch only
/// when it takes the next. An epoch's last, smaller batch has a buffer of its own.
///
/// Sendable because no two threads touch the same buffer at a time: ``EpochPreparation`` hands them over by semaphores.
final class BatchBufferRing: @unchecked Sendable {
  private final class Buffer {
    var inputs: Tensor
    var targets: Targets

    init(_ count: Int, of dataset: Dataset) {
      inputs = Tensor(zeros: dataset.exampleShape.batched(count))
      targets = Targets(zeros: count, like: dataset.targets)
    }
  }

  private let dataset: Dataset
  private let batchSize: Int
  private let exampleShape: Shape
  private let buffers: [Buffer]
  private let remainder: Buffer?
  /// An example on its way from a file.
  private var scratch: Tensor

  /// Buffers for batches of `batchSize` examples, and where the last, smaller one is used, for that.
  init(for dataset: Dataset, batchSize: Int, dropsLast: Bool) {
    self.dataset = dataset
    self.batchSize = batchSize
    exampleShape = dataset.exampleShape
    scratch = Tensor(zeros: exampleShape)
    // A data set that fills no batch needs no buffer.
    buffers = (0..<(dataset.count < batchSize ? 0 : 3)).map { _ in Buffer(batchSize, of: dataset) }
    let rest = dataset.count % batchSize
    remainder = dropsLast || rest == 0 ? nil : Buffer(rest, of: dataset)
  }

  private func buffer(_ step: Int) -> Buffer {
    if let remainder, step == dataset.count / batchSize { return remainder }
    return buffers[step % 3]
  }

  /// The batch that was filled for `step`.
  func batch(_ step: Int) -> Batch {
    let buffer = buffer(step)
    return Batch(inputs: buffer.inputs, targets: buffer.targets)
  }

  /// Fills the buffer of `step` with the examples at its positions in `order`, each under its placement where there are
  /// any.
  func fill(_ step: Int, order: [Int], placements: [Augmentation.Placement]) {
    let buffer = buffer(step)
    let (size, shape) = (exampleShape.count, exampleShape)
    let positions = step * batchSize..<min((step + 1) * batchSize, dataset.count)
    scratch.withMutablePointer { scratch in
      buffer.inputs.withMutablePointer { out in
        for i in 0..<positions.count {
          let position = positions.lowerBound + i
          let destination = out + i * size
          dataset.storage.withExample(order[position], scratch: scratch) { example in
            if placements.isEmpty {
              destination.update(from: example, count: size)
            } else {
              placements[position].copy(example, shape: shape, into: destination)
            }
          }
        }
      }
    }
    buffer.targets.assign(order[positions], of: dataset.targets)
  }
}
