/// ``Dropout`` of whole channels: neighbouring pixels know each other too well for one alone to be missed
/// (Tompson, Goroshin, Jain, LeCun and Bregler 2015).
///
/// X is (batch, channels, ...). One mask serves a batch for as long as it is loaded. In inference the layer is the
/// identity.
public final class Dropout2d: Layer {
  /// A batch's mask, [batch, channels], and whether it is in use.
  public struct Mask {
    fileprivate var values: Tensor
    fileprivate var isActive = false
  }

  /// The layer's name, `dropout` unless given.
  public let name: String
  /// The probability of zeros.
  public let probability: Float
  private var generator = Generator(seed: 0)

  /// A layer that drops with the given probability, 0 ..< 1.
  public init(_ probability: Float, name: String = "dropout") {
    ensure(probability >= 0 && probability < 1, "\(name): probability \(probability) outside 0 ..< 1")
    self.name = name
    self.probability = probability
  }

  /// The input's shape.
  public func outputShape(for input: Shape) throws(SAMTError) -> Shape {
    guard input.rank >= 3 else { throw .shape(layer: name, expected: "[*, channels, ...]", found: input) }
    return input
  }

  /// Keeps the generator, which the masks are drawn from.
  public func initialize(using generator: inout Generator) { self.generator = generator }

  /// Room for one batch's mask.
  public func makeScratch(for input: Shape) -> Mask { Mask(values: Tensor(zeros: [input[0], input[1]])) }

  /// Draws the batch's mask.
  public func beginBatch(_ mask: inout Mask, mode: Mode) {
    mask.isActive = mode == .training && probability > 0
    if mask.isActive { Kernels.fillDropoutMask(&mask.values, probability: probability, using: &generator) }
  }

  /// y = x mask.
  public func forward(_ input: Tensor, into output: inout Tensor, scratch mask: inout Mask, mode: Mode) {
    apply(mask, to: input, into: &output)
  }

  /// dx = dy mask.
  public func backward(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, scratch mask: inout Mask,
    intoInput inputGradient: inout Tensor
  ) {
    apply(mask, to: outputGradient, into: &inputGradient)
  }

  private func apply(_ mask: Mask, to x: Tensor, into y: inout Tensor) {
    if mask.isActive {
      Kernels.scalePlanes(x, by: mask.values, into: &y)
    } else {
      Kernels.copy(x, into: &y)
    }
  }
}
