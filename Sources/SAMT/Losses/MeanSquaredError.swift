/// The mean of (prediction - target)^2 over all elements, for regression.
///
/// Its gradient is 2 (prediction - target) / elements.
public struct MeanSquaredError: Loss {
  /// The loss; it has no settings.
  public init() {}

  /// Whether the targets are values.
  public func accepts(_ targets: Targets) -> Bool { if case .values = targets { true } else { false } }

  /// The mean over all elements, and the gradient; targets are values of the predictions' shape.
  public func evaluate(_ predictions: Tensor, targets: Targets, gradient: inout Tensor) -> Double {
    guard case .values(let values) = targets else {
      fatalError("the squared error needs values as targets, found classes")
    }
    return Kernels.meanSquaredError(predictions, target: values, gradient: &gradient)
  }
}
