/// How a batch is divided into shards, which of them this rank runs, and how what they come to becomes the batch's.
///
/// Shard s of S has the rows B s / S ..< B (s + 1) / S of B, and rank r of P the shards S r / P ..< S (r + 1) / P. Losses
/// and gradients are summed over the shards, each weighted by its part of the loss's weight, in a binary tree: neighbours
/// first (``PairwiseSum``). A rank's shards are one subtree, and the ranks' sums are added on in the same way
/// (``RankSum``), so the bits depend on S and not on P.
final class BatchDivision {
  /// This rank's first shard.
  let first: Int
  /// The rows of each of this rank's shards.
  let rows: [Range<Int>]
  /// Whether the batch is one shard on one rank.
  let isWhole: Bool
  private let shardCount: Int
  private let communicator: any Communicator
  private let rankSum: RankSum
  private var sum: PairwiseSum
  private var losses: [Double]
  /// Each shard's part of the batch.
  private let weights: [Double]
  /// One layer's statistics.
  private let statistics = Buffer([0])
  private let outputs: ShardOutputs

  /// What is wrong with so many shards; nil where nothing is.
  static func problem(batchSize: Int, shards: Int, ranks: Int) -> String? {
    guard (1...RandomStream.mostShards).contains(shards) else {
      return "the number of shards must be in 1 ... \(RandomStream.mostShards), found \(shards)"
    }
    guard shards <= batchSize else { return "a batch of \(batchSize) examples cannot be divided into \(shards) shards" }
    let perRank = shards / ranks
    guard ranks == 1 || (shards % ranks == 0 && perRank & (perRank - 1) == 0) else {
      return "\(shards) shards cannot be divided among \(ranks) ranks: each takes 1, 2, 4, 8 ... of them"
    }
    return nil
  }

  /// - Precondition: ``problem(batchSize:shards:ranks:)`` finds none.
  init(batchSize: Int, shards: Int, on communicator: any Communicator) {
    let problem = BatchDivision.problem(batchSize: batchSize, shards: shards, ranks: communicator.size)
    ensure(problem == nil, problem ?? "")
    let local = shards / communicator.size
    isWhole = shards == 1 && communicator.size == 1
    shardCount = shards
    self.communicator = communicator
    first = local * communicator.rank
    func start(_ shard: Int) -> Int { batchSize * shard / shards }
    rows = (first..<first + local).map { start($0)..<start($0 + 1) }
    rankSum = RankSum(over: communicator)
    sum = PairwiseSum(of: local)
    losses = [Double](repeating: 0, count: local)
    weights = rows.map { Double($0.count) / Double(batchSize) }
    let rowsOfRanks = (0..<communicator.size).map { start(local * $0)..<start(local * ($0 + 1)) }
    outputs = ShardOutputs(rowsOfRanks: rowsOfRanks, on: communicator)
  }

  /// The division of batches of another size into as many shards.
  func resized(to batchSize: Int) -> BatchDivision {
    BatchDivision(batchSize: batchSize, shards: shardCount, on: communicator)
  }

  /// The mean loss of the batch; leaves in each shard the gradient of its part of it.
  func evaluate(_ shards: [ShardExecutor], _ loss: any Loss, _ targets: Targets) -> Double {
    let whole = loss.weight(of: targets)
    for index in shards.indices {
      let part = targets[rows[index]]
      losses[index] = shards[index].evaluate(loss, part, weight: loss.weight(of: part) / whole)
    }
    return rankSum.sum(PairwiseSum.sum(&losses))
  }

  /// Lets running statistics follow the mean of the shards'.
  func followStatistics(_ shards: [ShardExecutor], of model: Model) {
    var count = 0
    for layer in model.layers.indices { count += model.layers[layer].statisticsCount }
    guard count > 0 else { return }
    sum.begin(count: count, capacity: rankSum.paddedCount(count))
    for index in shards.indices {
      sum.add { total in
        forEachStatistics(of: model) { layer, start in
          shards[index].writeStatistics(ofLayer: layer, into: &statistics.tensor)
          Kernels.scale(&statistics.tensor, by: Float(weights[index]))
          Kernels.copy(statistics.tensor, into: &total, at: start)
        }
      }
    }
    sumOverRanks(count)
    forEachStatistics(of: model) { layer, start in
      Kernels.copy(sum.incoming.tensor, from: start, into: &statistics.tensor)
      model.layers[layer].follow(statistics.tensor)
    }
  }

  /// Writes the gradients of the layers' parameters that are not frozen.
  func backward(_ shards: [ShardExecutor], to layers: [Int], of model: Model) {
    let count = forEachParameter(of: layers, in: model) { _, _ in }
    sum.begin(count: count, capacity: rankSum.paddedCount(count))
    for index in shards.indices {
      shards[index].backward(to: layers)
      sum.add { total in
        forEachParameter(of: layers, in: model) { Kernels.copy($0.gradient, into: &total, at: $1) }
      }
    }
    sumOverRanks(count)
    forEachParameter(of: layers, in: model) { Kernels.copy(sum.incoming.tensor, from: $1, into: &$0.gradient) }
  }

  /// The outputs of the whole batch, on every rank.
  func collect(_ shards: [ShardExecutor]) -> Tensor { outputs.collect(shards, rows) }

  private func sumOverRanks(_ count: Int) {
    sum.incoming.tensor.reshape(to: .vector(rankSum.paddedCount(count)))
    rankSum.sum(&sum.incoming.tensor, count: count)
  }

  /// Calls `body` with each layer that has statistics, and where they stand among all.
  private func forEachStatistics(of model: Model, _ body: (_ layer: Int, _ start: Int) -> Void) {
    var start = 0
    for layer in model.layers.indices {
      let count = model.layers[layer].statisticsCount
      guard count > 0 else { continue }
      statistics.resize(count)
      body(layer, start)
      start += count
    }
  }

  /// Calls `body` with each parameter to train, and where its gradient stands among all; returns how many elements all
  /// have.
  @discardableResult
  private func forEachParameter(of layers: [Int], in model: Model, _ body: (Parameter, _ start: Int) -> Void) -> Int {
    var start = 0
    for index in layers.indices {
      let parameters = model.layers[layers[index]].parameters
      for position in parameters.indices where !parameters[position].isFrozen {
        body(parameters[position], start)
        start += parameters[position].shape.count
      }
    }
    return start
  }
}
