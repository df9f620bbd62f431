import Testing

@testable import samt_train

@Suite struct PairedBootstrapTests {
  @Test func ofEqualDifferencesTheIntervalIsAPoint() {
    let bootstrap = PairedBootstrap([1.5, 2.5, 4.5], minus: [1, 2, 4])
    #expect(bootstrap.mean == 0.5)
    #expect(bootstrap.interval == 0.5...0.5)
  }

  @Test func oneOrNoPairHasNoInterval() {
    #expect(PairedBootstrap([1], minus: [3]).mean == -2)
    #expect(PairedBootstrap([1], minus: [3]).interval == nil)
    #expect(PairedBootstrap([], minus: []).mean.isNaN)
    #expect(PairedBootstrap([1, .nan], minus: [0, 0]).interval == nil)
  }

  /// Of two differences, a resample has both, or one of them twice, with the odds 1/2, 1/4 and 1/4.
  @Test func ofTwoDifferencesTheIntervalIsTheirRange() {
    #expect(PairedBootstrap([0, 3], minus: [1, 1]).interval == -1...2)
  }

  /// The bootstrap's deviation of a mean of n is sigma / sqrt n.
  ///
  /// Sigma is over n and not n - 1, and 95% are 1.96 deviations where n is large. Of 10,000 resamples, the percentiles lie within 5% of that (four deviations of theirs).
  @Test func theIntervalIsTwoDeviationsOfTheMean() throws {
    let differences = (0..<400).map { Double($0 % 20) - 9.5 }
    let deviation = (differences.reduce(0) { $0 + $1 * $1 } / 400).squareRoot() / 20
    let interval = try #require(PairedBootstrap(differences, minus: differences.map { _ in 0 }).interval)
    #expect(abs(interval.upperBound - 1.96 * deviation) <= 0.1 * deviation)
    #expect(abs(interval.lowerBound + 1.96 * deviation) <= 0.1 * deviation)
  }

  @Test func isTheSameForTheSameNumbers() {
    let (first, second) = ([0.1, 0.5, 0.2, 0.9], [0.3, 0.1, 0.1, 0.2])
    #expect(
      PairedBootstrap(first, minus: second).interval == PairedBootstrap(first, minus: second).interval)
  }
}
