/// The mean of (prediction - target)^2 over all elements, for regression.
///
/// Its gradient is 2 (prediction - target) / elements.
public struct MeanSquaredError: ElementwiseLoss {
  /// The loss; it has no settings.
  public init() {}

  /// The root of the mean squared error, the mean absolute error, and R2.
  public var usualMetrics: [any Metric] { [RootMeanSquaredError(), MeanAbsoluteError(), R2Score()] }

  /// The mean over all elements, and the gradient; targets are values, one for each prediction.
  public func evaluate(_ predictions: Tensor, targets: Targets, gradient: inout Tensor) -> Double {
    let values = targets.requireValues(for: "the squared error", of: predictions)
    return Kernels.meanSquaredError(predictions, target: values, gradient: &gradient)
  }
}
