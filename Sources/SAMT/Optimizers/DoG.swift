/// Gradient descent whose step size is the distance travelled over the gradients met (Ivgi, Hinder and Carmon 2023).
///
///     R = max(R, |w - w0|),   R = r (1 + |w0|) in the first step
///     G = G + |g|^2 + (epsilon in the first step)
///     w = (1 - l decay) w - l g,   l = rate R / sqrt G
///
/// Norms are those of all parameters together, or of each tensor by itself where the rule is layerwise (LDoG). The norms
/// come before the step, so it takes two passes over memory; the polynomial average that is evaluated is a third one.
public final class DoG: Optimizer {
  /// The parameters it moves.
  public let parameters: [Parameter]
  /// A factor on the step size, before the schedule's.
  public var learningRate: Float
  /// r: the first step's length in units of 1 + |w0|.
  public let initialDistance: Double
  /// What the sum of squared gradients begins with.
  public let epsilon: Double
  /// Whether each tensor has a step size of its own.
  public let isLayerwise: Bool
  /// The decay per unit of step size, decoupled, of decayed parameters only.
  public let weightDecay: Float
  private var start: StartingWeights
  private let average: WeightAverage?
  private var distances: [Double]
  private var gradients: [Double]
  private var steps = 0

  /// An optimizer of `parameters`.
  ///
  /// - Parameter averaging: the power of the polynomial average that is evaluated, as that of
  ///   ``WeightAverage/Kind/polynomial(gamma:)``; nil to evaluate the parameters themselves.
  /// - Throws: ``SAMTError/configuration(_:)`` for a learning rate, an initial distance or an epsilon that is not positive
  ///   and finite, a negative decay, or a power that no average has.
  public init(
    _ parameters: [Parameter], learningRate: Float = 1, initialDistance: Double = 1e-6, epsilon: Double = 1e-8,
    layerwise: Bool = false, weightDecay: Float = 0, averaging: Float? = 8
  ) throws(SAMTError) {
    try requireRate(learningRate, weightDecay: weightDecay)
    guard initialDistance > 0, initialDistance.isFinite, epsilon > 0, epsilon.isFinite else {
      throw .configuration(
        "DoG's initial distance and epsilon must be positive and finite, found \(initialDistance) and \(epsilon)")
    }
    if let averaging {
      average = try WeightAverage(of: parameters, .polynomial(gamma: averaging))
    } else {
      average = nil
    }
    self.parameters = parameters
    self.learningRate = learningRate
    self.initialDistance = initialDistance
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    isLayerwise = layerwise
    start = StartingWeights(of: parameters)
    let count = layerwise ? parameters.count : 1
    distances = [Double](repeating: 0, count: count)
    gradients = [Double](repeating: 0, count: count)
  }

  /// The distance travelled; of the tensor that went furthest where there is one for each.
  public var metrics: [String: Double] { ["distance": distances.max() ?? 0] }

  /// The starting weights, R as `distances` and G as `gradients`, and the average where there is one.
  public func visitState(_ visitor: StateVisitor) {
    visitor.visit("steps", &steps)
    visitor.visit("distances", &distances)
    visitor.visit("gradients", &gradients)
    start.visitState(visitor, parameters)
    if let average { visitor.visit("average", average) }
  }

  /// One step.
  public func update(scale: Float, loss: Double) {
    start.take(from: parameters)
    measure()
    steps += 1
    for index in parameters.indices {
      let parameter = parameters[index]
      let group = isLayerwise ? index : 0
      let rate = Float(Double(learningRate * scale) * distances[group] / gradients[group].squareRoot())
      Kernels.descend(
        &parameter.value, gradient: parameter.gradient, rate: rate,
        decayFactor: decayFactor(parameter, rate: rate, weightDecay: weightDecay))
    }
    average?.update()
  }

  /// Brings R and G up to the weights and gradients.
  private func measure() {
    for group in distances.indices {
      var (distance, gradient, norm) = (0.0, 0.0, 0.0)
      for index in isLayerwise ? group..<group + 1 : parameters.indices {
        let parameter = parameters[index]
        let sums = Kernels.distanceSums(from: start.values[index], to: parameter.value, gradient: parameter.gradient)
        distance += sums.distance_squared
        gradient += sums.gradient_squared
        if steps == 0 { norm += Kernels.dot(parameter.value, parameter.value) }
      }
      distances[group] =
        steps == 0 ? initialDistance * (1 + norm.squareRoot()) : max(distances[group], distance.squareRoot())
      gradients[group] += gradient + (steps == 0 ? epsilon : 0)
    }
  }

  /// Whether there is an average to evaluate.
  public var hasEvaluationWeights: Bool { average != nil }

  /// Calls `body` with the averages in the parameters' place, then puts the parameters back.
  public func withEvaluationWeights(_ body: () throws(SAMTError) -> Void) throws(SAMTError) {
    if let average { try average.withAverages(body) } else { try body() }
  }
}
