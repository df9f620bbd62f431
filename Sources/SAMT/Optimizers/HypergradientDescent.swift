/// Gradient descent that also descends in its step size (Baydin, Cornish, Martínez Rubio, Schmidt and Wood 2018).
///
///     a = a + beta <g, g of the step before>,   w = (1 - a scale decay) w - a scale g
///
/// The product runs over all parameters. It is what the loss would have fallen by had the last step been longer by one
/// unit, so a grows while gradients agree. It comes before the step: two passes over memory, and one that keeps g.
public final class HypergradientDescent: Optimizer {
  /// The parameters it moves.
  public let parameters: [Parameter]
  /// a, the step size before the schedule's factor; what it was made with is where it begins.
  public var learningRate: Float {
    get { Float(stepSize) }
    set { stepSize = Double(newValue) }
  }
  /// beta, the step size of the step size.
  public let hyperRate: Double
  /// The decay per unit of step size, decoupled, of decayed parameters only.
  public let weightDecay: Float
  private var stepSize: Double
  private var previous: [Tensor]

  /// An optimizer of `parameters` whose step size begins at `learningRate`.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a learning rate that is not positive and finite, a hypergradient's rate
  ///   that is negative or not finite, or a negative decay.
  public init(
    _ parameters: [Parameter], learningRate: Float = 1e-3, hyperRate: Double = 1e-3, weightDecay: Float = 0
  ) throws(SAMTError) {
    try requireRate(learningRate, weightDecay: weightDecay)
    guard hyperRate >= 0, hyperRate.isFinite else {
      throw .configuration("the hypergradient's rate must be finite and not negative, found \(hyperRate)")
    }
    self.parameters = parameters
    self.hyperRate = hyperRate
    self.weightDecay = weightDecay
    stepSize = Double(learningRate)
    previous = parameters.map { Tensor(zeros: $0.shape) }
  }

  /// The step size.
  public var metrics: [String: Double] { ["stepSize": stepSize] }

  /// The step size, and the last step's gradients as `gradient.PATH`.
  public func visitState(_ visitor: StateVisitor) {
    visitor.visit("stepSize", &stepSize)
    for index in parameters.indices { visitor.visit("gradient.\(parameters[index].path)", &previous[index]) }
  }

  /// One step.
  public func update(scale: Float, loss: Double) {
    var product = 0.0
    for index in parameters.indices { product += Kernels.dot(parameters[index].gradient, previous[index]) }
    stepSize += hyperRate * product
    let rate = Float(stepSize) * scale
    for index in parameters.indices {
      let parameter = parameters[index]
      Kernels.descend(
        &parameter.value, gradient: parameter.gradient, rate: rate,
        decayFactor: decayFactor(parameter, rate: rate, weightDecay: weightDecay))
      Kernels.copy(parameter.gradient, into: &previous[index])
    }
  }
}
