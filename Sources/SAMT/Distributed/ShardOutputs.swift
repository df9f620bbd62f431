/// The outputs of rows that ranks have run apart, brought together on all of them.
///
/// Buffers grow to the largest batch; after that nothing is allocated.
final class ShardOutputs {
  private let communicator: any Communicator
  private var rowsOfRanks: [Range<Int>] = []
  /// Ranks send blocks of equal length: as many rows as the rank with most of them has.
  private var rowsPerBlock = 0
  private let block = Buffer([0])
  private let blocks = Buffer([0])
  private let whole = Buffer([0])

  init(on communicator: any Communicator) { self.communicator = communicator }

  /// Begins a batch of which each rank has these rows, one after the other.
  func begin(_ rowsOfRanks: [Range<Int>], width: Int) {
    self.rowsOfRanks = rowsOfRanks
    rowsPerBlock = 0
    for rank in rowsOfRanks.indices { rowsPerBlock = max(rowsPerBlock, rowsOfRanks[rank].count) }
    block.resize(rowsPerBlock * width)
  }

  /// Takes outputs of this rank, (rows, ...), for the batch's rows from `row` on.
  func put(_ outputs: Tensor, at row: Int) {
    let start = row - rowsOfRanks[communicator.rank].lowerBound
    Kernels.copy(outputs, into: &block.tensor, at: start * outputs.shape.elementsPerRow)
  }

  /// The outputs of all ranks' rows, in memory that the next call writes again.
  ///
  /// - Parameter exampleShape: the shape of one row's output.
  func collect(_ exampleShape: Shape) -> Tensor {
    let width = exampleShape.count
    blocks.resize(rowsPerBlock * width * communicator.size)
    block.tensor.withPointer { block in
      blocks.tensor.withMutablePointer { blocks in
        let bytes = 4 * rowsPerBlock * width
        communicator.gather(
          UnsafeRawBufferPointer(start: block, count: bytes),
          into: UnsafeMutableRawBufferPointer(start: blocks, count: bytes * communicator.size))
      }
    }
    let (first, last) = (rowsOfRanks[0].lowerBound, rowsOfRanks[rowsOfRanks.count - 1].upperBound)
    whole.resize((last - first) * width)
    whole.tensor.reshape(to: exampleShape.batched(last - first))
    for rank in rowsOfRanks.indices {
      let rows = rowsOfRanks[rank]
      Kernels.copy(
        blocks.tensor, from: rank * rowsPerBlock * width, count: rows.count * width, into: &whole.tensor,
        at: (rows.lowerBound - first) * width)
    }
    return whole.tensor
  }
}
