/// A sum over all shards of a batch, in one binary tree whoever has them: neighbours first.
///
/// A rank's shards are one subtree (``PairwiseSum``), and the ranks' sums are added on in the same way (``RankSum``), so
/// the bits depend on the number of shards and not on that of ranks.
final class ShardSum {
  private var local: PairwiseSum
  private let ranks: RankSum
  private var count = 0

  /// Sums over this rank's `shards` shards and those of the other ranks, as many each.
  init(of shards: Int, over communicator: any Communicator) {
    local = PairwiseSum(of: shards)
    ranks = RankSum(over: communicator)
  }

  /// Begins a sum of vectors of `count` elements; allocates where all were shorter before.
  func begin(count: Int) {
    self.count = count
    local.begin(count: count, capacity: ranks.paddedCount(count))
  }

  /// Adds the next shard's vector, which `write` writes over whatever is in memory.
  func add(_ write: (inout Tensor) -> Void) { local.add(write) }

  /// The sum, behind the last shard's vector, in memory that the next sum writes again.
  func finish() -> Tensor {
    guard count > 0 else { return local.incoming.tensor }
    local.incoming.tensor.reshape(to: .vector(ranks.paddedCount(count)))
    ranks.sum(&local.incoming.tensor, count: count)
    return local.incoming.tensor
  }

  /// The sum of a number for each shard; the array's content is lost.
  func sum(_ numbers: inout [Double]) -> Double { ranks.sum(PairwiseSum.sum(&numbers)) }
}
