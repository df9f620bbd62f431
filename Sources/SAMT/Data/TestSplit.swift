/// Examples in two parts, drawn from a seed: most to train on, some to test on.
public struct TestSplit: Sendable, Equatable {
  /// The positions of the examples to train on, ascending.
  public let training: [Int]
  /// The positions of the examples to test on, ascending.
  public let test: [Int]

  /// A split of `count` examples.
  ///
  /// A function of the arguments alone. The test part has count x fraction examples, rounded, but at least one, and leaves
  /// at least one; of classes, it has the same fraction of each, but for less than one example.
  ///
  /// - Parameter classes: each example's class; nil where there are none.
  /// - Throws: ``SAMTError/configuration(_:)`` where there are fewer than two examples, or the fraction is not between 0
  ///   and 1.
  /// - Precondition: as many classes as examples.
  public init(
    count: Int, testFraction: Double, seed: UInt64, classes: ArraySlice<Int32>? = nil
  ) throws(SAMTError) {
    guard testFraction > 0 && testFraction < 1 else {
      throw .configuration("expected a fraction between 0 and 1 of the examples to test on, found \(testFraction)")
    }
    guard count >= 2 else { throw .configuration("expected at least 2 examples to train and test on, found \(count)") }
    ensure(classes.map { $0.count == count } ?? true, "\(classes?.count ?? 0) classes of \(count) examples")
    let testCount = min(max(Int((Double(count) * testFraction).rounded()), 1), count - 1)
    let chosen = RandomPart(
      Double(testCount) / Double(count), of: count, classes: classes, using: Generator(seed: seed, for: .testSplit))
    test = chosen.part
    training = chosen.rest
  }
}
