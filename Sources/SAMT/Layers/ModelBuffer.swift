/// A tensor that belongs to a model's function without being trained, such as a running mean.
///
/// It is saved with the weights, under its layer's path and its name. Like a ``Parameter`` it has no memory until a
/// model is built.
public final class ModelBuffer {
  /// What it is to its layer: `running_mean`.
  public let name: String
  /// The shape of the value.
  public let shape: Shape
  /// The current value; empty, of shape [0], until ``initialize()``.
  public var value = Tensor(zeros: [0])
  private let initial: Float

  /// A buffer without memory, whose elements are all `initial` at first.
  public init(_ name: String, shape: Shape, initial: Float) {
    self.name = name
    self.shape = shape
    self.initial = initial
  }

  /// Gives the buffer memory, and its first value.
  public func initialize() {
    value = Tensor([Float](repeating: initial, count: shape.count), shape: shape)
  }
}
