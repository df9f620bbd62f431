/// A tensor that training changes, with room for its gradient.
public final class Parameter {
  /// What it is to its layer: `weight`, `bias`.
  public let name: String
  /// The current value.
  ///
  /// The first axis counts the layer's outputs, in every parameter of a layer.
  public var value: Tensor
  /// The gradient of the loss, as the last backward pass left it; the value's shape.
  public var gradient: Tensor
  /// Whether weight decay applies: true for weights, false for biases.
  public let isDecayed: Bool
  let initializer: Initializer

  /// A parameter of zeros, to be filled by its initializer when a model is built.
  public init(_ name: String, shape: Shape, initializer: Initializer, isDecayed: Bool) {
    self.name = name
    self.initializer = initializer
    self.isDecayed = isDecayed
    value = Tensor(zeros: shape)
    gradient = Tensor(zeros: shape)
  }
}
