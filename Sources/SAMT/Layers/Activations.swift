/// A layer that applies one function to every element.
public protocol ActivationLayer: Layer where Saved == Void {
  /// The function.
  var function: ActivationFunction { get }
}

extension ActivationLayer {
  /// The input's shape.
  public func outputShape(for input: Shape) throws(SAMTError) -> Shape { input }

  /// y = f(x).
  public func forward(_ input: Tensor, into output: inout Tensor, saved: inout Void, mode: Mode) {
    Kernels.apply(function, to: input, into: &output)
  }

  /// dx = dy f'(x).
  public func inputGradient(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, saved: inout Void,
    into inputGradient: inout Tensor
  ) {
    Kernels.applyGradient(
      of: function, at: input, output: output, outputGradient: outputGradient, into: &inputGradient)
  }
}

/// max(x, 0), with derivative 0 at 0.
public final class ReLU: ActivationLayer {
  /// The layer's name, `relu` unless given.
  public let name: String
  /// ``ActivationFunction/relu``.
  public var function: ActivationFunction { .relu }

  /// A rectifier.
  public init(name: String = "relu") { self.name = name }
}

/// x where x > 0, `slope` x elsewhere (Maas, Hannun and Ng 2013).
public final class LeakyReLU: ActivationLayer {
  /// The layer's name, `leakyReLU` unless given.
  public let name: String
  /// ``ActivationFunction/leakyReLU(slope:)``.
  public let function: ActivationFunction

  /// A rectifier that lets a little through.
  public init(slope: Float = 0.01, name: String = "leakyReLU") {
    self.name = name
    function = .leakyReLU(slope: slope)
  }
}

/// x Phi(x), Phi the standard normal distribution function, exactly (Hendrycks and Gimpel 2016).
public final class GELU: ActivationLayer {
  /// The layer's name, `gelu` unless given.
  public let name: String
  /// ``ActivationFunction/gelu``.
  public var function: ActivationFunction { .gelu }

  /// A Gaussian error linear unit.
  public init(name: String = "gelu") { self.name = name }
}

/// The hyperbolic tangent.
public final class Tanh: ActivationLayer {
  /// The layer's name, `tanh` unless given.
  public let name: String
  /// ``ActivationFunction/tanh``.
  public var function: ActivationFunction { .tanh }

  /// A hyperbolic tangent.
  public init(name: String = "tanh") { self.name = name }
}

/// 1 / (1 + exp(-x)).
public final class Sigmoid: ActivationLayer {
  /// The layer's name, `sigmoid` unless given.
  public let name: String
  /// ``ActivationFunction/sigmoid``.
  public var function: ActivationFunction { .sigmoid }

  /// A logistic function.
  public init(name: String = "sigmoid") { self.name = name }
}
