/// What training makes small: a mean over the batch.
public protocol Loss: Sendable {
  /// The mean loss; writes its gradient with respect to the predictions in the same pass.
  ///
  /// - Precondition: the targets are such that ``problem(with:outputShape:)`` finds none, one per row of `predictions`.
  func evaluate(_ predictions: Tensor, targets: Targets, gradient: inout Tensor) -> Double

  /// What is wrong with targets like these, for a model with that output, or nil where the loss takes them.
  ///
  /// - Parameter outputShape: without the batch axis.
  func problem(with targets: Targets, outputShape: Shape) -> String?

  /// What the sum of the examples' losses is divided by for the mean: their number, or the sum of their weights.
  ///
  /// Means of several batches are joined by it.
  func weight(of targets: Targets) -> Double

  /// What is reported of a training where nothing else is asked for; the first says which of two models is better.
  var usualMetrics: [any Metric] { get }
}

extension Loss {
  /// Nil: a loss of your own takes all targets unless it says otherwise.
  public func problem(with targets: Targets, outputShape: Shape) -> String? { nil }

  /// The number of examples.
  public func weight(of targets: Targets) -> Double { Double(targets.count) }

  /// None.
  public var usualMetrics: [any Metric] { [] }
}

/// A loss that compares each output with a value.
protocol ElementwiseLoss: Loss {}

extension ElementwiseLoss {
  /// Whether the targets are values, one for each output.
  public func problem(with targets: Targets, outputShape: Shape) -> String? {
    targets.problemAsValues(outputShape: outputShape)
  }
}
