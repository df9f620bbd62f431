/// Mean and variance of numbers that come one by one, in double precision (Welford 1962).
///
/// Differences from the mean so far are summed, so that a large mean costs no digits of the variance; equal numbers have
/// variance 0 exactly.
struct RunningStatistics {
  private(set) var count = 0
  /// 0 before the first number.
  private(set) var mean = 0.0
  private var squares = 0.0

  mutating func add(_ number: Double) {
    count += 1
    let difference = number - mean
    mean += difference / Double(count)
    squares += difference * (number - mean)
  }

  /// The root of the population variance; 0 before the first number.
  var deviation: Double { count == 0 ? 0 : (squares / Double(count)).squareRoot() }
}
