/// An optimizer that looks at what went through the layers, not at gradients alone.
///
/// ``Backpropagation`` has it shown each ``ProductLayer``, from the last to the first, before
/// ``Optimizer/update(scale:loss:)``.
public protocol LayerObserver: Optimizer {
  /// Whether it will look at the coming step's layers.
  var observesNextStep: Bool { get }

  /// Takes in the mean squares of a layer's inputs and of its outputs' gradients, those of the whole minibatch.
  func observe(_ layer: any ProductLayer, _ squares: LayerMeanSquares)
}
