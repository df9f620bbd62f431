/// The mean of |prediction - target| over all examples and outputs, summed in double.
public struct MeanAbsoluteError: Metric {
  private var sum = 0.0
  private var count = 0

  /// A metric that has seen nothing.
  public init() {}

  /// `mae`.
  public var name: String { "mae" }
  /// Smaller is better.
  public var direction: MetricDirection { .smaller }
  /// The mean.
  public var value: Double { sum / Double(count) }

  /// Whether the targets are values, one for each output.
  public func problem(with targets: Targets, outputShape: Shape) -> String? {
    targets.problemAsValues(outputShape: outputShape)
  }

  /// Forgets all examples.
  public mutating func begin(outputs: Int) { (sum, count) = (0, 0) }

  /// Takes in a batch.
  public mutating func add(_ predictions: Tensor, targets: Targets) {
    let values = targets.requireValues(for: name, of: predictions)
    predictions.withSpan { predicted in
      values.withSpan { wanted in
        for index in 0..<predicted.count { sum += abs(Double(predicted[index]) - Double(wanted[index])) }
      }
    }
    count += values.count
  }

  /// The sum and the count.
  public mutating func visitState(_ visitor: StateVisitor) {
    visitor.visit("sum", &sum)
    visitor.visit("count", &count)
  }
}
