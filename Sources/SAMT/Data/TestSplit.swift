/// Examples in two parts, drawn from a seed: most to train on, some to test on.
public struct TestSplit: Sendable, Equatable {
  /// The positions of the examples to train on, ascending.
  public let training: [Int]
  /// The positions of the examples to test on, ascending.
  public let test: [Int]

  /// A split of `count` examples.
  ///
  /// A function of count, fraction and seed alone. The test part has count x fraction examples, rounded, but at least one,
  /// and leaves at least one.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where there are fewer than two examples, or the fraction is not between 0
  ///   and 1.
  public init(count: Int, testFraction: Double, seed: UInt64) throws(SAMTError) {
    guard testFraction > 0 && testFraction < 1 else {
      throw .configuration("expected a fraction between 0 and 1 of the examples to test on, found \(testFraction)")
    }
    guard count >= 2 else { throw .configuration("expected at least 2 examples to train and test on, found \(count)") }
    var order = Array(0..<count)
    var generator = Generator(seed: seed, for: .testSplit)
    generator.shuffle(&order)
    let testCount = min(max(Int((Double(count) * testFraction).rounded()), 1), count - 1)
    test = order[..<testCount].sorted()
    training = order[testCount...].sorted()
  }
}
