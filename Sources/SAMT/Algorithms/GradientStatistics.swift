extension Moments {
  /// The moments of several parameters' gradients together, as they stand.
  init(ofGradients parameters: [Parameter]) {
    self.init()
    for index in parameters.indices { merge(Moments(of: parameters[index].gradient)) }
  }
}

extension BlockReport {
  /// Statistics of a block's gradient g of n elements, which are the elements of all its parameters' gradients.
  ///
  /// | Name | Its value |
  /// |---|---|
  /// | `norm` | sqrt(sum of g_i^2) |
  /// | `rms` | sqrt(sum of g_i^2 / n), which blocks of different sizes can be compared by |
  /// | `mean` | sum of g_i / n |
  /// | `largest` | max abs(g_i) |
  ///
  /// A NaN among the elements makes all of them NaN, an infinity makes `norm`, `rms` and `largest` infinite. Of no
  /// elements all are 0.
  public init(name: String, gradient: Moments) {
    guard gradient.count > 0 else {
      self.init(name: name, metrics: ["norm": 0, "rms": 0, "mean": 0, "largest": 0])
      return
    }
    self.init(
      name: name,
      metrics: [
        "norm": gradient.norm, "rms": (gradient.sumOfSquares / Double(gradient.count)).squareRoot(),
        "mean": gradient.mean, "largest": max(gradient.maximum, -gradient.minimum),
      ])
  }
}
