/// What a stream of random numbers is for: all purposes of the library in one list, so that no two that share a seed
/// share numbers.
enum RandomStream {
  /// A model's layer: its parameters' first values, then what it drops.
  case layer(Int)
  /// The first values of the eta model that sets a layer's step sizes.
  case etaModel(layer: Int)
  /// The order in which an alternating method visits its blocks.
  case blockOrder
  /// The order of an epoch's examples; epochs count from 1.
  case exampleOrder(epoch: Int)
  /// What happens to an epoch's images.
  case augmentation(epoch: Int)
  /// The classes of some built-in examples: the data set's number, which is even, and which of its blocks.
  case builtInLabels(UInt64, Split, block: Int)
  /// A built-in example: the data set's number, which is even, and the example's index.
  case builtInImage(UInt64, Split, index: Int)
  /// Which examples a random part of a data set has.
  case split
  /// The values at which a gradient is checked.
  case checkedValues
  /// The weights that make a checked layer a scalar function.
  case checkedWeights
  /// Which entries of a gradient are checked.
  case checkedEntries
  /// Which examples are kept for testing.
  case testSplit

  /// The stream's number in a ``Generator``.
  ///
  /// The low half counts layers, blocks of labels, examples or purposes, fewer than 2^32 each. Bit 32 marks epochs, which
  /// are counted above it, and the block order, whose low half no epoch has. Of the others, eta models have bit 33, splits
  /// bits 33 and 34, gradient checks bit 34, the test split bit 35, a layer's shards bits 33 and 35, and built-in data at
  /// least one bit from 48 up.
  var number: UInt64 {
    switch self {
    case .layer(let index): UInt64(index)
    case .etaModel(let layer): 1 << 33 | UInt64(layer)
    case .blockOrder: .max
    case .exampleOrder(let epoch): UInt64(epoch - 1) << 33 | 1 << 32
    case .augmentation(let epoch): UInt64(epoch - 1) << 33 | 1 << 32 | 1
    case .builtInLabels(let dataset, let split, let block): dataset << 48 | split.rawValue << 40 | UInt64(block)
    case .builtInImage(let dataset, let split, let index):
      (dataset + 1) << 48 | split.rawValue << 40 | UInt64(index)
    case .split: 1 << 33 | 1 << 34
    case .checkedValues: 1 << 34
    case .checkedWeights: 1 << 34 | 1
    case .checkedEntries: 1 << 34 | 2
    case .testSplit: 1 << 35
    }
  }

  /// How many shards have streams.
  static let mostShards = 1 << 12

  /// What sets the stream of a batch's shard apart from that of the whole: bits 33 and 35, and the shard's index behind
  /// them.
  static func shard(_ index: Int) -> UInt64 { 1 << 33 | 1 << 35 | UInt64(index) << 36 }
}

extension Generator {
  /// The generator of one purpose of a seed.
  init(seed: UInt64, for stream: RandomStream) { self.init(seed: seed, stream: stream.number) }
}
