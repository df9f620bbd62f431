/// A layer that applies one function to every element.
public protocol ActivationLayer: StorableLayer where Saved == Void {
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
  /// `relu`.
  public static let typeName = "relu"
  /// The layer's name, `relu` unless given.
  public let name: String
  /// ``ActivationFunction/relu``.
  public var function: ActivationFunction { .relu }

  /// A rectifier.
  public convenience init(name: String = "relu") { self.init(NoSettings(), name: name) }

  /// A rectifier; there is nothing to set.
  public init(_ settings: NoSettings, name: String) { self.name = name }
}

/// x where x > 0, `slope` x elsewhere (Maas, Hannun and Ng 2013).
public final class LeakyReLU: ActivationLayer {
  /// What makes one leaky rectifier differ from another.
  public struct Settings: LayerSettings {
    /// The factor of what is below 0.
    public var slope: Float

    /// What is wrong with the settings; nil where nothing is.
    public var problem: String? { slope.isFinite ? nil : "slope \(slope)" }
  }

  /// `leakyReLU`.
  public static let typeName = "leakyReLU"
  /// The layer's name, `leakyReLU` unless given.
  public let name: String
  /// The slope.
  public let settings: Settings
  /// ``ActivationFunction/leakyReLU(slope:)``.
  public var function: ActivationFunction { .leakyReLU(slope: settings.slope) }

  /// A rectifier that lets a little through.
  ///
  /// - Precondition: a finite slope.
  public convenience init(slope: Float = 0.01, name: String = "leakyReLU") {
    self.init(Settings(slope: slope), name: name)
  }

  /// A layer of the given settings.
  ///
  /// - Precondition: settings without a problem.
  public init(_ settings: Settings, name: String) {
    requireSettings(settings, name)
    self.name = name
    self.settings = settings
  }
}

/// x Phi(x), Phi the standard normal distribution function, exactly (Hendrycks and Gimpel 2016).
public final class GELU: ActivationLayer {
  /// `gelu`.
  public static let typeName = "gelu"
  /// The layer's name, `gelu` unless given.
  public let name: String
  /// ``ActivationFunction/gelu``.
  public var function: ActivationFunction { .gelu }

  /// A Gaussian error linear unit.
  public convenience init(name: String = "gelu") { self.init(NoSettings(), name: name) }

  /// A Gaussian error linear unit; there is nothing to set.
  public init(_ settings: NoSettings, name: String) { self.name = name }
}

/// The hyperbolic tangent.
public final class Tanh: ActivationLayer {
  /// `tanh`.
  public static let typeName = "tanh"
  /// The layer's name, `tanh` unless given.
  public let name: String
  /// ``ActivationFunction/tanh``.
  public var function: ActivationFunction { .tanh }

  /// A hyperbolic tangent.
  public convenience init(name: String = "tanh") { self.init(NoSettings(), name: name) }

  /// A hyperbolic tangent; there is nothing to set.
  public init(_ settings: NoSettings, name: String) { self.name = name }
}

/// 1 / (1 + exp(-x)).
public final class Sigmoid: ActivationLayer {
  /// `sigmoid`.
  public static let typeName = "sigmoid"
  /// The layer's name, `sigmoid` unless given.
  public let name: String
  /// ``ActivationFunction/sigmoid``.
  public var function: ActivationFunction { .sigmoid }

  /// A logistic function.
  public convenience init(name: String = "sigmoid") { self.init(NoSettings(), name: name) }

  /// A logistic function; there is nothing to set.
  public init(_ settings: NoSettings, name: String) { self.name = name }
}
