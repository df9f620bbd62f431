/// The mean of -log softmax(logits)[class], for classification.
///
/// Its gradient with respect to the logits is (softmax - one-hot) / batch.
public struct SoftmaxCrossEntropy: Loss {
  /// The loss; it has no settings.
  public init() {}

  /// Whether the targets are classes that the model has outputs for.
  public func problem(with targets: Targets, outputShape: Shape) -> String? {
    targets.problemAsClasses(outputs: outputShape.count)
  }

  /// The accuracy.
  public var usualMetrics: [any Metric] { [Accuracy()] }

  /// The mean over the batch, and the gradient; logits are (batch, classes), targets classes.
  public func evaluate(_ predictions: Tensor, targets: Targets, gradient: inout Tensor) -> Double {
    Kernels.softmaxCrossEntropy(
      logits: predictions, labels: targets.requireClasses(for: "cross-entropy"), gradient: &gradient)
  }
}
