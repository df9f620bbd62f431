/// AdaS: descent with momentum, at a rate for each layer that follows the growth of what the layer's weights hold above
/// noise (Hosseini and Plataniotis 2020, arXiv 2006.06587).
///
///     v = momentum v + g,   w = (1 - R decay) w - R v
///     R = max(beta R + zeta growth, 0)                             behind every epoch but the first, for each matrix
///     growth = gain - last gain,   learning rate - beta R while no gain but the first has been above 0
///
/// The first epoch and the second have R = learning rate, and so have those, at a zeta of 1, before a matrix shows more
/// than noise. The gain is the sum of a matrix's denoised singular values over the largest, per row; of a convolution it is
/// the mean of its unfoldings' gains. Parameters with one axis move at the rate of the matrix before them, and at the
/// learning rate where there is none.
///
/// This is the rule of the authors' program (the package adas 1.1.3, with its `linear` option, without which only
/// convolutions have rates of their own), but for two things: the decay is decoupled here, where the program adds it to
/// the gradient; and where a matrix rises above noise, the program passes over the next one, which then misses a turn.
public final class AdaS: Optimizer {
  /// The parameters it moves.
  public let parameters: [Parameter]
  /// The rate of the first two epochs, before the schedule's factor.
  public var learningRate: Float
  /// How many steps an epoch has.
  public let stepsPerEpoch: Int
  /// How much of a rate survives an epoch.
  public let beta: Double
  /// The weight of the gain's growth.
  public let zeta: Double
  /// How much of the velocity survives a step.
  public let momentum: Float
  /// The decay per unit of step size, decoupled, of decayed parameters only.
  public let weightDecay: Float
  /// R of each matrix.
  private var rates: [Double]
  private var gains: [Double]
  /// 0 of a matrix that still waits for a gain above 0, behind the first one; else 1.
  private var hasGained: [Int]
  private let matrices: [Int]
  /// Which of the matrices sets the rate of each parameter.
  private let matrixOfParameter: [Int?]
  private var velocities: [Tensor]
  private var steps = 0

  /// An optimizer of `parameters` in the order of their layers.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a learning rate that is not positive and finite, less than one step an
  ///   epoch, a beta or a momentum outside 0 ..< 1, or a zeta or a decay that is negative or not finite.
  public init(
    _ parameters: [Parameter], stepsPerEpoch: Int, learningRate: Float = 0.03, beta: Double = 0.8, zeta: Double = 1,
    momentum: Float = 0.9, weightDecay: Float = 0
  ) throws(SAMTError) {
    try requireRate(learningRate, weightDecay: weightDecay)
    guard stepsPerEpoch >= 1 else {
      throw .configuration("AdaS needs at least 1 step an epoch, found \(stepsPerEpoch)")
    }
    guard (0..<1).contains(beta), (0..<1).contains(momentum) else {
      throw .configuration("AdaS's beta and momentum must be in 0 ..< 1, found \(beta) and \(momentum)")
    }
    guard zeta >= 0, zeta.isFinite else {
      throw .configuration("AdaS's zeta must be finite and not negative, found \(zeta)")
    }
    let matrices = parameters.indices.filter { parameters[$0].isGainMatrix }
    self.parameters = parameters
    self.learningRate = learningRate
    self.stepsPerEpoch = stepsPerEpoch
    self.beta = beta
    self.zeta = zeta
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.matrices = matrices
    matrixOfParameter = parameters.indices.map { index in matrices.lastIndex { $0 <= index } }
    rates = [Double](repeating: Double(learningRate), count: matrices.count)
    gains = [Double](repeating: 0, count: matrices.count)
    hasGained = [Int](repeating: 0, count: matrices.count)
    velocities = parameters.map { Tensor(zeros: $0.shape) }
  }

  /// The number of steps, each matrix's rate, last gain and whether it has gained, and the velocities as `velocity.PATH`.
  public func visitState(_ visitor: StateVisitor) {
    visitor.visit("steps", &steps)
    visitor.visit("rates", &rates)
    visitor.visit("gains", &gains)
    visitor.visit("hasGained", &hasGained, in: 0..<2)
    for index in parameters.indices { visitor.visit("velocity.\(parameters[index].path)", &velocities[index]) }
  }

  /// One step; behind the last of an epoch, the next one's rates.
  public func update(scale: Float, loss: Double) {
    for index in parameters.indices {
      let parameter = parameters[index]
      let rate = (matrixOfParameter[index].map { Float(rates[$0]) } ?? learningRate) * scale
      Kernels.descend(
        &parameter.value, velocity: &velocities[index], gradient: parameter.gradient, rate: rate,
        decayFactor: decayFactor(parameter, rate: rate, weightDecay: weightDecay), momentum: momentum, nesterov: false)
    }
    steps += 1
    if steps % stepsPerEpoch == 0 { adaptRates() }
  }

  private func adaptRates() {
    for (position, index) in matrices.enumerated() {
      let gain = KnowledgeGain.of(parameters[index].value)
      if steps > stepsPerEpoch {
        if gain > 0 { hasGained[position] = 1 }
        let kept = beta * rates[position]
        let growth = hasGained[position] == 1 ? gain - gains[position] : Double(learningRate) - kept
        rates[position] = max(kept + zeta * growth, 0)
      }
      gains[position] = gain
    }
  }
}

extension Parameter {
  /// Whether it is a matrix or a convolution's kernels: decayed, with two axes or four.
  fileprivate var isGainMatrix: Bool { isDecayed && (shape.rank == 2 || shape.rank == 4) && shape.count > 0 }
}
