/// An optimizer that looks at what went through the layers, not at gradients alone.
///
/// ``Backpropagation`` shows it each ``ProductLayer`` right behind that layer's backward pass, from the last to the first,
/// before ``Optimizer/update(scale:loss:)``.
public protocol LayerObserver: Optimizer {
  /// Whether it looks at layers in any step.
  var observesLayers: Bool { get }

  /// Whether it will look at the coming step's layers.
  var observesNextStep: Bool { get }

  /// Takes in a layer's input and the gradient of the mean loss at its output; neither outlives the call.
  func observe(_ layer: any ProductLayer, input: Tensor, outputGradient: Tensor)
}

extension LayerObserver {
  /// True.
  public var observesLayers: Bool { true }
}
