/// Huber's loss, for regression with outliers: squares of small errors, and no more than lines of large ones.
///
///     loss(d) = d^2 / 2               where |d| <= delta,   d = prediction - target
///             = delta (|d| - delta / 2)   elsewhere
///
/// The mean is over all elements; its gradient is d, limited to -delta ... delta, / elements (Huber 1964).
public struct HuberLoss: ElementwiseLoss {
  /// Where squares end and lines begin.
  public let delta: Float

  /// The loss.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a delta that is not positive and finite.
  public init(delta: Float = 1) throws(SAMTError) {
    guard delta > 0, delta.isFinite else {
      throw .configuration("the delta of Huber's loss must be positive and finite, found \(delta)")
    }
    self.delta = delta
  }

  /// The mean absolute error, the root of the mean squared error, and R2.
  public var usualMetrics: [any Metric] { [MeanAbsoluteError(), RootMeanSquaredError(), R2Score()] }

  /// The mean over all elements, and the gradient; targets are values, one for each prediction.
  public func evaluate(_ predictions: Tensor, targets: Targets, gradient: inout Tensor) -> Double {
    let values = targets.requireValues(for: "Huber's loss", of: predictions)
    return Kernels.huber(predictions, target: values, delta: delta, gradient: &gradient)
  }
}
