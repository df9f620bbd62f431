/// A figure that says how good predictions are, over all examples that it has seen.
///
/// It takes in batch after batch, of any sizes, and counts every example once. A metric is a value: a copy keeps what
/// it has seen so far. Taking in a batch allocates nothing.
public protocol Metric: Sendable {
  /// What it is called in reports: `accuracy`.
  var name: String { get }

  /// Which of two values is the better one.
  var direction: MetricDirection { get }

  /// What all examples since the beginning come to; NaN for none.
  var value: Double { get }

  /// Figures beside the value, by their names in reports, where the metric has any.
  var details: [String: Double] { get }

  /// What is wrong with targets like these, for a model with that output, or nil where they can be taken in.
  ///
  /// - Parameter outputShape: without the batch axis.
  func problem(with targets: Targets, outputShape: Shape) -> String?

  /// Forgets all examples, and makes room for predictions of `outputs` elements per example.
  mutating func begin(outputs: Int)

  /// Takes in a batch.
  ///
  /// - Parameters:
  ///   - predictions: (examples, ...), as the model puts them out.
  ///   - targets: one per example.
  /// - Precondition: ``begin(outputs:)`` was called for predictions of this size, and ``problem(with:outputShape:)``
  ///   finds none with the targets.
  mutating func add(_ predictions: Tensor, targets: Targets)

  /// What was seen since the beginning, so that a training can go on in the middle of an epoch.
  mutating func visitState(_ visitor: StateVisitor)
}

extension Metric {
  /// None.
  public var details: [String: Double] { [:] }
}

/// Which of two values of a metric is the better one.
public enum MetricDirection: String, Sendable, Codable {
  /// The larger one, as of accuracies.
  case larger
  /// The smaller one, as of errors.
  case smaller

  /// Whether `value` is better than `other`: never where it is NaN, always where only `other` is.
  public func isBetter(_ value: Double, than other: Double) -> Bool {
    if value.isNaN || other.isNaN { return !value.isNaN }
    return self == .larger ? value > other : value < other
  }
}

extension Targets {
  /// What keeps these targets from being classes of a model with `outputs` outputs; nil where nothing does.
  func problemAsClasses(outputs: Int, ignoring ignoredLabel: Int32? = nil) -> String? {
    guard case .classes(let labels) = self else { return "expected classes, found values" }
    guard let label = labels.first(where: { !(0..<outputs).contains(Int($0)) && $0 != ignoredLabel }) else {
      return nil
    }
    return "expected classes below the model's \(outputs) outputs, found \(label)"
  }

  /// What keeps these targets from being values for a model's outputs; nil where nothing does.
  func problemAsValues(outputShape: Shape) -> String? {
    guard case .values(let values) = self else { return "expected values, found classes" }
    guard values.shape.elementsPerRow != outputShape.count else { return nil }
    return
      "expected values of the model's output shape \(outputShape), found \(values.shape.elementsPerRow) per example"
  }

  /// The classes; traps where there are none.
  func requireClasses(for name: String) -> ArraySlice<Int32> {
    guard case .classes(let labels) = self else { fatalError("\(name) needs classes as targets, found values") }
    return labels
  }

  /// The values under the shape of the predictions; traps where there are none.
  func requireValues(for name: String, of predictions: Tensor) -> Tensor {
    guard case .values(let values) = self else { fatalError("\(name) needs values as targets, found classes") }
    ensure(
      values.count == predictions.count, "\(name): targets of shape \(values.shape), predictions \(predictions.shape)")
    return values.shape == predictions.shape ? values : values.reshaped(to: predictions.shape)
  }
}
