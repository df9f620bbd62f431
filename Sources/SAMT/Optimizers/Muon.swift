/// Muon: momentum, orthogonalized (Jordan, Jin, Boza, You, Cesista, Newhouse and Bernstein 2024).
///
///     m = momentum m + (1 - momentum) g
///     u = momentum m + (1 - momentum) g                      (without Nesterov's correction: m)
///     w = (1 - rate decay) w - rate s O(u)
///
/// O pushes the singular values towards 1 (``Orthogonalizer``). A convolution's kernels are one matrix, (output channels,
/// the rest). The factor s is by ``Scale``. It is a rule for matrices;
/// ``withAdamW(_:learningRate:weightDecay:adamLearningRate:configuration:)`` moves all other parameters by ``Adam``.
///
/// A gradient whose norm is below 1e-15 moves nothing, where the authors' code divides by no less than 1e-7.
public final class Muon: Optimizer {
  /// The factor on the orthogonalized momentum of r rows and c columns.
  public enum Scale: String, Sendable, CaseIterable {
    /// sqrt(max(1, r / c)): the authors'.
    case original
    /// 0.2 sqrt(max(r, c)): elements about as large as those of AdamW's steps, so that its learning rate and decay serve
    /// (Liu et al. 2025, arXiv 2502.16982).
    case matchRMSAdamW = "match-rms-adamw"

    func callAsFunction(rows: Int, columns: Int) -> Float {
      switch self {
      case .original: max(1, Float(rows) / Float(columns)).squareRoot()
      case .matchRMSAdamW: 0.2 * Float(max(rows, columns)).squareRoot()
      }
    }
  }

  /// What tells one Muon from another besides its learning rate and decay.
  public struct Configuration: Sendable {
    /// How much of the momentum survives a step.
    public var momentum: Float = 0.95
    /// Whether the gradient is taken as if one step ahead.
    public var isNesterov = true
    /// How many iterations an orthogonalization has, 1 to 6.
    public var iterations = 5
    /// The factor on the orthogonalized momentum.
    public var scale = Scale.original

    /// The defaults.
    public init() {}

    func validate() throws(SAMTError) {
      guard (0..<1).contains(momentum) else {
        throw .configuration("Muon's momentum must be in 0 ..< 1, found \(momentum)")
      }
      guard (1...6).contains(iterations) else {
        throw .configuration("an orthogonalization has 1 to 6 iterations, found \(iterations)")
      }
    }
  }

  /// The matrices it moves.
  public let parameters: [Parameter]
  /// The step size before the schedule's factor.
  public var learningRate: Float
  /// The decay per unit of step size, decoupled, of decayed parameters only.
  public let weightDecay: Float
  /// Momentum, iterations and scale.
  public let configuration: Configuration
  private var momenta: [Tensor]
  private var orthogonalizer: Orthogonalizer
  /// For one matrix after the other.
  private var input: Tensor
  private var direction: Tensor

  /// An optimizer of `parameters`, all of them matrices or kernels of convolutions.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a parameter with less than two axes or without elements, a learning
  ///   rate that is not positive and finite, a negative decay, or a configuration out of range.
  public init(
    _ parameters: [Parameter], learningRate: Float = 1e-3, weightDecay: Float = 0.1,
    configuration: Configuration = Configuration()
  ) throws(SAMTError) {
    try requireRate(learningRate, weightDecay: weightDecay)
    try configuration.validate()
    for parameter in parameters where parameter.shape.rank < 2 || parameter.shape.count == 0 {
      throw .configuration("Muon moves matrices, and \(parameter.path) has shape \(parameter.shape)")
    }
    self.parameters = parameters
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.configuration = configuration
    momenta = parameters.map { Tensor(zeros: $0.shape) }
    orthogonalizer = Orthogonalizer(forAnyOf: parameters.map(\.shape), iterations: configuration.iterations)
    let largest = parameters.map(\.shape.count).max() ?? 0
    input = Tensor(zeros: [largest])
    direction = Tensor(zeros: [largest])
  }

  /// Muon for the matrices among `parameters`, AdamW for the rest.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` as either of them.
  public static func withAdamW(
    _ parameters: [Parameter], learningRate: Float = 1e-3, weightDecay: Float = 0.1, adamLearningRate: Float? = nil,
    configuration: Configuration = Configuration()
  ) throws(SAMTError) -> any Optimizer {
    var optimizers: [any Optimizer] = []
    let matrices = parameters.filter { ParameterSelector.matrices.selects($0) }
    let others = parameters.filter { !ParameterSelector.matrices.selects($0) }
    if !matrices.isEmpty {
      optimizers.append(
        try Muon(matrices, learningRate: learningRate, weightDecay: weightDecay, configuration: configuration))
    }
    if !others.isEmpty || matrices.isEmpty {
      optimizers.append(try Adam(others, learningRate: adamLearningRate ?? learningRate, weightDecay: weightDecay))
    }
    return try GroupedOptimizer(optimizers)
  }

  /// The momenta as `m.PATH`.
  public func visitState(_ visitor: StateVisitor) {
    for index in parameters.indices { visitor.visit("m.\(parameters[index].path)", &momenta[index]) }
  }

  /// One step: a pass over memory to the momentum, the orthogonalization, and a pass for the move.
  public func update(scale: Float, loss: Double) {
    let rate = learningRate * scale
    for index in parameters.indices {
      let parameter = parameters[index], shape = parameter.shape
      input.reshape(to: shape)
      direction.reshape(to: shape)
      Kernels.blendedMomentum(
        parameter.gradient, m: &momenta[index], beta: configuration.momentum,
        blend: configuration.isNesterov ? configuration.momentum : 1, into: &input)
      orthogonalizer.orthogonalize(
        input, scale: configuration.scale(rows: shape[0], columns: shape.elementsPerRow), into: &direction)
      Kernels.move(
        &parameter.value, along: direction, rate: rate,
        decayFactor: decayFactor(parameter, rate: rate, weightDecay: weightDecay))
    }
  }
}
