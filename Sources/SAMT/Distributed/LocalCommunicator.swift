import Foundation

/// One process alone: it sends nothing, and a sum over the ranks is what it has.
public final class LocalCommunicator: Communicator {
  /// The only rank.
  public let rank = 0
  /// One.
  public let size = 1
  /// Nothing.
  public let traffic = CommunicationTraffic()

  /// The process alone.
  public init() {}

  /// Copies the one block.
  public func gather(_ block: UnsafeRawBufferPointer, into blocks: UnsafeMutableRawBufferPointer) {
    blocks.copyMemory(from: block)
  }

  /// Copies the one block.
  public func exchange(_ blocks: UnsafeRawBufferPointer, into received: UnsafeMutableRawBufferPointer) {
    received.copyMemory(from: blocks)
  }

  /// Nothing to end.
  public func finish() {}

  /// Ends the process.
  public func abort(status: Int32) -> Never { exit(status) }
}
