/// Sets each element to zero with probability p and multiplies the others by 1 / (1 - p), while training
/// (Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov 2014).
///
/// One mask serves a batch for as long as it is loaded, however often the layer is evaluated. In inference the layer
/// is the identity.
public final class Dropout: StorableLayer {
  /// What makes one dropout differ from another.
  public struct Settings: LayerSettings {
    /// The probability of zero.
    public var probability: Float

    /// What is wrong with the settings; nil where nothing is.
    public var problem: String? {
      probability >= 0 && probability < 1 ? nil : "probability \(probability) outside 0 ..< 1"
    }
  }

  /// `dropout`.
  public static let typeName = "dropout"
  /// A batch's mask, and whether it is in use.
  public struct Mask {
    fileprivate var values: Tensor
    fileprivate var isActive = false

    /// y = x times the mask, as `multiply` understands it; y = x where the mask is not in use.
    func apply(
      to x: Tensor, into y: inout Tensor, by multiply: (_ x: Tensor, _ mask: Tensor, _ y: inout Tensor) -> Void
    ) {
      if isActive { multiply(x, values, &y) } else { Kernels.copy(x, into: &y) }
    }
  }

  /// The layer's name, `dropout` unless given.
  public let name: String
  /// The probability.
  public let settings: Settings
  /// p, the probability of zero.
  public var probability: Float { settings.probability }
  /// Where the masks are drawn from.
  public var generator: Generator? = Generator(seed: 0)

  /// A layer that drops with the given probability, 0 ..< 1.
  public convenience init(_ probability: Float, name: String = "dropout") {
    self.init(Settings(probability: probability), name: name)
  }

  /// A layer of the given settings.
  ///
  /// - Precondition: settings without a problem.
  public init(_ settings: Settings, name: String) {
    requireSettings(settings, name)
    self.name = name
    self.settings = settings
  }

  /// The input's shape.
  public func outputShape(for input: Shape) throws(SAMTError) -> Shape { input }

  /// Keeps the generator, which the masks are drawn from.
  public func initialize(using generator: inout Generator) { self.generator = generator }

  /// Room for one batch's mask.
  public func makeSaved(for input: Shape) -> Mask { Mask(values: Tensor(zeros: input)) }

  /// Draws the batch's mask.
  public func beginBatch(_ mask: inout Mask, mode: Mode, isReplay: Bool) {
    mask.isActive = mode == .training && probability > 0
    if mask.isActive { Kernels.fillDropoutMask(&mask.values, probability: probability, using: &generator!) }
  }

  /// y = x mask.
  public func forward(_ input: Tensor, into output: inout Tensor, saved mask: inout Mask, mode: Mode) {
    mask.apply(to: input, into: &output, by: Kernels.maskElements)
  }

  /// dx = dy mask.
  public func inputGradient(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, saved mask: inout Mask,
    into inputGradient: inout Tensor
  ) {
    mask.apply(to: outputGradient, into: &inputGradient, by: Kernels.maskElements)
  }
}
