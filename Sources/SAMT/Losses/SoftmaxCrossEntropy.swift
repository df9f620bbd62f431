/// The mean of -log softmax(logits)[class], for classification.
///
/// Its gradient with respect to the logits is (softmax - one-hot) / batch.
public struct SoftmaxCrossEntropy: Loss {
  /// The loss; it has no settings.
  public init() {}

  /// Whether the targets are classes.
  public func accepts(_ targets: Targets) -> Bool { if case .classes = targets { true } else { false } }

  /// The mean over the batch, and the gradient; logits are (batch, classes), targets classes.
  public func evaluate(_ predictions: Tensor, targets: Targets, gradient: inout Tensor) -> Double {
    Kernels.softmaxCrossEntropy(logits: predictions, labels: labels(targets), gradient: &gradient)
  }

  /// In how many rows the largest logit is the target's.
  public func countCorrect(_ predictions: Tensor, targets: Targets) -> Int? {
    Kernels.countCorrect(logits: predictions, labels: labels(targets))
  }

  private func labels(_ targets: Targets) -> ArraySlice<Int32> {
    guard case .classes(let labels) = targets else {
      fatalError("cross-entropy needs classes as targets, found values")
    }
    return labels
  }
}
