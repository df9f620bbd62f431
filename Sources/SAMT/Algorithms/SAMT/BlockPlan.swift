/// Which layers move together under an alternating method.
public enum BlockGrouping: Sendable, Equatable {
  /// Every layer with parameters is a block of its own.
  case perLayer
  /// Every two layers with parameters that follow each other are a block; of an odd number, the last is one by itself.
  case pairs
  /// All layers with parameters are one block: simultaneous steps.
  case oneGroup
  /// The layers with parameters of one container of the model, or one of them outside of all, are a block.
  case perStage
  /// Blocks of the layers whose paths match; every layer with parameters in exactly one. A container's path stands for
  /// all layers with parameters in it: `stage2`, `stage2.0`.
  case groups([[PathPattern]])

  /// The groups as layer indices, each ascending, in the order in which their first layers come.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for an unknown name, a layer without parameters, one that is named twice
  ///   or not at all, or an empty group.
  func resolve(in model: Model) throws(SAMTError) -> [[Int]] {
    switch self {
    case .perLayer: return model.trainableLayers.map { [$0] }
    case .pairs:
      let layers = model.trainableLayers
      return stride(from: 0, to: layers.count, by: 2).map { Array(layers[$0..<min($0 + 2, layers.count)]) }
    case .oneGroup: return [model.trainableLayers]
    case .perStage:
      func stage(_ layer: Int) -> Substring { model.layerNames[layer].prefix { $0 != "." } }
      return model.trainableLayers.reduce(into: []) { groups, layer in
        if let last = groups.last, stage(last[0]) == stage(layer) {
          groups[groups.count - 1].append(layer)
        } else {
          groups.append([layer])
        }
      }
    case .groups(let groups):
      var remaining = Set(model.trainableLayers)
      var resolved: [[Int]] = []
      for group in groups {
        guard !group.isEmpty else { throw .configuration("a group of blocks is empty") }
        var indices: [Int] = []
        for name in group {
          let named = model.layerNames.indices.filter { name.matches(model.layerNames[$0]) }
          guard !named.isEmpty else {
            throw .configuration("no layer is named \(name); layers: \(model.layerNames.joined(separator: " "))")
          }
          let trainable = named.filter { model.trainableLayers.contains($0) }
          guard !trainable.isEmpty, remaining.isSuperset(of: trainable) else {
            throw .configuration("\(name) has no parameters, or stands in two groups of blocks")
          }
          remaining.subtract(trainable)
          indices += trainable
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

/// Deals out the blocks to visit, minibatch by minibatch; allocates nothing after its first minibatch.
struct BlockPlan {
  private let order: BlockOrder
  private let perBatch: Int
  private var generator: Generator
  private var sequence: [Int]
  private var cursor = 0
  /// The blocks of the current minibatch, in the order of their visit.
  private(set) var groups: [Int]

  /// Visits `perBatch` of `blockCount` blocks each minibatch, going round.
  init(blockCount: Int, perBatch: Int, order: BlockOrder, seed: UInt64) {
    self.order = order
    self.perBatch = perBatch
    generator = Generator(seed: seed, for: .blockOrder)
    sequence = order == .descending ? (0..<blockCount).reversed() : Array(0..<blockCount)
    groups = [Int](repeating: 0, count: perBatch)
  }

  /// The order of the blocks, the position in it, and the generator.
  mutating func visitState(_ visitor: StateVisitor) {
    visitor.visit("generator", &generator)
    visitor.visit("sequence", &sequence, in: 0..<sequence.count)
    visitor.visit("cursor", &cursor, in: 0..<sequence.count)
  }

  /// Chooses the next minibatch's blocks.
  mutating func advance() {
    if order == .random { generator.shuffle(&sequence) }
    for i in 0..<perBatch { groups[i] = sequence[(cursor + i) % sequence.count] }
    if order != .random { cursor = (cursor + perBatch) % sequence.count }
  }
}
