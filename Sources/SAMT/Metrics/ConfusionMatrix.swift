/// How often each class was taken for each class, with precision, recall and F1.
///
/// The prediction is the first of the largest outputs. An example with a NaN among its outputs is predicted as no class:
/// it counts as missed for its own, and falsely for none.
///
/// For a class: precision = right / predicted, recall = right / examples, F1 = 2 right / (predicted + examples); 0 where
/// nothing is divided by nothing.
public struct ConfusionMatrix: Metric {
  /// The classes' names in reports; their numbers where there are none.
  public let classNames: [String]
  /// Row-major: counts[label * classes + predicted].
  private var counts: [Int] = []
  /// By class, its examples without a prediction.
  private var unpredicted: [Int] = []

  /// A metric that has seen nothing.
  public init(classNames: [String] = []) { self.classNames = classNames }

  /// `f1`.
  public var name: String { "f1" }
  /// Larger is better.
  public var direction: MetricDirection { .larger }
  /// The mean of the classes' F1, all classes counting alike.
  public var value: Double { exampleCount == 0 ? .nan : mean(f1) }

  /// The number of classes.
  public var classCount: Int { unpredicted.count }

  /// How many examples of class `label` were predicted as class `predicted`.
  public subscript(label: Int, predicted: Int) -> Int { counts[label * classCount + predicted] }

  /// Right predictions of a class / predictions of it.
  public func precision(_ label: Int) -> Double { quotient(self[label, label], predictions(label)) }
  /// Right predictions of a class / its examples.
  public func recall(_ label: Int) -> Double { quotient(self[label, label], examples(label)) }
  /// The harmonic mean of a class's precision and recall.
  public func f1(_ label: Int) -> Double { quotient(2 * self[label, label], predictions(label) + examples(label)) }

  /// The means of precision and recall over the classes, and all three of each class: `precision.cat`.
  public var details: [String: Double] {
    guard exampleCount > 0 else { return [:] }
    var details = ["precision": mean(precision), "recall": mean(recall)]
    for label in 0..<classCount {
      let name = label < classNames.count ? classNames[label] : "\(label)"
      details["precision.\(name)"] = precision(label)
      details["recall.\(name)"] = recall(label)
      details["f1.\(name)"] = f1(label)
    }
    return details
  }

  /// Whether the targets are classes that the model has outputs for.
  public func problem(with targets: Targets, outputShape: Shape) -> String? {
    targets.problemAsClasses(outputs: outputShape.count)
  }

  /// Forgets all examples.
  public mutating func begin(outputs: Int) {
    counts = [Int](repeating: 0, count: outputs * outputs)
    unpredicted = [Int](repeating: 0, count: outputs)
  }

  /// Takes in a batch.
  public mutating func add(_ predictions: Tensor, targets: Targets) {
    let labels = targets.requireClasses(for: name)
    let classes = predictions.shape.elementsPerRow
    ensure(classes == classCount, "\(name): predictions of \(classes) classes, expected \(classCount)")
    predictions.withSpan { span in
      for row in 0..<labels.count {
        let label = Int(labels[labels.startIndex + row])
        if let predicted = ConfusionMatrix.firstLargest(span, row * classes, classes) {
          counts[label * classes + predicted] += 1
        } else {
          unpredicted[label] += 1
        }
      }
    }
  }

  /// The counts.
  public mutating func visitState(_ visitor: StateVisitor) {
    visitor.visit("counts", &counts)
    visitor.visit("unpredicted", &unpredicted)
  }

  /// The index of a row's first largest element; nil where one is NaN.
  private static func firstLargest(_ span: Span<Float>, _ start: Int, _ count: Int) -> Int? {
    var best = 0
    for index in 0..<count {
      if span[start + index].isNaN { return nil }
      if span[start + index] > span[start + best] { best = index }
    }
    return best
  }

  private var exampleCount: Int { counts.reduce(0, +) + unpredicted.reduce(0, +) }

  private func examples(_ label: Int) -> Int {
    (0..<classCount).reduce(unpredicted[label]) { $0 + self[label, $1] }
  }

  private func predictions(_ label: Int) -> Int { (0..<classCount).reduce(0) { $0 + self[$1, label] } }

  private func quotient(_ numerator: Int, _ denominator: Int) -> Double {
    denominator == 0 ? 0 : Double(numerator) / Double(denominator)
  }

  private func mean(_ value: (Int) -> Double) -> Double {
    (0..<classCount).reduce(0) { $0 + value($1) } / Double(classCount)
  }
}
