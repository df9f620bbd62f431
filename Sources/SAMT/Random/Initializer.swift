/// How a parameter's first values are drawn.
public enum Initializer: Sendable, Equatable {
  /// All zeros.
  case zeros
  /// Uniform in -bound ... bound.
  case uniform(bound: Float)
  /// Normal with mean 0 and the given standard deviation.
  case normal(deviation: Float)

  /// Uniform in +-1 / sqrt(inputs): what PyTorch gives the weights and the bias of a linear layer.
  public static func inverseRoot(inputs: Int) -> Initializer { .uniform(bound: 1 / Float(max(inputs, 1)).squareRoot()) }

  /// Overwrites `tensor` with values drawn from `generator`.
  public func fill(_ tensor: inout Tensor, using generator: inout Generator) {
    switch self {
    case .zeros:
      tensor = Tensor(zeros: tensor.shape)
    case .uniform(let bound):
      Kernels.fillUniform(&tensor, using: &generator)
      tensor.withMutableSpan { for i in $0.indices { $0[i] = bound * (2 * $0[i] - 1) } }
    case .normal(let deviation):
      tensor.withMutableSpan { for i in $0.indices { $0[i] = deviation * Float(generator.normal()) } }
    }
  }
}
