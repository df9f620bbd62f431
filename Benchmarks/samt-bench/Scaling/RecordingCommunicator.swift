import SAMT

/// Ranks whose calls are written down, where that is asked for.
final class RecordingCommunicator: Communicator {
  private let ranks: any Communicator
  /// Bytes of the block that each call hands to every rank, call by call.
  private(set) var gatheredBlocks: [Int] = []
  private(set) var exchangedBlocks: [Int] = []
  var isRecording = false

  init(_ ranks: any Communicator) { self.ranks = ranks }

  var rank: Int { ranks.rank }
  var size: Int { ranks.size }
  var traffic: CommunicationTraffic { ranks.traffic }

  func gather(_ block: UnsafeRawBufferPointer, into blocks: UnsafeMutableRawBufferPointer) {
    if isRecording { gatheredBlocks.append(block.count) }
    ranks.gather(block, into: blocks)
  }

  func exchange(_ blocks: UnsafeRawBufferPointer, into received: UnsafeMutableRawBufferPointer) {
    if isRecording { exchangedBlocks.append(blocks.count / size) }
    ranks.exchange(blocks, into: received)
  }

  func finish() { ranks.finish() }

  func abort(status: Int32) -> Never { ranks.abort(status: status) }
}
