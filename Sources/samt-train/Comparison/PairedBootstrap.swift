import SAMT

/// The interval in which the mean of paired differences lies, estimated by the bootstrap (Efron 1979).
///
/// Two methods are trained from the same seeds; the differences of their results, one a seed, are drawn again with
/// replacement, and the means of those draws give the percentiles. Fewer than two pairs have no interval.
struct PairedBootstrap {
  /// The mean of `first[i] - second[i]`.
  let mean: Double
  /// The bounds between which the mean lies in 95 of 100 resamples; nil for fewer than two pairs.
  let interval: ClosedRange<Double>?

  private static let resamples = 10_000

  /// The mean difference of two results of equal length, and its interval; the same for the same numbers.
  init(_ first: [Double], minus second: [Double]) {
    let differences = zip(first, second).map { $0 - $1 }
    mean = differences.reduce(0, +) / Double(differences.count)
    guard differences.count >= 2, first.count == second.count, mean.isFinite else {
      interval = nil
      return
    }
    var generator = Generator(seed: 0)
    var means = (0..<PairedBootstrap.resamples).map { _ in
      let sum = differences.indices.reduce(0) { sum, _ in
        sum + differences[Int.random(in: differences.indices, using: &generator)]
      }
      return sum / Double(differences.count)
    }
    means.sort()
    let tail = means.count / 40
    interval = means[tail]...means[means.count - 1 - tail]
  }
}
