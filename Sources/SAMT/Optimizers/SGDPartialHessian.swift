/// Gradient descent that divides the steps of biases and of normalizations' gains by their own curvature, SGD-PH (Sun,
/// Yong and Zhang 2024, arXiv 2403.02681).
///
///     m = momentum m + g
///     w = (1 - rate decay) w - rate f m,   f = 1 but for channel-wise parameters p, those of one axis:
///     f = scale (1 - momentum^n) / (D + epsilon),   D = momentum D + (1 - momentum) |H 1|
///
/// H 1 are the sums of the rows of the Hessian's block of p, on the step's minibatch: its diagonal, where a channel's loss
/// depends on no other channel. n counts p's looks, and is 1 before the first, where D is 0. Every step looks at one p, in
/// turns. The last p, usually the bias of the outputs, goes as SGD: under softmax the sums of its rows are 0.
///
/// The authors differentiate twice. Here H 1 is the central difference of two gradients,
///
///     H 1 ~ (g(p + h 1) - g(p - h 1)) / (2 h)
///
/// whose error is at most h^2 / 6 times the third derivative along 1, plus 2^-24 |g| / h times a small number for the
/// gradients' roundings. Unlike a second derivative, it counts the kinks of a ``ReLU`` that examples pass on their way.
/// A look takes two evaluations and two backward passes of the layers from p's on.
public final class SGDPartialHessian: MinibatchOptimizer {
  /// The parameters it moves.
  public let parameters: [Parameter]
  /// The step size before the schedule's factor.
  public var learningRate: Float
  /// How much of the velocity and of the curvature survives a step or a look.
  public let momentum: Float
  /// The curvature at which a channel-wise step is about as long as SGD's.
  public let scale: Float
  /// Keeps the division finite.
  public let epsilon: Float
  /// h, by which channel-wise parameters are displaced.
  public let difference: Float
  /// The decay per unit of step size, decoupled, of decayed parameters only.
  public let weightDecay: Float
  private var velocities: [Tensor]
  private var channelwise: [ChannelwiseCurvature]
  /// Of a channel-wise parameter, by its index among all.
  private let curvatureIndices: [Int?]
  /// Gradients that stand aside while a layer's are written anew.
  private var heldGradients: [Tensor]
  private var steps = 0

  /// An optimizer of those of the layers' parameters that are not frozen.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a learning rate, a scale, an epsilon or a difference that is not
  ///   positive and finite, a momentum outside 0 ..< 1, or a negative decay.
  public init(
    _ layers: [any Layer], learningRate: Float = 0.1, momentum: Float = 0.9, scale: Float = 1e-3,
    epsilon: Float = 1e-4, difference: Float = 0x1p-7, weightDecay: Float = 0
  ) throws(SAMTError) {
    try requireRate(learningRate, weightDecay: weightDecay)
    guard (0..<1).contains(momentum) else {
      throw .configuration("SGD-PH's momentum must be in 0 ..< 1, found \(momentum)")
    }
    for (name, value) in [("scale", scale), ("epsilon", epsilon), ("difference", difference)] {
      guard value > 0, value.isFinite else {
        throw .configuration("SGD-PH's \(name) must be positive and finite, found \(value)")
      }
    }
    let parameters = layers.flatMap(\.parameters).filter { !$0.isFrozen }
    let looked = parameters.filter { $0.shape.rank == 1 }.dropLast()
    let curvatures = looked.map { parameter in
      let layer = layers.first { $0.parameters.contains { $0 === parameter } }
      return ChannelwiseCurvature(of: parameter, in: layer?.parameters ?? [])
    }
    self.parameters = parameters
    self.learningRate = learningRate
    self.momentum = momentum
    self.scale = scale
    self.epsilon = epsilon
    self.difference = difference
    self.weightDecay = weightDecay
    velocities = parameters.map { Tensor(zeros: $0.shape) }
    channelwise = curvatures
    curvatureIndices = parameters.map { parameter in curvatures.firstIndex { $0.parameter === parameter } }
    let siblings = curvatures.map(\.layer)
    heldGradients = (0..<(siblings.map(\.count).max() ?? 0)).map { index in
      Tensor(zeros: [siblings.map { index < $0.count ? $0[index].shape.count : 0 }.max() ?? 0])
    }
  }

  /// The velocities as `velocity.PATH`, the curvatures as `curvature.PATH` and `looks.PATH`, and t.
  public func visitState(_ visitor: StateVisitor) {
    visitor.visit("steps", &steps)
    for index in parameters.indices { visitor.visit("velocity.\(parameters[index].path)", &velocities[index]) }
    for index in channelwise.indices { channelwise[index].visitState(visitor) }
  }

  /// One step, and a look at the next of the channel-wise parameters.
  public func update(scale: Float, loss: Double, minibatch: some LoadedMinibatch) {
    if !channelwise.isEmpty {
      channelwise[steps % channelwise.count].estimate(
        minibatch, difference: difference, momentum: momentum, holding: &heldGradients)
    }
    update(scale: scale, loss: loss)
  }

  /// One step without a look.
  public func update(scale: Float, loss: Double) {
    steps += 1
    let rate = learningRate * scale
    for index in parameters.indices {
      let parameter = parameters[index]
      let decayFactor = decayFactor(parameter, rate: rate, weightDecay: weightDecay)
      if let curvature = curvatureIndices[index] {
        channelwise[curvature].move(
          velocity: &velocities[index], rate: rate, decayFactor: decayFactor, momentum: momentum, scale: self.scale,
          epsilon: epsilon)
      } else {
        Kernels.descend(
          &parameter.value, velocity: &velocities[index], gradient: parameter.gradient, rate: rate,
          decayFactor: decayFactor, momentum: momentum, nesterov: false)
      }
    }
  }
}
