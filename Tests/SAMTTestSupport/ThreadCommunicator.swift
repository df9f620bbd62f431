import Foundation
import SAMT

/// Ranks that are threads of one process: what MPI does between processes, for tests without it.
package final class ThreadCommunicator: Communicator, @unchecked Sendable {
  package let rank: Int
  package let size: Int
  package private(set) var traffic = CommunicationTraffic()
  private let job: Job

  /// Where the threads meet; sendable because the condition guards all of it.
  private final class Job: @unchecked Sendable {
    let size: Int
    let condition = NSCondition()
    /// Written under the lock, and read between two meetings, when nobody writes.
    var blocks: [UnsafeRawBufferPointer]
    private var waiting = 0
    private var meetings = 0

    init(size: Int) {
      self.size = size
      blocks = Array(repeating: UnsafeRawBufferPointer(start: nil, count: 0), count: size)
    }

    /// Returns when all threads have come, `note` having been called under the lock.
    func meet(_ note: () -> Void = {}) {
      condition.lock()
      defer { condition.unlock() }
      note()
      waiting += 1
      let meeting = meetings
      if waiting == size {
        waiting = 0
        meetings += 1
        condition.broadcast()
      }
      while meeting == meetings { condition.wait() }
    }
  }

  private init(rank: Int, job: Job) {
    self.rank = rank
    self.job = job
    size = job.size
  }

  /// What `body` returns on each of so many ranks, rank after rank.
  package static func run<Result: Sendable>(
    ranks: Int, _ body: @escaping @Sendable (ThreadCommunicator) throws -> Result
  ) throws -> [Result] {
    let job = Job(size: ranks)
    let outcomes = Outcomes<Result>(count: ranks)
    let group = DispatchGroup()
    for rank in 0..<ranks {
      group.enter()
      let thread = Thread {
        outcomes.set(rank, Swift.Result { try body(ThreadCommunicator(rank: rank, job: job)) })
        group.leave()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    group.wait()
    return try outcomes.all.map { try $0.get() }
  }

  /// Sendable because the lock guards it.
  private final class Outcomes<Result: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var found: [Swift.Result<Result, any Error>?]

    init(count: Int) { found = Array(repeating: nil, count: count) }

    func set(_ rank: Int, _ outcome: Swift.Result<Result, any Error>) { lock.withLock { found[rank] = outcome } }

    var all: [Swift.Result<Result, any Error>] { lock.withLock { found.compactMap { $0 } } }
  }

  package func gather(_ block: UnsafeRawBufferPointer, into blocks: UnsafeMutableRawBufferPointer) {
    collect(block) { rank, theirs in
      UnsafeMutableRawBufferPointer(rebasing: blocks[rank * block.count..<(rank + 1) * block.count])
        .copyMemory(from: theirs)
    }
  }

  package func exchange(_ blocks: UnsafeRawBufferPointer, into received: UnsafeMutableRawBufferPointer) {
    let width = blocks.count / size
    collect(blocks) { rank, theirs in
      UnsafeMutableRawBufferPointer(rebasing: received[rank * width..<(rank + 1) * width])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: theirs[self.rank * width..<(self.rank + 1) * width]))
    }
  }

  private func collect(_ own: UnsafeRawBufferPointer, _ take: (Int, UnsafeRawBufferPointer) -> Void) {
    job.meet { job.blocks[rank] = own }
    for rank in 0..<size { take(rank, job.blocks[rank]) }
    job.meet()
    traffic.calls += 1
    traffic.bytes += own.count
  }

  package func finish() {}

  package func abort(status: Int32) -> Never { fatalError("rank \(rank) ended the job with status \(status)") }
}
