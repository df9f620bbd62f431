/// The share of examples whose largest prediction is the right class's, from 0 to 1.
///
/// The first of equal predictions counts as the largest; an example with a NaN among its predictions is wrong.
public struct Accuracy: Metric {
  /// A label that stands for no class: its examples do not count.
  public let ignoredLabel: Int32?
  private var correct = 0
  private var count = 0

  /// A metric that has seen nothing.
  public init(ignoredLabel: Int32? = nil) { self.ignoredLabel = ignoredLabel }

  /// `accuracy`.
  public var name: String { "accuracy" }
  /// Larger is better.
  public var direction: MetricDirection { .larger }
  /// Right examples / examples.
  public var value: Double { Double(correct) / Double(count) }

  /// Whether the targets are classes that the model has outputs for.
  public func problem(with targets: Targets, outputShape: Shape) -> String? {
    targets.problemAsClasses(outputs: outputShape.count, ignoring: ignoredLabel)
  }

  /// Forgets all examples.
  public mutating func begin(outputs: Int) { (correct, count) = (0, 0) }

  /// Takes in a batch.
  public mutating func add(_ predictions: Tensor, targets: Targets) {
    let labels = targets.requireClasses(for: name)
    correct += Kernels.countCorrect(logits: predictions, labels: labels, ignoring: ignoredLabel)
    count += labels.countExcept(ignoredLabel)
  }

  /// The counts.
  public mutating func visitState(_ visitor: StateVisitor) {
    visitor.visit("correct", &correct)
    visitor.visit("count", &count)
  }
}

extension ArraySlice<Int32> {
  /// How many are not `label`.
  func countExcept(_ label: Int32?) -> Int {
    guard let label else { return count }
    var others = 0
    for index in indices where self[index] != label { others += 1 }
    return others
  }
}
