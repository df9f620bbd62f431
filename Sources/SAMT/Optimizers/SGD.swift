/// Stochastic gradient descent, plain, with momentum (Polyak 1964) or with Nesterov's correction (Sutskever, Martens,
/// Dahl and Hinton 2013).
///
///     v = momentum v + g
///     w = (1 - rate decay) w - rate v                  (Nesterov: rate (g + momentum v))
///
/// Weight decay is decoupled from the gradient and applies to decayed parameters only.
public final class SGD: Optimizer {
  /// The parameters it moves.
  public let parameters: [Parameter]
  /// The step size before the schedule's factor.
  public var learningRate: Float
  /// How much of the velocity survives a step; 0 for plain descent.
  public let momentum: Float
  /// Whether the gradient is taken as if one step ahead.
  public let isNesterov: Bool
  /// The decay per unit of step size.
  public let weightDecay: Float
  private var velocities: [Tensor]

  /// An optimizer of `parameters`.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a learning rate that is not positive and finite, a momentum outside
  ///   0 ..< 1, Nesterov's correction without momentum, or a negative decay.
  public init(
    _ parameters: [Parameter], learningRate: Float, momentum: Float = 0, nesterov: Bool = false, weightDecay: Float = 0
  ) throws(SAMTError) {
    try requireRate(learningRate, weightDecay: weightDecay)
    guard momentum >= 0, momentum < 1 else { throw .configuration("momentum must be in 0 ..< 1, found \(momentum)") }
    guard momentum > 0 || !nesterov else { throw .configuration("Nesterov's correction needs a momentum above 0") }
    self.parameters = parameters
    self.learningRate = learningRate
    self.momentum = momentum
    isNesterov = nesterov
    self.weightDecay = weightDecay
    velocities = momentum > 0 ? parameters.map { Tensor(zeros: $0.shape) } : []
  }

  /// The velocities as `velocity.PATH`, where there is momentum.
  public func visitState(_ visitor: StateVisitor) {
    for index in velocities.indices { visitor.visit("velocity.\(parameters[index].path)", &velocities[index]) }
  }

  /// One step.
  public func update(scale: Float, loss: Double) {
    let rate = learningRate * scale
    for index in parameters.indices {
      let parameter = parameters[index]
      let decayFactor = decayFactor(parameter, rate: rate, weightDecay: weightDecay)
      if momentum > 0 {
        Kernels.descend(
          &parameter.value, velocity: &velocities[index], gradient: parameter.gradient, rate: rate,
          decayFactor: decayFactor,
          momentum: momentum, nesterov: isNesterov)
      } else {
        Kernels.descend(&parameter.value, gradient: parameter.gradient, rate: rate, decayFactor: decayFactor)
      }
    }
  }
}
