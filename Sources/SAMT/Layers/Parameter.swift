/// A tensor that training changes, with room for its gradient.
///
/// Neither has memory when a layer is made: a ``Model`` gives the value its memory and its first numbers, or takes both
/// from a file, and a ``ModelExecutor`` for training gives memory to the gradient.
public final class Parameter {
  /// What it is to its layer: `weight`, `bias`.
  public let name: String
  /// Its layer's path in the model and its name, joined by a dot, `layer1.0.conv1.weight`; its name outside of a model.
  public internal(set) var path: String
  /// The shape of the value and of its gradient; the first axis counts the layer's outputs, in every parameter of a
  /// layer.
  public let shape: Shape
  /// The current value; empty, of shape [0], until ``initialize(using:)``.
  public var value = Tensor(zeros: [0])
  /// The gradient of the loss, as the last backward pass left it; empty, of shape [0], until ``makeGradient()``.
  public var gradient = Tensor(zeros: [0])
  /// Whether weight decay applies: true for weights, false for biases.
  public let isDecayed: Bool
  /// Whether training leaves the value as it is; see ``Model/freeze(_:)``.
  public internal(set) var isFrozen = false
  private let initializer: Initializer

  /// A parameter without memory.
  public init(_ name: String, shape: Shape, initializer: Initializer, isDecayed: Bool) {
    self.name = name
    path = name
    self.shape = shape
    self.initializer = initializer
    self.isDecayed = isDecayed
  }

  /// Gives the value memory where it has none, and its first numbers by the initializer.
  public func initialize(using generator: inout Generator) {
    makeValue()
    initializer.fill(&value, using: &generator)
  }

  /// Gives the value memory, zeros, where it has none.
  func makeValue() {
    if value.shape != shape { value = Tensor(zeros: shape) }
  }

  /// Gives the gradient memory, zeros, where it has none.
  public func makeGradient() {
    if gradient.shape != shape { gradient = Tensor(zeros: shape) }
  }
}
