/// Joins all axes behind the batch: [batch, a, b, c] becomes [batch, a b c].
public final class Flatten: StorableLayer {
  /// `flatten`.
  public static let typeName = "flatten"
  /// The layer's name, `flatten` unless given.
  public let name: String

  /// A layer that flattens.
  public convenience init(name: String = "flatten") { self.init(NoSettings(), name: name) }

  /// A layer that flattens; there is nothing to set.
  public init(_ settings: NoSettings, name: String) { self.name = name }

  /// [batch, all the rest].
  public func outputShape(for input: Shape) throws(SAMTError) -> Shape {
    guard input.rank >= 1 else { throw .shape(layer: name, expected: "[*, ...]", found: input) }
    return [input[0], input.elementsPerRow]
  }

  /// The input under its new shape, copied: sharing would make the layer below copy at its next write.
  public func forward(_ input: Tensor, into output: inout Tensor, saved: inout Void, mode: Mode) {
    Kernels.copy(input, into: &output)
  }

  /// The gradient under the input's shape.
  public func inputGradient(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, saved: inout Void,
    into inputGradient: inout Tensor
  ) {
    Kernels.copy(outputGradient, into: &inputGradient)
  }
}
