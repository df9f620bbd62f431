/// Betting on coins: each weight bets a part of what it has won on the direction of its gradient, and there is no step
/// size (Orabona and Tommasi 2017, COCOB-Backprop).
///
///     L = max(L, |g|),   S = S - g,   G = G + |g|,   R = max(0, R - g (w - w0))
///     w = w + rate (w0 + S (L + R) / (L max(G + L, alpha L)) - w)
///
/// All of it element by element; w0 are the weights at the first step and L begins at `smallest`. The paper's rule has a
/// rate of 1; a smaller one, or a schedule's factor, goes that part of the way. Each step starts again from w0, so there is
/// no decoupled decay. One pass over memory, with five tensors beside each parameter.
public final class COCOB: Optimizer {
  /// The parameters it moves.
  public let parameters: [Parameter]
  /// The part of the way to each new bet, before the schedule's factor.
  public var learningRate: Float
  /// How many of its largest gradients a weight waits for before it bets all that it may.
  public let alpha: Float
  private var start: StartingWeights
  private var largest: [Tensor]
  private var sums: [Tensor]
  private var magnitudes: [Tensor]
  private var rewards: [Tensor]

  /// An optimizer of `parameters`.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a learning rate that is not positive and finite, an alpha that is not at
  ///   least 1 and finite, or a smallest gradient not in 1e-20 ... 1.
  public init(
    _ parameters: [Parameter], learningRate: Float = 1, alpha: Float = 100, smallest: Float = 1e-8
  ) throws(SAMTError) {
    try requireRate(learningRate, weightDecay: 0)
    guard alpha >= 1, alpha.isFinite else {
      throw .configuration("COCOB's alpha must be at least 1 and finite, found \(alpha)")
    }
    guard (1e-20...1).contains(smallest) else {
      throw .configuration("COCOB's smallest gradient must be in 1e-20 ... 1, found \(smallest)")
    }
    self.parameters = parameters
    self.learningRate = learningRate
    self.alpha = alpha
    start = StartingWeights(of: parameters)
    largest = parameters.map {
      Tensor([Float](repeating: smallest, count: $0.shape.count), shape: $0.shape)
    }
    sums = parameters.map { Tensor(zeros: $0.shape) }
    magnitudes = parameters.map { Tensor(zeros: $0.shape) }
    rewards = parameters.map { Tensor(zeros: $0.shape) }
  }

  /// The starting weights, and L, S, G and R as `largest.PATH`, `sum.PATH`, `magnitude.PATH` and `reward.PATH`.
  public func visitState(_ visitor: StateVisitor) {
    start.visitState(visitor, parameters)
    for index in parameters.indices {
      let path = parameters[index].path
      visitor.visit("largest.\(path)", &largest[index])
      visitor.visit("sum.\(path)", &sums[index])
      visitor.visit("magnitude.\(path)", &magnitudes[index])
      visitor.visit("reward.\(path)", &rewards[index])
    }
  }

  /// One step.
  public func update(scale: Float, loss: Double) {
    start.take(from: parameters)
    for index in parameters.indices {
      let parameter = parameters[index]
      Kernels.cocob(
        &parameter.value, largest: &largest[index], sum: &sums[index], magnitude: &magnitudes[index],
        reward: &rewards[index], gradient: parameter.gradient, start: start.values[index], rate: learningRate * scale,
        alpha: alpha)
    }
  }
}
