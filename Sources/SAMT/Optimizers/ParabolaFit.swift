/// The parabola through the origin that fits differences of losses best, y(j) ~ curvature j^2 / 2 - slope j.
///
/// The j are -n ... n without 0. For such, the two terms are orthogonal, so that least squares give
///
///     slope = -(sum j y) / (sum j^2),   curvature = 2 (sum j^2 y) / (sum j^4)
struct ParabolaFit {
  /// How fast y falls at 0.
  let slope: Double
  /// How fast the slope changes.
  let curvature: Double
  /// R^2: the part of the y's variance that the parabola explains, y(0) = 0 included.
  ///
  /// 1 where n is 1; NaN where one of them is no number, or all are 0.
  let explainedVariance: Double

  /// The fit of `values`: y(1), y(-1), y(2), y(-2) and so on.
  init(_ values: [Double]) {
    var (first, second, squares, fourths) = (0.0, 0.0, 0.0, 0.0)
    for index in values.indices {
      let j = ParabolaFit.multiple(index)
      first += j * values[index]
      second += j * j * values[index]
      squares += j * j
      fourths += j * j * j * j
    }
    slope = -first / squares
    curvature = 2 * second / fourths
    var mean = 0.0
    for index in values.indices { mean += values[index] / Double(values.count + 1) }
    var (variance, residual) = (mean * mean, 0.0)
    for index in values.indices {
      let j = ParabolaFit.multiple(index)
      let error = values[index] - (0.5 * curvature * j - slope) * j
      variance += (values[index] - mean) * (values[index] - mean)
      residual += error * error
    }
    explainedVariance = 1 - residual / variance
  }

  /// The j of the value at `index`: 1, -1, 2, -2 and so on.
  static func multiple(_ index: Int) -> Double { Double(index / 2 + 1) * (index % 2 == 0 ? 1 : -1) }
}
