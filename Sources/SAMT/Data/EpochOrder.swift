/// The order in which an epoch goes through a data set.
enum EpochOrder {
  /// The positions of all examples in random order (Fisher and Yates): a function of seed and epoch alone, so that a
  /// training can begin anywhere.
  static func order(count: Int, seed: UInt64, epoch: Int) -> [Int] {
    var order = Array(0..<count)
    var generator = generator(.order, seed: seed, epoch: epoch)
    generator.shuffle(&order)
    return order
  }

  /// What an epoch draws its numbers for.
  enum Purpose: UInt64 {
    case order, augmentation
  }

  /// The generator of one epoch, counted from 1, and one purpose; streams below 2^32 are those of layers and blocks.
  static func generator(_ purpose: Purpose, seed: UInt64, epoch: Int) -> Generator {
    Generator(seed: seed, stream: UInt64(epoch - 1) << 33 | 1 << 32 | purpose.rawValue)
  }
}
