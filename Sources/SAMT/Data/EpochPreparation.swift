import Dispatch

/// The preparation of one epoch's batches, where wanted on another thread while the last one is in use.
///
/// Sendable because what both threads touch is handed over by two semaphores: a buffer's content, and the wish to end.
final class EpochPreparation: @unchecked Sendable {
  private let buffers: BatchBufferRing
  private let order: [Int]
  private let placements: [Augmentation.Placement]
  /// How many batches may be filled ahead.
  private let vacant = DispatchSemaphore(value: 0)
  /// How many filled ones wait.
  private let filled = DispatchSemaphore(value: 0)
  private var isEnding = false

  init(_ buffers: BatchBufferRing, order: [Int], placements: [Augmentation.Placement]) {
    self.buffers = buffers
    self.order = order
    self.placements = placements
  }

  /// Calls `body` with each step as soon as its batch is filled, until it returns false.
  ///
  /// Without prefetching, and where the system has no thread to give, each batch is filled when it is needed.
  func forEachStep(_ steps: Range<Int>, prefetches: Bool, _ body: (Int) -> Bool) {
    guard prefetches, let thread = BackgroundThread({ self.fillAhead(steps) }) else {
      for step in steps {
        fill(step)
        if !body(step) { return }
      }
      return
    }
    vacant.signal()
    for step in steps {
      filled.wait()
      vacant.signal()
      if !body(step) { break }
    }
    isEnding = true
    vacant.signal()
    thread.join()
  }

  private func fillAhead(_ steps: Range<Int>) {
    for step in steps {
      vacant.wait()
      if isEnding { return }
      fill(step)
      filled.signal()
    }
  }

  private func fill(_ step: Int) { buffers.fill(step, order: order, placements: placements) }
}
