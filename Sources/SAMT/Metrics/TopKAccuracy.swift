/// The share of examples whose right class is among the k largest predictions, from 0 to 1.
///
/// Of equal predictions the first is the larger one; an example with a NaN among its predictions is wrong. With k as
/// large as the number of classes, every other example is right.
public struct TopKAccuracy: Metric {
  /// How many of the largest predictions count.
  public let k: Int
  private var correct = 0
  private var count = 0

  /// A metric that has seen nothing.
  ///
  /// - Precondition: k at least 1.
  public init(_ k: Int) {
    ensure(k >= 1, "the accuracy of the largest \(k) predictions")
    self.k = k
  }

  /// `top5Accuracy` for k = 5.
  public var name: String { "top\(k)Accuracy" }
  /// Larger is better.
  public var direction: MetricDirection { .larger }
  /// Right examples / examples.
  public var value: Double { Double(correct) / Double(count) }

  /// Whether the targets are classes that the model has outputs for.
  public func problem(with targets: Targets, outputShape: Shape) -> String? {
    targets.problemAsClasses(outputs: outputShape.count)
  }

  /// Forgets all examples.
  public mutating func begin(outputs: Int) { (correct, count) = (0, 0) }

  /// Takes in a batch.
  public mutating func add(_ predictions: Tensor, targets: Targets) {
    let labels = targets.requireClasses(for: name)
    let classes = predictions.shape.elementsPerRow
    predictions.withSpan { span in
      for row in 0..<labels.count where rank(of: Int(labels[labels.startIndex + row]), span, row * classes, classes) < k
      {
        correct += 1
      }
    }
    count += labels.count
  }

  /// How many predictions of a row are larger than that of `label`; more than there are where one is NaN.
  private func rank(of label: Int, _ span: Span<Float>, _ start: Int, _ classes: Int) -> Int {
    let own = span[start + label]
    var rank = 0
    for index in 0..<classes {
      let other = span[start + index]
      if other.isNaN { return Int.max }
      if other > own || (other == own && index < label) { rank += 1 }
    }
    return rank
  }

  /// The counts.
  public mutating func visitState(_ visitor: StateVisitor) {
    visitor.visit("correct", &correct)
    visitor.visit("count", &count)
  }
}
