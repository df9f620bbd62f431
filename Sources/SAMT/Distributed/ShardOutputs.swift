/// The outputs of a batch in shards, brought together.
final class ShardOutputs {
  private let communicator: any Communicator
  private let rowsOfRanks: [Range<Int>]
  /// Ranks send blocks of equal length: as many rows as the rank with most of them has.
  private let rowsPerBlock: Int
  private let block = Buffer([0])
  private let blocks = Buffer([0])
  private let whole = Buffer([0])

  /// Outputs of batches of which each rank has these rows, one after the other.
  init(rowsOfRanks: [Range<Int>], on communicator: any Communicator) {
    self.communicator = communicator
    self.rowsOfRanks = rowsOfRanks
    rowsPerBlock = rowsOfRanks.map(\.count).max() ?? 0
  }

  /// [batch, ...], in memory that the next call writes again; runs the shards' stale layers.
  func collect(_ shards: [ShardExecutor], _ rows: [Range<Int>]) -> Tensor {
    let first = shards[0].output().shape
    let width = first.elementsPerRow
    block.resize(rowsPerBlock * width)
    for index in shards.indices {
      let start = rows[index].lowerBound - rows[0].lowerBound
      Kernels.copy(shards[index].output(), into: &block.tensor, at: start * width)
    }
    blocks.resize(rowsPerBlock * width * communicator.size)
    block.tensor.withPointer { block in
      blocks.tensor.withMutablePointer { blocks in
        let bytes = 4 * rowsPerBlock * width
        communicator.gather(
          UnsafeRawBufferPointer(start: block, count: bytes),
          into: UnsafeMutableRawBufferPointer(start: blocks, count: bytes * communicator.size))
      }
    }
    let count = rowsOfRanks[rowsOfRanks.count - 1].upperBound
    whole.resize(count * width)
    whole.tensor.reshape(to: first.withRows(count))
    for rank in rowsOfRanks.indices {
      let rows = rowsOfRanks[rank]
      Kernels.copy(
        blocks.tensor, from: rank * rowsPerBlock * width, count: rows.count * width, into: &whole.tensor,
        at: rows.lowerBound * width)
    }
    return whole.tensor
  }
}
