/// How a parameter's first values are drawn.
///
/// The first axis of a parameter counts outputs. Fans follow from its shape, as PyTorch has them: for a weight
/// (outputs, inputs, ...), the inputs of one output are the product of all axes but the first, the outputs of one input
/// that of all axes but the second.
public enum Initializer: Sendable, Equatable {
  /// Which way a signal's variance is to be kept.
  public enum Fan: Sendable {
    /// Forward: by the number of inputs of one output.
    case inputs
    /// Backward: by the number of outputs of one input.
    case outputs
  }

  /// All zeros.
  case zeros
  /// All ones.
  case ones
  /// Uniform in -bound ... bound.
  case uniform(bound: Float)
  /// Normal with mean 0 and the given standard deviation.
  case normal(deviation: Float)
  /// Uniform with standard deviation gain / sqrt(fan) (He, Zhang, Ren and Sun 2015); the gain for ReLU is sqrt(2).
  case kaimingUniform(Fan = .inputs, gain: Float = Float(2).squareRoot())
  /// Normal with standard deviation gain / sqrt(fan) (He, Zhang, Ren and Sun 2015); the gain for ReLU is sqrt(2).
  case kaimingNormal(Fan = .inputs, gain: Float = Float(2).squareRoot())
  /// Uniform with standard deviation gain sqrt(2 / (inputs + outputs)) (Glorot and Bengio 2010).
  case xavierUniform(gain: Float = 1)
  /// Normal with standard deviation gain sqrt(2 / (inputs + outputs)) (Glorot and Bengio 2010).
  case xavierNormal(gain: Float = 1)
  /// `gain` times a random matrix of orthonormal rows, or columns where they are fewer, all axes behind the first taken
  /// as one (Saxe, McClelland and Ganguli 2014).
  case orthogonal(gain: Float = 1)

  /// Uniform in +-1 / sqrt(inputs): what PyTorch gives the weights and the bias of linear and convolutional layers.
  public static func inverseRoot(inputs: Int) -> Initializer { .uniform(bound: 1 / Float(max(inputs, 1)).squareRoot()) }

  /// Overwrites `tensor` with values drawn from `generator`.
  public func fill(_ tensor: inout Tensor, using generator: inout Generator) {
    // A uniform distribution's bound is sqrt(3) times its deviation.
    let root = Float(3).squareRoot()
    switch self {
    case .zeros:
      tensor = Tensor(zeros: tensor.shape)
    case .ones:
      tensor.withMutableSpan { for i in $0.indices { $0[i] = 1 } }
    case .uniform(let bound):
      Kernels.fillUniform(&tensor, using: &generator)
      tensor.withMutableSpan { for i in $0.indices { $0[i] = bound * (2 * $0[i] - 1) } }
    case .normal(let deviation):
      tensor.withMutableSpan { for i in $0.indices { $0[i] = deviation * Float(generator.normal()) } }
    case .kaimingUniform(let fan, let gain):
      let deviation = gain / Float(fan.count(tensor.shape)).squareRoot()
      Initializer.uniform(bound: root * deviation).fill(&tensor, using: &generator)
    case .kaimingNormal(let fan, let gain):
      let deviation = gain / Float(fan.count(tensor.shape)).squareRoot()
      Initializer.normal(deviation: deviation).fill(&tensor, using: &generator)
    case .xavierUniform(let gain):
      let deviation = gain * Initializer.xavierDeviation(tensor.shape)
      Initializer.uniform(bound: root * deviation).fill(&tensor, using: &generator)
    case .xavierNormal(let gain):
      let deviation = gain * Initializer.xavierDeviation(tensor.shape)
      Initializer.normal(deviation: deviation).fill(&tensor, using: &generator)
    case .orthogonal(let gain):
      fillOrthogonal(&tensor, gain: gain, using: &generator)
    }
  }

  private static func xavierDeviation(_ shape: Shape) -> Float {
    (2 / Float(Fan.inputs.count(shape) + Fan.outputs.count(shape))).squareRoot()
  }

  /// Gram and Schmidt, twice for each vector, of random normal ones: uniform over all such matrices.
  private func fillOrthogonal(_ tensor: inout Tensor, gain: Float, using generator: inout Generator) {
    guard tensor.count > 0 else { return }
    let (rows, columns) = (tensor.shape[0], tensor.shape.elementsPerRow)
    let (count, length) = (min(rows, columns), max(rows, columns))
    var vectors: [[Double]] = []
    for _ in 0..<count {
      var vector = (0..<length).map { _ in generator.normal() }
      for _ in 0..<2 {
        for other in vectors {
          var product = 0.0
          for i in 0..<length { product += vector[i] * other[i] }
          for i in 0..<length { vector[i] -= product * other[i] }
        }
        let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        for i in 0..<length { vector[i] /= norm }
      }
      vectors.append(vector)
    }
    tensor.withMutableSpan {
      for i in 0..<rows {
        for j in 0..<columns {
          $0[i * columns + j] = gain * Float(rows <= columns ? vectors[i][j] : vectors[j][i])
        }
      }
    }
  }
}

extension Initializer.Fan {
  /// Inputs of an output, or outputs of an input, of a weight with the given shape; at least 1.
  fileprivate func count(_ shape: Shape) -> Int {
    let inputs = shape.elementsPerRow
    switch self {
    case .inputs: return max(inputs, 1)
    case .outputs: return max(shape.rank < 2 ? shape.count : shape[0] * inputs / max(shape[1], 1), 1)
    }
  }
}
