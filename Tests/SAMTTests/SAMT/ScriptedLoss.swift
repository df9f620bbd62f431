import SAMT

/// A loss whose values are dictated, with a gradient of ones.
final class ScriptedLoss: Loss, @unchecked Sendable {
  private var values: [Double]

  init(values: [Double]) { self.values = values }

  func evaluate(_ predictions: Tensor, targets: Targets, gradient: inout Tensor) -> Double {
    gradient.withMutableSpan { for i in $0.indices { $0[i] = 1 } }
    return values.removeFirst()
  }
}
