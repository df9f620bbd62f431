/// The coefficient of determination: which part of the targets' variance the predictions explain.
///
///     R2 = 1 - sum (target - prediction)^2 / sum (target - mean)^2
///
/// For several outputs, the mean of their coefficients. 1 is perfect, 0 is what predicting the mean gets, and there is no
/// lower end. Where an output's targets are all equal, it is 1 for perfect predictions and else 0; for fewer than two
/// examples it is NaN.
///
/// The squares around the mean are updated example by example (Welford 1962), in double, so that targets far from 0 lose
/// nothing.
public struct R2Score: Metric {
  private var count = 0
  /// By output: the mean of the targets, the squares around it, and the squared errors.
  private var means: [Double] = []
  private var squares: [Double] = []
  private var errors: [Double] = []

  /// A metric that has seen nothing.
  public init() {}

  /// `r2`.
  public var name: String { "r2" }
  /// Larger is better.
  public var direction: MetricDirection { .larger }

  /// The mean of the outputs' coefficients.
  public var value: Double {
    guard count >= 2 else { return .nan }
    let coefficients = means.indices.map { output in
      squares[output] == 0 ? (errors[output] == 0 ? 1 : 0) : 1 - errors[output] / squares[output]
    }
    return coefficients.reduce(0, +) / Double(coefficients.count)
  }

  /// Whether the targets are values, one for each output.
  public func problem(with targets: Targets, outputShape: Shape) -> String? {
    targets.problemAsValues(outputShape: outputShape)
  }

  /// Forgets all examples.
  public mutating func begin(outputs: Int) {
    count = 0
    // Each array its own memory: a shared one would be copied at the first write, in the middle of training.
    means = [Double](repeating: 0, count: outputs)
    squares = [Double](repeating: 0, count: outputs)
    errors = [Double](repeating: 0, count: outputs)
  }

  /// Takes in a batch.
  public mutating func add(_ predictions: Tensor, targets: Targets) {
    let values = targets.requireValues(for: name, of: predictions)
    let outputs = values.shape.elementsPerRow
    ensure(outputs == means.count, "\(name): predictions of \(outputs) outputs, expected \(means.count)")
    predictions.withSpan { predicted in
      values.withSpan { wanted in
        for row in 0..<values.shape[0] {
          count += 1
          for output in 0..<outputs {
            let target = Double(wanted[row * outputs + output])
            let error = target - Double(predicted[row * outputs + output])
            let distance = target - means[output]
            means[output] += distance / Double(count)
            squares[output] += distance * (target - means[output])
            errors[output] += error * error
          }
        }
      }
    }
  }

  /// The count, the means and the sums.
  public mutating func visitState(_ visitor: StateVisitor) {
    visitor.visit("count", &count)
    visitor.visit("means", &means)
    visitor.visit("squares", &squares)
    visitor.visit("errors", &errors)
  }
}
