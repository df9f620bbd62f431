import Foundation

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
  private let threadEnded = DispatchSemaphore(value: 0)
  private var isEnding = false

  init(_ buffers: BatchBufferRing, order: [Int], placements: [Augmentation.Placement]) {
    self.buffers = buffers
    self.order = order
    self.placements = placements
  }

  /// Calls `body` with each step as soon as its batch is filled, until it returns false.
  func forEachStep(_ steps: Range<Int>, prefetches: Bool, _ body: (Int) -> Bool) {
    guard prefetches else {
      for step in steps {
        buffers.fill(step, order: order, placements: placements)
        if !body(step) { return }
      }
      return
    }
    Thread.detachNewThread { [self] in
      for step in steps {
        vacant.wait()
        if isEnding { break }
        buffers.fill(step, order: order, placements: placements)
        filled.signal()
      }
      threadEnded.signal()
    }
    vacant.signal()
    for step in steps {
      filled.wait()
      vacant.signal()
      if !body(step) { break }
    }
    isEnding = true
    vacant.signal()
    threadEnded.wait()
  }
}
