import SAMT

/// Another loss times a factor that the targets decide, its gradient too.
package struct ScaledLoss: Loss {
  private let base: any Loss
  private let factor: @Sendable (Targets) -> Float

  package init(_ base: any Loss, by factor: @escaping @Sendable (Targets) -> Float) {
    self.base = base
    self.factor = factor
  }

  package func evaluate(_ predictions: Tensor, targets: Targets, gradient: inout Tensor) -> Double {
    let value = base.evaluate(predictions, targets: targets, gradient: &gradient)
    let factor = factor(targets)
    Kernels.scale(&gradient, by: factor)
    return Double(factor) * value
  }
}
