import Foundation

/// The augmented batches of an epoch, each in one of three buffers: one is in use, one is being filled, and one may
/// still be held by an executor, which lets go of a batch only when it takes the next.
///
/// Sendable because the two threads never touch the same buffer: what is written here between `begin` and `end` is a
/// buffer's content, and two semaphores hand the buffers over. All else is set before the other thread begins and
/// changed after its last signal.
final class PreparedBatches: @unchecked Sendable {
  private final class Buffer {
    var inputs: Tensor
    init(_ shape: Shape) { inputs = Tensor(zeros: shape) }
  }

  private let batchSize: Int
  private let exampleShape: Shape
  private let buffers: [Buffer]
  private var source: Tensor?
  private var placements: [Augmentation.Placement] = []
  private var prefetches = false
  /// How many batches may be filled: the first, and one during each that is in use.
  private let vacant = DispatchSemaphore(value: 1)
  /// How many filled ones wait.
  private let filled = DispatchSemaphore(value: 0)

  init(batchSize: Int, exampleShape: Shape) {
    self.batchSize = batchSize
    self.exampleShape = exampleShape
    buffers = (0..<3).map { _ in Buffer(exampleShape.batched(batchSize)) }
  }

  /// Takes the epoch's examples and draws what happens to each of them.
  func begin(_ inputs: Tensor, steps: Int, prefetches: Bool, draw: () -> Augmentation.Placement) {
    source = inputs
    self.prefetches = prefetches
    placements.removeAll(keepingCapacity: true)
    for _ in 0..<steps * batchSize { placements.append(draw()) }
    guard prefetches else { return }
    Thread.detachNewThread { [self] in
      for step in 0..<steps {
        vacant.wait()
        fill(step)
        filled.signal()
      }
    }
  }

  /// Calls `body` with batch `step` as soon as it is there; lets the next one be filled meanwhile.
  func withBatch(_ step: Int, _ body: (Tensor) -> Void) {
    if prefetches {
      filled.wait()
      vacant.signal()
    } else {
      fill(step)
    }
    body(buffers[step % 3].inputs)
  }

  /// Lets go of the examples, so that they can be shuffled in place.
  func end() { source = nil }

  private func fill(_ step: Int) {
    guard let source else { return }
    let size = exampleShape.count
    source.withPointer { source in
      buffers[step % 3].inputs.withMutablePointer { out in
        for i in 0..<batchSize {
          let example = step * batchSize + i
          placements[example].copy(source + example * size, shape: exampleShape, into: out + i * size)
        }
      }
    }
  }
}
