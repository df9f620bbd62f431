/// How many moves lie between a minibatch and its replay: 1, 2, 4, 8, 16 at first, then as many as see about 2560
/// examples, at least 20.
public struct ReplayWindow: Sendable, Equatable {
  /// The examples that a window sees.
  public var examples = 2560
  /// The fewest moves of a window behind the first ones.
  public var shortest = 20
  /// How many windows double in length, from 1 on.
  public var doublings = 5

  /// The defaults.
  public init() {}

  /// Checks the numbers.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where one is negative, or the shortest window has no move.
  func validate() throws(SAMTError) {
    guard examples >= 0, shortest >= 1, doublings >= 0 else {
      throw .configuration(
        "a replay window needs at least 1 move and no negative number, found \(examples) examples, "
          + "\(shortest) moves at least, \(doublings) doublings")
    }
  }

  /// The length of the next window, where `closed` have closed so far.
  public func length(closed: Int, batchSize: Int) -> Int {
    let full = max(shortest, examples / max(batchSize, 1))
    return closed < min(doublings, 30) ? min(full, 1 << closed) : full
  }

  /// Whether the first, short windows are over.
  public func isSettled(closed: Int) -> Bool { closed >= doublings }
}
