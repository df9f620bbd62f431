/// Binary cross-entropy of logits, for outputs that are probabilities of their own, one or several.
///
///     loss = t log(1 + exp(-x)) + (1 - t) log(1 + exp(x))
///
/// x is a logit and t its target in 0 ... 1. The mean is over all elements; its gradient is (sigmoid(x) - t) / elements.
public struct BinaryCrossEntropy: Loss {
  /// The loss; it has no settings.
  public init() {}

  /// Whether the targets are values from 0 to 1, one for each output.
  public func problem(with targets: Targets, outputShape: Shape) -> String? {
    if let problem = targets.problemAsValues(outputShape: outputShape) { return problem }
    guard case .values(let values) = targets else { return nil }
    return values.withSpan { span in
      for index in span.indices where !(0...1).contains(span[index]) {
        return "expected values in 0 ... 1, found \(span[index])"
      }
      return nil
    }
  }

  /// The accuracy of the outputs.
  public var usualMetrics: [any Metric] { [BinaryAccuracy()] }

  /// The mean over all elements, and the gradient; targets are values, one for each logit.
  ///
  /// Stable for finite logits of any size; an infinite one is a NaN where its target has no part in one of the terms.
  public func evaluate(_ predictions: Tensor, targets: Targets, gradient: inout Tensor) -> Double {
    let values = targets.requireValues(for: "binary cross-entropy", of: predictions)
    return Kernels.binaryCrossEntropy(logits: predictions, target: values, gradient: &gradient)
  }
}
