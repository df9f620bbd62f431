/// The order in which an epoch goes through a data set.
enum EpochOrder {
  /// The positions of all examples in random order (Fisher and Yates): a function of seed and epoch alone, so that a
  /// training can begin anywhere.
  static func order(count: Int, seed: UInt64, epoch: Int) -> [Int] {
    var order = Array(0..<count)
    var generator = Generator(seed: seed, for: .exampleOrder(epoch: epoch))
    generator.shuffle(&order)
    return order
  }
}
