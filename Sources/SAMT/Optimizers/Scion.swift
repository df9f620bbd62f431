/// Scion: steps to where a layer's own norm ball reaches furthest along the momentum (Pethick, Xie, Antonakopoulos, Zhu,
/// Silveti-Falls and Cevher 2025, arXiv 2502.07529).
///
///     m = (1 - alpha) m + alpha g
///     w = (1 - rate (1 + decay)) w - rate radius L(m)        (unconstrained: 1 - rate decay in place of the factor)
///
/// L(m) is the element of the unit ball of a ``Norm`` that has the largest inner product with m. Constrained weights end
/// within the ball of their radius, whatever the gradients are.
public final class Scion: Optimizer {
  /// The norm that a parameter's steps are measured by. For a weight of (out, in, ...), with O as in ``Orthogonalizer``:
  public enum Norm: Sendable, Equatable {
    /// The spectral norm between root mean squares: L(m) = sqrt(out / in) O(m).
    case spectral
    /// L(m) = max(1, sqrt(out / in)) O(m): for a first layer, whose inputs may be few.
    case inputSpectral
    /// Of a convolution with kernels of height x width: L(m) = sqrt(out / in) / (height width) O(m as (out, the rest)).
    case convolution
    /// The root mean square: L(m) = m / (rms m + 1e-8), for biases and scales.
    case rootMeanSquare
    /// The largest element: L(m) = sign(m) / in, for a last layer.
    case sign
  }

  /// A norm and how large its ball is.
  public struct Ball: Sendable, Equatable {
    /// The norm; nil for ``Norm/convolution`` of four axes, ``Norm/spectral`` of two or three, and
    /// ``Norm/rootMeanSquare`` of fewer.
    public var norm: Norm?
    /// The radius, rho.
    public var radius: Float

    /// The ball of a norm and a radius.
    public init(_ norm: Norm? = nil, radius: Float = 1) {
      self.norm = norm
      self.radius = radius
    }
  }

  /// The parameters it moves.
  public let parameters: [Parameter]
  /// The step size before the schedule's factor.
  public var learningRate: Float
  /// alpha, how much of the momentum is the last gradient.
  public let alpha: Float
  /// Whether the weights are drawn into their balls.
  public let isConstrained: Bool
  /// The decay per unit of step size, decoupled, of decayed parameters only, besides that of the constraint.
  public let weightDecay: Float
  /// Each parameter's ball.
  public let balls: [Ball]
  private let norms: [Norm]
  private var momenta: [Tensor]
  private var orthogonalizer: Orthogonalizer
  /// For one parameter after the other.
  private var input: Tensor
  private var direction: Tensor

  /// An optimizer of `parameters`, each with the ball that `balls` has for it.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for an alpha outside 0 ... 1 or 0, a radius or a learning rate that is not
  ///   positive and finite, a negative decay, a spectral norm of a parameter with less than two axes or of a convolution
  ///   with other than four, and groups that do not fit the parameters.
  public init(
    _ parameters: [Parameter], balls: ParameterGroups<Ball> = .init(rest: Ball()), learningRate: Float = 1e-3,
    alpha: Float = 1, isConstrained: Bool = true, weightDecay: Float = 0
  ) throws(SAMTError) {
    try requireRate(learningRate, weightDecay: weightDecay)
    guard alpha > 0, alpha <= 1 else {
      throw .configuration("Scion's alpha must be above 0 and at most 1, found \(alpha)")
    }
    let balls = try balls.settings(of: parameters)
    let norms = zip(parameters, balls).map { $1.norm ?? .usual(for: $0.shape) }
    for (index, parameter) in parameters.enumerated() {
      guard balls[index].radius > 0, balls[index].radius.isFinite else {
        throw .configuration(
          "\(parameter.path) needs a radius that is positive and finite, found \(balls[index].radius)")
      }
      guard norms[index].suits(parameter.shape) else {
        throw .configuration("\(parameter.path) of shape \(parameter.shape) has no norm \(norms[index])")
      }
    }
    let matrices = parameters.indices.filter { norms[$0].isSpectral }.map { parameters[$0].shape }
    self.parameters = parameters
    self.balls = balls
    self.norms = norms
    self.learningRate = learningRate
    self.alpha = alpha
    self.isConstrained = isConstrained
    self.weightDecay = weightDecay
    momenta = parameters.map { Tensor(zeros: $0.shape) }
    orthogonalizer = Orthogonalizer(forAnyOf: matrices)
    input = Tensor(zeros: [parameters.map(\.shape.count).max() ?? 0])
    direction = Tensor(zeros: [matrices.map(\.count).max() ?? 0])
  }

