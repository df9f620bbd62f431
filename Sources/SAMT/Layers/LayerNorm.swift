/// Normalization of each example by itself, over its last axes (Ba, Kiros and Hinton 2016).
///
///     y = (x - mean) / sqrt(variance + epsilon) gamma + beta
///
/// X is (batch, ..., shape), gamma and beta have the shape of the axes that are normalized together. The variance is the
/// biased one. Training and inference are the same.
public final class LayerNorm: StorableLayer {
  /// What makes one layer normalization differ from another.
  public struct Settings: LayerSettings {
    /// The lengths of the axes that are normalized together.
    public var lengths: [Int]
    /// What is added to the variance.
    public var epsilon: Float
    /// Whether there are gamma and beta.
    public var affine: Bool

    /// What is wrong with the settings; nil where nothing is.
    public var problem: String? {
      let isShape = (1...3).contains(lengths.count) && areLengths(lengths) && Shape.count(of: lengths) != nil
      return isShape && epsilon > 0 && epsilon.isFinite
        ? nil : "normalization over \(lengths), epsilon \(epsilon)"
    }
  }

  /// `layerNorm`.
  public static let typeName = "layerNorm"
  /// What backward needs of a batch: mean and 1 / sqrt(variance + epsilon) of each row.
  public struct Statistics {
    fileprivate var mean: Tensor
    fileprivate var inverse: Tensor
  }

  /// The layer's name, `norm` unless given.
  public let name: String
  /// gamma, at first 1; nil where the layer has none.
  public let weight: Parameter?
  /// beta, at first 0; nil where the layer has none.
  public let bias: Parameter?
  /// gamma and beta.
  public let parameters: [Parameter]
  /// The axes, epsilon, and whether there are gamma and beta.
  public let settings: Settings
  /// What is added to the variance.
  public var epsilon: Float { settings.epsilon }
  private let shape: Shape
  // In the place of gamma and beta where the layer has none.
  private lazy var ones = Tensor([Float](repeating: 1, count: shape.count), shape: shape)
  private lazy var zeros = Tensor(zeros: shape)

  /// A layer for inputs whose last axes have the given lengths; without `affine`, gamma is 1 and beta 0.
  ///
  /// - Precondition: one to three axes, each at least 1; epsilon above 0.
  public convenience init(_ shape: Shape, epsilon: Float = 1e-5, affine: Bool = true, name: String = "norm") {
    self.init(
      Settings(lengths: (0..<shape.rank).map { shape[$0] }, epsilon: epsilon, affine: affine), name: name)
  }

  /// A layer of the given settings.
  ///
  /// - Precondition: settings without a problem.
  public init(_ settings: Settings, name: String) {
    requireSettings(settings, name)
    self.name = name
    self.settings = settings
    shape = Shape(settings.lengths)
    let affine = settings.affine
    weight = affine ? Parameter("weight", shape: shape, initializer: .ones, isDecayed: false) : nil
    bias = affine ? Parameter("bias", shape: shape, initializer: .zeros, isDecayed: false) : nil
    parameters = [weight, bias].compactMap { $0 }
  }

  /// A layer for inputs whose last axis has the given length; without `affine`, gamma is 1 and beta 0.
  ///
  /// - Precondition: at least one feature, epsilon above 0.
  public convenience init(_ features: Int, epsilon: Float = 1e-5, affine: Bool = true, name: String = "norm") {
    self.init([features], epsilon: epsilon, affine: affine, name: name)
  }

  /// The input's shape.
  public func outputShape(for input: Shape) throws(SAMTError) -> Shape {
    let first = input.rank - shape.rank
    guard first >= 1, (0..<shape.rank).allSatisfy({ input[first + $0] == shape[$0] }) else {
      let lengths = (0..<shape.rank).map { "\(shape[$0])" }.joined(separator: ", ")
      throw .shape(layer: name, expected: "[*, ..., \(lengths)]", found: input)
    }
    return input
  }

  /// Room for the moments of a batch.
  public func makeSaved(for input: Shape) -> Statistics {
    let rows = input.count / shape.count
    return Statistics(mean: Tensor(zeros: [rows]), inverse: Tensor(zeros: [rows]))
  }

  /// Normalizes.
  public func forward(_ input: Tensor, into output: inout Tensor, saved: inout Statistics, mode: Mode) {
    Kernels.normalizeRows(
      input, epsilon: epsilon, gamma: weight?.value ?? ones, beta: bias?.value ?? zeros, mean: &saved.mean,
      inverse: &saved.inverse, into: &output)
  }

  /// dx, through mean and variance as well.
  public func inputGradient(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, saved: inout Statistics,
    into inputGradient: inout Tensor
  ) {
    Kernels.normalizeRowsGradient(
      outputGradient, at: input, gamma: weight?.value ?? ones, mean: saved.mean, inverse: saved.inverse,
      into: &inputGradient)
  }

  /// dgamma = the sum over the rows of dy (x - mean) / sqrt(variance + epsilon), dbeta = that of dy.
  public func parameterGradients(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, saved: inout Statistics
  ) {
    guard let weight, let bias else { return }
    Kernels.normalizeRowsGradient(
      outputGradient, at: input, mean: saved.mean, inverse: saved.inverse, gammaGradient: &weight.gradient,
      betaGradient: &bias.gradient)
  }
}
