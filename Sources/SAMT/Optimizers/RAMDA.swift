import CKernels

/// RAMDA: dual averaging with momentum and Adagrad's cube roots, whose group lasso shrinks whole rows of weights to 0
/// (Huang and Lee 2024, arXiv 2403.14398).
///
///     s = rate sqrt(t),   a += s,   V += s g,   U += s g^2,   D = U^(1/3) + epsilon
///     p = argmin over p of  <V, p> + <p - w0, D (p - w0)> / 2 + a lambda sum over groups |p_group|
///     w = (1 - c) (1 - rate decay) w + c p
///
/// Without a lambda, p = w0 - V / D. A group is a row of a parameter that is decayed: all that leads to one output of a
/// linear layer, or the kernels of one output channel; other parameters have no groups. A group's p is found exactly, by
/// Newton's method for its norm, where the authors' code takes up to a hundred proximal steps towards it.
///
/// The averages remember all gradients, so the rule suits trainings whose end is known; w0 are the weights when the
/// optimizer is made.
public final class RAMDA: Optimizer {
  /// The parameters it moves.
  public let parameters: [Parameter]
  /// The step size before the schedule's factor.
  public var learningRate: Float
  /// c, how far a step goes towards p.
  public let momentum: Float
  /// Keeps the division finite.
  public let epsilon: Float
  /// lambda, the weight of the group lasso.
  public let groupLasso: Double
  /// The decay per unit of step size, decoupled, of decayed parameters only.
  public let weightDecay: Float
  private var starts: [Tensor]
  private var sums: [Tensor]
  private var squares: [Tensor]
  private var workspace: Tensor
  private var steps = 0
  private var weightOfSums = 0.0

  /// An optimizer of `parameters`.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a learning rate that is not positive and finite, a momentum that is not
  ///   above 0 and at most 1, an epsilon below 1e-12 or not finite, or a negative group lasso or decay.
  public init(
    _ parameters: [Parameter], learningRate: Float = 0.01, momentum: Float = 0.1, epsilon: Float = 1e-6,
    groupLasso: Double = 0, weightDecay: Float = 0
  ) throws(SAMTError) {
    try requireRate(learningRate, weightDecay: weightDecay)
    guard momentum > 0, momentum <= 1 else {
      throw .configuration("RAMDA's momentum must be above 0 and at most 1, found \(momentum)")
    }
    guard epsilon >= 1e-12, epsilon.isFinite else {
      throw .configuration("RAMDA's epsilon must be at least 1e-12 and finite, found \(epsilon)")
    }
    guard groupLasso >= 0, groupLasso.isFinite else {
      throw .configuration("the group lasso's weight must be finite and not negative, found \(groupLasso)")
    }
    self.parameters = parameters
    self.learningRate = learningRate
    self.momentum = momentum
    self.epsilon = epsilon
    self.groupLasso = groupLasso
    self.weightDecay = weightDecay
    starts = parameters.map { parameter in
      var start = Tensor(zeros: parameter.shape)
      if parameter.value.shape == parameter.shape { Kernels.copy(parameter.value, into: &start) }
      return start
    }
    sums = parameters.map { Tensor(zeros: $0.shape) }
    squares = parameters.map { Tensor(zeros: $0.shape) }
    let grouped = groupLasso > 0 ? parameters.filter(\.isDecayed).map(\.shape.count).max() ?? 0 : 0
    workspace = Tensor(zeros: [2 * grouped])
  }

  /// The number of steps, a, and of each parameter its first value and both averages: `start.PATH`, `sum.PATH` and
  /// `squares.PATH`.
  public func visitState(_ visitor: StateVisitor) {
    visitor.visit("steps", &steps)
    if groupLasso > 0 { visitor.visit("weightOfSums", &weightOfSums) }
    for index in parameters.indices {
      visitor.visit("start.\(parameters[index].path)", &starts[index])
      visitor.visit("sum.\(parameters[index].path)", &sums[index])
      visitor.visit("squares.\(parameters[index].path)", &squares[index])
    }
  }

  /// One step.
  public func update(scale: Float, loss: Double) {
    steps += 1
    let rate = learningRate * scale
    let size = Double(rate) * Double(steps).squareRoot()
    weightOfSums += size
    var step = ck_ramda_args(
      size: Float(size), epsilon: epsilon, kept: 1, fresh: momentum, penalty: weightOfSums * groupLasso)
    for index in parameters.indices where parameters[index].shape.count > 0 {
      let parameter = parameters[index]
      step.kept = (1 - momentum) * decayFactor(parameter, rate: rate, weightDecay: weightDecay)
      Kernels.ramda(
        &parameter.value, start: starts[index], sum: &sums[index], squares: &squares[index],
        gradient: parameter.gradient, groupsRows: groupLasso > 0 && parameter.isDecayed, workspace: &workspace, step)
    }
  }
}
