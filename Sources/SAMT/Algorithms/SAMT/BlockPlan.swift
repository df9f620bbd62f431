/// Which layers move together under an alternating method.
public enum BlockGrouping: Sendable, Equatable {
  /// Every layer with parameters is a block of its own.
  case perLayer
  /// All layers with parameters are one block: simultaneous steps.
  case oneGroup
  /// Blocks of the named layers; every layer with parameters in exactly one.
  case groups([[String]])

  /// The groups as layer indices, each ascending, in the order in which their first layers come.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for an unknown name, a layer without parameters, one that is named twice
  ///   or not at all, or an empty group.
  func resolve(in model: Sequential) throws(SAMTError) -> [[Int]] {
    switch self {
    case .perLayer: return model.trainableLayers.map { [$0] }
    case .oneGroup: return [model.trainableLayers]
    case .groups(let groups):
      var remaining = Set(model.trainableLayers)
      var resolved: [[Int]] = []
      for group in groups {
        guard !group.isEmpty else { throw .configuration("a group of blocks is empty") }
        var indices: [Int] = []
        for name in group {
          guard let index = model.layerNames.firstIndex(of: name) else {
            throw .configuration("no layer is named \(name); layers: \(model.layerNames.joined(separator: " "))")
          }
          guard remaining.remove(index) != nil else {
            throw .configuration("\(name) has no parameters, or stands in two groups of blocks")
          }
          indices.append(index)
        }
        resolved.append(indices.sorted())
      }
      guard remaining.isEmpty else {
        let names = remaining.sorted().map { model.layerNames[$0] }
        throw .configuration("no group of blocks has \(names.joined(separator: " "))")
      }
      return resolved.sorted { $0[0] < $1[0] }
    }
  }
}

/// The order in which an alternating method visits its blocks.
public enum BlockOrder: String, Sendable, Codable, CaseIterable {
  /// From the input to the output.
  case ascending
  /// From the output to the input.
  case descending
  /// A new random order for every minibatch.
  case random
}

/// Deals out the blocks to visit, minibatch by minibatch; allocates nothing after its first turn.
struct BlockPlan {
  private let order: BlockOrder
  private let perBatch: Int
  private var generator: Generator
  private var sequence: [Int]
  private var cursor = 0
  /// The blocks of the current minibatch, in the order of their visit.
  private(set) var turn: [Int]

  /// Visits `perBatch` of `blockCount` blocks each minibatch, going round.
  init(blockCount: Int, perBatch: Int, order: BlockOrder, seed: UInt64) {
    self.order = order
    self.perBatch = perBatch
    generator = Generator(seed: seed, stream: UInt64.max)
    sequence = order == .descending ? (0..<blockCount).reversed() : Array(0..<blockCount)
    turn = [Int](repeating: 0, count: perBatch)
  }

  /// Chooses the next minibatch's blocks.
  mutating func advance() {
    if order == .random { generator.shuffle(&sequence) }
    for i in 0..<perBatch { turn[i] = sequence[(cursor + i) % sequence.count] }
    if order != .random { cursor = (cursor + perBatch) % sequence.count }
  }
}
