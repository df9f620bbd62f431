/// Sums over all ranks whose bits depend on the ranks' values alone.
///
/// Neighbours are added, then neighbouring sums, and so on; an odd one waits: ((r0 + r1) + (r2 + r3)) + r4. A long
/// vector is cut into one segment per rank: each rank collects all ranks' parts of its segment, adds them up, and hands
/// the sum to the others. That sends 2 (P - 1) / P of the vector per rank, as few bytes as a ring does, in two steps
/// instead of its 2 (P - 1). A short one is collected by everyone, in one step.
///
/// Nothing is allocated behind the first sum of the longest vector.
final class RankSum {
  private let communicator: any Communicator
  /// The other ranks' parts, (ranks, segment).
  private var received = Tensor(zeros: [0])
  private var numbers: [Double]

  /// Vectors of fewer elements travel whole: sending them in two steps would take longer than sending more.
  private static let shortest = 2048
  /// Segments begin at cache lines.
  private static let lane = 16

  init(over communicator: any Communicator) {
    self.communicator = communicator
    numbers = [Double](repeating: 0, count: communicator.size)
  }

  /// The elements that a vector of `count` takes in memory while it is summed: as many segments as ranks.
  func paddedCount(_ count: Int) -> Int {
    let (lane, ranks) = (RankSum.lane, communicator.size)
    return ((count + ranks - 1) / ranks + lane - 1) / lane * lane * ranks
  }

  /// The sum of the ranks' numbers.
  func sum(_ number: Double) -> Double {
    guard communicator.size > 1 else { return number }
    withUnsafeBytes(of: number) { block in numbers.withUnsafeMutableBytes { communicator.gather(block, into: $0) } }
    return PairwiseSum.sum(&numbers)
  }

  /// Replaces the first `count` elements by their sums over the ranks.
  ///
  /// - Precondition: `vector` has ``paddedCount(_:)`` elements, of which those behind `count` are finite and are lost.
  func sum(_ vector: inout Tensor, count: Int) {
    let ranks = communicator.size
    guard ranks > 1 else { return }
    let padded = paddedCount(count)
    ensure(vector.count >= padded, "a sum over \(ranks) ranks of \(count) in \(vector.count) elements")
    let isWhole = count < RankSum.shortest
    let width = isWhole ? count : padded / ranks
    if received.count < ranks * width { received = Tensor(zeros: [ranks * width]) }
    received.withMutablePointer { received in
      vector.withMutablePointer { vector in
        let all = UnsafeMutableRawBufferPointer(start: received, count: 4 * ranks * width)
        if isWhole {
          communicator.gather(UnsafeRawBufferPointer(start: vector, count: 4 * width), into: all)
          PairwiseSum.sumRows(received, rows: ranks, columns: width)
          vector.update(from: received, count: width)
        } else {
          let segments = UnsafeMutableRawBufferPointer(start: vector, count: 4 * padded)
          communicator.exchange(UnsafeRawBufferPointer(segments), into: all)
          PairwiseSum.sumRows(received, rows: ranks, columns: width)
          communicator.gather(UnsafeRawBufferPointer(start: received, count: 4 * width), into: segments)
        }
      }
    }
  }
}
