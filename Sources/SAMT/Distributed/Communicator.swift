/// The processes that train one model together, and what they say to each other.
///
/// Each of the ``size`` processes is a rank, 0 ..< size. Every rank makes the same calls in the same order; a call
/// returns when this rank's part in it is done. What is summed is summed by the ranks themselves, in an order of their
/// own (``RankSum``), so that no bit depends on how blocks travel.
public protocol Communicator: AnyObject {
  /// This process's number.
  var rank: Int { get }

  /// How many processes there are.
  var size: Int { get }

  /// What this rank sent so far, and how long it took.
  var traffic: CommunicationTraffic { get }

  /// Collects a block of every rank on all of them, rank after rank.
  ///
  /// - Precondition: blocks of equal length; `blocks` is `size` times as long, and elsewhere in memory.
  func gather(_ block: UnsafeRawBufferPointer, into blocks: UnsafeMutableRawBufferPointer)

  /// Sends block r of `blocks` to rank r, and writes what rank r sent here as block r of `received`.
  ///
  /// - Precondition: both hold `size` blocks of equal length, and lie apart.
  func exchange(_ blocks: UnsafeRawBufferPointer, into received: UnsafeMutableRawBufferPointer)

  /// Ends this rank's part in the job: no call may follow.
  func finish()

  /// Ends all ranks, and this process, with a status.
  func abort(status: Int32) -> Never
}

extension Communicator {
  /// Every rank's number, rank after rank.
  public func gather(_ number: UInt64) -> [UInt64] {
    var numbers = [UInt64](repeating: 0, count: size)
    withUnsafeBytes(of: number) { block in numbers.withUnsafeMutableBytes { gather(block, into: $0) } }
    return numbers
  }

  /// Whether a statement holds on any rank.
  public func any(_ statement: Bool) -> Bool {
    size == 1 ? statement : gather(statement ? 1 : 0).contains(1)
  }

  /// Returns when every rank has come here.
  public func barrier() { _ = any(false) }
}

/// What one rank sent, and how long its calls took, waiting for others included.
public struct CommunicationTraffic: Equatable, Sendable {
  /// Calls that sent something.
  public var calls = 0
  /// Bytes that left for other ranks.
  public var bytes = 0
  /// Seconds within these calls.
  public var seconds = 0.0

  /// Nothing yet.
  public init() {}
}
