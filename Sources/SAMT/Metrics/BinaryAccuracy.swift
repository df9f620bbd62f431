/// The share of outputs on the right side, from 0 to 1: a logit above 0 says 1, and a target of at least one half means 1.
///
/// For models of independent probabilities, one or several, that are trained by ``BinaryCrossEntropy``. NaN is wrong.
public struct BinaryAccuracy: Metric {
  private var correct = 0
  private var count = 0

  /// A metric that has seen nothing.
  public init() {}

  /// `accuracy`.
  public var name: String { "accuracy" }
  /// Larger is better.
  public var direction: MetricDirection { .larger }
  /// Right outputs / outputs.
  public var value: Double { Double(correct) / Double(count) }

  /// Whether the targets are values, one for each output.
  public func problem(with targets: Targets, outputShape: Shape) -> String? {
    targets.problemAsValues(outputShape: outputShape)
  }

  /// Forgets all examples.
  public mutating func begin(outputs: Int) { (correct, count) = (0, 0) }

  /// Takes in a batch.
  public mutating func add(_ predictions: Tensor, targets: Targets) {
    let values = targets.requireValues(for: name, of: predictions)
    predictions.withSpan { predicted in
      values.withSpan { wanted in
        for index in 0..<predicted.count where !predicted[index].isNaN {
          if (predicted[index] > 0) == (wanted[index] >= 0.5) { correct += 1 }
        }
      }
    }
    count += values.count
  }

  /// The counts.
  public mutating func visitState(_ visitor: StateVisitor) {
    visitor.visit("correct", &correct)
    visitor.visit("count", &count)
  }
}
