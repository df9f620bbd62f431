/// Finds the scale of another rule's steps (Cutkosky, Defazio and Mehta 2023).
///
/// The other rule moves the weights from w to w'. Its moves add up to a path, and the weights stand at a multiple of that:
///
///     h = <P, g + lambda S |g| w' / (|w'| + epsilon)>,   P = P + w' - w,   S = s1 + ... + sn
///     for each beta:  M = max(beta M, |h|),   v = beta^2 v + h^2,   r = max(0, beta r - s h)
///                     s = (s0 M / n + r) / (sqrt v + epsilon)
///     w = w0 + max(S, 0) P                                        with the new s
///
/// Products and norms run over all parameters; w0 are the weights at the first step. Two passes over memory behind those
/// of the other rule.
public final class Mechanic: Optimizer {
  /// The rule whose steps are scaled.
  public let base: any Optimizer
  /// How much of the past each of the scales remembers.
  public let betas: [Double]
  /// lambda, which draws the weights back to where they began.
  public let decay: Double
  /// s0, what each scale may stake at first.
  public let initialScale: Double
  /// Keeps the divisions finite.
  public let epsilon: Double
  private var start: StartingWeights
  private var paths: [Tensor]
  private var scales: [Double]
  private var largest: [Double]
  private var squares: [Double]
  private var rewards: [Double]

  /// Scales the steps of `base`, which moves the same parameters.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a rule that has weights of its own to evaluate or evaluates minibatches
  ///   itself, no beta or one outside 0 ..< 1, a decay that is negative or not finite, or an initial scale or an epsilon that is not positive and finite.
  public init(
    _ base: any Optimizer, betas: [Double] = [0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999], decay: Double = 0.01,
    initialScale: Double = 1e-8, epsilon: Double = 1e-8
  ) throws(SAMTError) {
    guard !base.hasEvaluationWeights else {
      throw .configuration("Mechanic cannot scale \(type(of: base)), whose weights for evaluation are other ones")
    }
    try base.requireNoMinibatch(within: "Mechanic")
    guard !betas.isEmpty, betas.allSatisfy({ (0..<1).contains($0) }) else {
      throw .configuration("Mechanic's betas must be in 0 ..< 1, found \(betas)")
    }
    guard decay >= 0, decay.isFinite else {
      throw .configuration("Mechanic's decay must be finite and not negative, found \(decay)")
    }
    guard initialScale > 0, initialScale.isFinite, epsilon > 0, epsilon.isFinite else {
      throw .configuration(
        "Mechanic's initial scale and epsilon must be positive and finite, found \(initialScale) and \(epsilon)")
    }
    self.base = base
    self.betas = betas
    self.decay = decay
    self.initialScale = initialScale
    self.epsilon = epsilon
    start = StartingWeights(of: base.parameters)
    paths = base.parameters.map { Tensor(zeros: $0.shape) }
    scales = betas.map { _ in 0 }
    largest = betas.map { _ in 1e-6 }
    squares = betas.map { _ in 0 }
    rewards = betas.map { _ in 0 }
  }

  /// The other rule's parameters.
  public var parameters: [Parameter] { base.parameters }

  /// The other rule's step size.
  public var learningRate: Float {
    get { base.learningRate }
    set { base.learningRate = newValue }
  }

  /// The scale of the path, and the other rule's figures.
  public var metrics: [String: Double] { base.metrics.merging(["scale": scale]) { $1 } }

  /// The other rule's state as `base`, the starting weights, the path as `path.PATH`, and s, M, v and r of each beta.
  public func visitState(_ visitor: StateVisitor) {
    visitor.visit("base", base)
    start.visitState(visitor, parameters)
    for index in paths.indices { visitor.visit("path.\(parameters[index].path)", &paths[index]) }
    visitor.visit("scales", &scales)
    visitor.visit("largest", &largest)
    visitor.visit("squares", &squares)
    visitor.visit("rewards", &rewards)
  }

  /// One step of the other rule, and of the scale.
  public func update(scale: Float, loss: Double) {
    start.take(from: parameters)
    base.update(scale: scale, loss: loss)
    tune(along: product())
    let scale = Float(self.scale)
    for index in paths.indices {
      let parameter = base.parameters[index]
      Kernels.mechanicStep(&parameter.value, scale: scale, start: start.values[index], path: paths[index])
    }
  }

  /// S, what the path is multiplied by.
  private var scale: Double {
    var sum = 0.0
    for index in scales.indices { sum += scales[index] }
    return max(sum, 0)
  }

  /// h; takes the other rule's move into the path.
  private func product() -> Double {
    var (pathGradient, pathWeight, gradientSquared, weightSquared) = (0.0, 0.0, 0.0, 0.0)
    for index in paths.indices {
      let parameter = base.parameters[index]
      let sums = Kernels.mechanicPath(
        &paths[index], scale: Float(scale), gradient: parameter.gradient, start: start.values[index], parameter.value)
      pathGradient += sums.path_gradient
      pathWeight += sums.path_weight
      gradientSquared += sums.gradient_squared
      weightSquared += sums.weight_squared
    }
    return pathGradient
      + decay * scale * gradientSquared.squareRoot() / (weightSquared.squareRoot() + epsilon) * pathWeight
  }

  /// Brings every beta's scale up to h.
  private func tune(along product: Double) {
    for index in betas.indices {
      let beta = betas[index]
      largest[index] = max(beta * largest[index], abs(product))
      squares[index] = beta * beta * squares[index] + product * product
      rewards[index] = max(0, beta * rewards[index] - scales[index] * product)
      scales[index] =
        (largest[index] * initialScale / Double(betas.count) + rewards[index]) / (squares[index].squareRoot() + epsilon)
    }
  }
}
