/// How a batch is divided into shards, and which of them this rank runs.
///
/// Shard s of S has the rows B s / S ..< B (s + 1) / S of B, and rank r of P the shards S r / P ..< S (r + 1) / P: a
/// subtree of the tree in which all are summed (``ShardSum``).
struct BatchDivision {
  /// The ranks.
  let communicator: any Communicator
  /// The number of shards of all ranks.
  let shards: Int
  /// This rank's first shard.
  let first: Int
  /// The rows of each of this rank's shards.
  let rows: [Range<Int>]
  /// Each of these shards' part of the batch.
  let weights: [Double]
  /// For each of these shards, the first one with as many rows.
  let firstOfSize: [Int]
  /// The rows of each rank.
  let rowsOfRanks: [Range<Int>]

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
    self.communicator = communicator
    self.shards = shards
    first = local * communicator.rank
    func start(_ shard: Int) -> Int { batchSize * shard / shards }
    let rows = (first..<first + local).map { start($0)..<start($0 + 1) }
    self.rows = rows
    weights = rows.map { Double($0.count) / Double(batchSize) }
    firstOfSize = rows.indices.map { index in rows.firstIndex { $0.count == rows[index].count } ?? index }
    rowsOfRanks = (0..<communicator.size).map { start(local * $0)..<start(local * ($0 + 1)) }
  }

  /// Whether the batch is one shard on one rank.
  var isWhole: Bool { shards == 1 && communicator.size == 1 }

  /// The division of batches of another size into as many shards.
  func resized(to batchSize: Int) -> BatchDivision {
    BatchDivision(batchSize: batchSize, shards: shards, on: communicator)
  }
}
