/// A metric of values in their original units, for a model whose outputs and targets are standardized.
///
/// Outputs and targets are multiplied by a scale each before the metric takes them in; what is added to both alike makes no
/// difference to errors and to R2, and is left out.
public struct ScaledMetric: Metric {
  private var metric: any Metric
  private let scales: [Float]
  private var predictions = Tensor(zeros: [0])
  private var values = Tensor(zeros: [0])

  /// A metric that has seen nothing.
  ///
  /// - Parameters:
  ///   - metric: what is measured, of values.
  ///   - scales: for each output, what one unit of it stands for.
  public init(_ metric: any Metric, scales: [Double]) {
    self.metric = metric
    self.scales = scales.map(Float.init)
  }

  /// The metric's.
  public var name: String { metric.name }
  /// The metric's.
  public var direction: MetricDirection { metric.direction }
  /// The metric's, in original units.
  public var value: Double { metric.value }
  /// The metric's, in original units.
  public var details: [String: Double] { metric.details }

  /// What the metric finds wrong, or that there are not as many outputs as scales.
  public func problem(with targets: Targets, outputShape: Shape) -> String? {
    guard outputShape.count == scales.count else {
      return "expected \(scales.count) outputs, found \(outputShape.count)"
    }
    if case .classes = targets { return "expected values, found classes" }
    return metric.problem(with: targets, outputShape: outputShape)
  }

  /// Forgets all examples.
  public mutating func begin(outputs: Int) { metric.begin(outputs: outputs) }

  /// Takes in a batch; allocates where it is the largest so far.
  public mutating func add(_ predictions: Tensor, targets: Targets) {
    Self.multiply(predictions, by: scales, into: &self.predictions)
    Self.multiply(targets.requireValues(for: name, of: predictions), by: scales, into: &values)
    metric.add(self.predictions, targets: .values(values))
  }

  // Static: a method's own copy of the metric would share the memory that is written.
  private static func multiply(_ source: Tensor, by scales: [Float], into scaled: inout Tensor) {
    // Memory that a copy of the metric shares was copied with as much of it as the batch took.
    if scaled.capacity < source.count { scaled = Tensor(zeros: source.shape) }
    scaled.reshape(to: source.shape)
    let count = source.count
    source.withPointer { source in
      scaled.withMutablePointer { out in
        for index in 0..<count { out[index] = source[index] * scales[index % scales.count] }
      }
    }
  }

  /// What the metric has seen.
  public mutating func visitState(_ visitor: StateVisitor) { metric.visitState(visitor) }
}

extension Loss {
  /// The usual metrics, in the units of the table's columns where what is predicted are standardized values of a table.
  public func metrics(for preprocessing: TablePreprocessing?) -> [any Metric] {
    guard case .values(let values)? = preprocessing?.target else { return usualMetrics }
    return usualMetrics.map { ScaledMetric($0, scales: values.map(\.scale)) }
  }
}
