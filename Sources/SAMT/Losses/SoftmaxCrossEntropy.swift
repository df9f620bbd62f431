/// Softmax cross-entropy, for classification: the mean of -log softmax(logits)[class].
///
///     loss_i = (1 - s) w[y] l[y] + s / classes sum over j of w[j] l[j],   l = -log softmax(logits_i)
///
/// y is the example's class, s the label smoothing (Szegedy et al. 2016), and w the classes' weights. The mean is the sum
/// over the batch divided by the sum of the examples' w[y]. Without settings that is the mean of l[y], whose gradient is
/// (softmax - one-hot) / batch.
public struct SoftmaxCrossEntropy: Loss {
  /// The share of the target that all classes get alike.
  public let labelSmoothing: Float
  /// One weight per class; none where all count alike.
  public let classWeights: [Float]
  /// A label whose examples are left out; nil where there is none.
  public let ignoredLabel: Int32?

  /// The plain loss.
  public init() {
    labelSmoothing = 0
    classWeights = []
    ignoredLabel = nil
  }

  /// A loss with settings.
  ///
  /// - Parameters:
  ///   - labelSmoothing: 0 ... 1.
  ///   - classWeights: one per class; none where all count alike.
  ///   - ignoredLabel: a label outside of all classes, or one of them.
  /// - Throws: ``SAMTError/configuration(_:)`` for a smoothing out of range, and for weights that are negative, not
  ///   finite, or all zero.
  public init(
    labelSmoothing: Float = 0, classWeights: [Float] = [], ignoredLabel: Int32? = nil
  ) throws(SAMTError) {
    guard (0...1).contains(labelSmoothing) else {
      throw .configuration("the label smoothing must be in 0 ... 1, found \(labelSmoothing)")
    }
    if let weight = classWeights.first(where: { !($0 >= 0) || $0 == .infinity }) {
      throw .configuration("class weights must be finite and not negative, found \(weight)")
    }
    guard classWeights.isEmpty || classWeights.contains(where: { $0 > 0 }) else {
      throw .configuration("a class must have a weight above 0, found none")
    }
    self.labelSmoothing = labelSmoothing
    self.classWeights = classWeights
    self.ignoredLabel = ignoredLabel
  }

  /// Whether the targets are classes that the model has outputs for, and the weights as many.
  public func problem(with targets: Targets, outputShape: Shape) -> String? {
    guard classWeights.isEmpty || classWeights.count == outputShape.count else {
      return "expected \(outputShape.count) class weights, one for each output, found \(classWeights.count)"
    }
    return targets.problemAsClasses(outputs: outputShape.count, ignoring: ignoredLabel)
  }

  /// The sum of the examples' weights; 0 where all are left out.
  public func weight(of targets: Targets) -> Double {
    Kernels.crossEntropyWeight(
      labels: targets.requireClasses(for: "cross-entropy"), classWeights: classWeights, ignoring: ignoredLabel)
  }

  /// The accuracy.
  public var usualMetrics: [any Metric] { [Accuracy(ignoredLabel: ignoredLabel)] }

  /// The mean over the batch, and the gradient; logits are (batch, classes), targets classes.
  ///
  /// Stable for finite logits of any size. Both are 0 for a batch of which all examples are left out.
  public func evaluate(_ predictions: Tensor, targets: Targets, gradient: inout Tensor) -> Double {
    Kernels.softmaxCrossEntropy(
      logits: predictions, labels: targets.requireClasses(for: "cross-entropy"), smoothing: labelSmoothing,
      classWeights: classWeights, ignoring: ignoredLabel, gradient: &gradient)
  }
}
