/// ``Dropout`` of whole channels: neighbouring pixels know each other too well for one alone to be missed
/// (Tompson, Goroshin, Jain, LeCun and Bregler 2015).
///
/// X is (batch, channels, ...). One mask serves a batch for as long as it is loaded. In inference the layer is the
/// identity.
public final class Dropout2d: StorableLayer {
  /// `dropout2d`.
  public static let typeName = "dropout2d"
  /// Draws the masks, of one element per channel.
  private let channels: Dropout

  /// The layer's name, `dropout` unless given.
  public var name: String { channels.name }
  /// The probability of zeros.
  public var probability: Float { channels.probability }

  /// The probability.
  public var settings: Dropout.Settings { channels.settings }
  /// Where the masks are drawn from.
  public var generator: Generator? {
    get { channels.generator }
    set { channels.generator = newValue }
  }

  /// A layer that drops with the given probability, 0 ..< 1.
  public convenience init(_ probability: Float, name: String = "dropout") {
    self.init(Dropout.Settings(probability: probability), name: name)
  }

  /// A layer of the given settings.
  ///
  /// - Precondition: settings without a problem.
  public init(_ settings: Dropout.Settings, name: String) { channels = Dropout(settings, name: name) }

  /// The input's shape.
  public func outputShape(for input: Shape) throws(SAMTError) -> Shape {
    guard input.rank >= 3 else { throw .shape(layer: name, expected: "[*, channels, ...]", found: input) }
    return input
  }

  /// Keeps the generator, which the masks are drawn from.
  public func initialize(using generator: inout Generator) { channels.initialize(using: &generator) }

  /// Room for one batch's mask, [batch, channels].
  public func makeSaved(for input: Shape) -> Dropout.Mask { channels.makeSaved(for: [input[0], input[1]]) }

  /// Draws the batch's mask.
  public func beginBatch(_ mask: inout Dropout.Mask, mode: Mode, isReplay: Bool) {
    channels.beginBatch(&mask, mode: mode, isReplay: isReplay)
  }

  /// y = x mask.
  public func forward(_ input: Tensor, into output: inout Tensor, saved mask: inout Dropout.Mask, mode: Mode) {
    mask.apply(to: input, into: &output, by: Kernels.maskPlanes)
  }

  /// dx = dy mask.
  public func inputGradient(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, saved mask: inout Dropout.Mask,
    into inputGradient: inout Tensor
  ) {
    mask.apply(to: outputGradient, into: &inputGradient, by: Kernels.maskPlanes)
  }
}