  /// Moves every parameter onto the boundary of its ball, w = radius L(w): where the authors' trainings begin.
  ///
  /// What is 0 stays 0.
  public func moveToBoundary() {
    for index in parameters.indices {
      let parameter = parameters[index]
      input.reshape(to: parameter.shape)
      Kernels.copy(parameter.value, into: &input)
      step(index, rate: -1, decayFactor: 0)
    }
  }

  /// The momenta as `m.PATH`.
  public func visitState(_ visitor: StateVisitor) {
    for index in parameters.indices { visitor.visit("m.\(parameters[index].path)", &momenta[index]) }
  }

  /// One step: a pass over memory to the momentum, the largest inner product, and a pass for the move.
  public func update(scale: Float, loss: Double) {
    let rate = learningRate * scale
    for index in parameters.indices {
      let parameter = parameters[index]
      input.reshape(to: parameter.shape)
      Kernels.blendedMomentum(parameter.gradient, m: &momenta[index], beta: 1 - alpha, blend: 1, into: &input)
      let decay = (isConstrained ? 1 : 0) + (parameter.isDecayed ? weightDecay : 0)
      step(index, rate: rate, decayFactor: 1 - rate * decay)
    }
  }

  /// w = decayFactor w - rate radius L(input) for the parameter at `index`.
  private func step(_ index: Int, rate: Float, decayFactor: Float) {
    let parameter = parameters[index], norm = norms[index]
    let shape = parameter.shape, rate = rate * balls[index].radius
    switch norm {
    case .spectral, .inputSpectral, .convolution:
      direction.reshape(to: shape)
      orthogonalizer.orthogonalize(input, scale: norm.factor(shape), into: &direction)
      Kernels.move(&parameter.value, along: direction, rate: rate, decayFactor: decayFactor)
    case .rootMeanSquare:
      let rms = (Kernels.dot(input, input) / Double(max(shape.count, 1))).squareRoot()
      Kernels.move(&parameter.value, along: input, rate: rate / (Float(rms) + 1e-8), decayFactor: decayFactor)
    case .sign:
      // The momentum has no elements below the smallest normal number: times this, none is left between 0 and 1.
      Kernels.scale(&input, by: .greatestFiniteMagnitude)
      Kernels.clamp(&input, to: -1...1)
      Kernels.move(&parameter.value, along: input, rate: rate * norm.factor(shape), decayFactor: decayFactor)
    }
  }
}

extension Scion.Norm {
  /// ``convolution`` for four axes, ``spectral`` for two or three, ``rootMeanSquare`` for fewer.
  static func usual(for shape: Shape) -> Scion.Norm {
    switch shape.rank {
    case 4: .convolution
    case 2, 3: .spectral
    default: .rootMeanSquare
    }
  }

  var isSpectral: Bool { self == .spectral || self == .inputSpectral || self == .convolution }

  func suits(_ shape: Shape) -> Bool {
    switch self {
    case .spectral, .inputSpectral: shape.rank >= 2 && shape.count > 0
    case .convolution: shape.rank == 4 && shape.count > 0
    case .rootMeanSquare: true
    case .sign: shape.rank >= 1 && shape.count > 0
    }
  }

  /// What the orthogonalized matrix, or the sign, is multiplied by.
  func factor(_ shape: Shape) -> Float {
    switch self {
    case .spectral: (Float(shape[0]) / Float(shape.elementsPerRow)).squareRoot()
    case .inputSpectral: max(1, Float(shape[0]) / Float(shape.elementsPerRow)).squareRoot()
    case .convolution: (Float(shape[0]) / Float(shape[1])).squareRoot() / Float(shape[2] * shape[3])
    case .sign: 1 / Float(shape.elementsPerRow)
    case .rootMeanSquare: 1
    }
  }
}
