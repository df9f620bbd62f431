/// What training makes small: a mean over the batch.
public protocol Loss: Sendable {
  /// The mean loss; writes its gradient with respect to the predictions in the same pass.
  ///
  /// - Precondition: the targets are of the kind this loss needs, one per row of `predictions`.
  func evaluate(_ predictions: Tensor, targets: Targets, gradient: inout Tensor) -> Double

  /// Whether the targets are of the kind that this loss needs.
  func accepts(_ targets: Targets) -> Bool

  /// How many predictions are right, or nil where the question makes no sense.
  func countCorrect(_ predictions: Tensor, targets: Targets) -> Int?
}

extension Loss {
  /// True: a loss of your own takes either kind unless it says otherwise.
  public func accepts(_ targets: Targets) -> Bool { true }

  /// Nil: only a classification can be right.
  public func countCorrect(_ predictions: Tensor, targets: Targets) -> Int? { nil }
}
