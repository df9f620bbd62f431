/// An optimizer that evaluates the minibatch of its gradients again, with weights that it displaced.
///
/// ``Backpropagation`` asks it for a step by ``update(scale:loss:minibatch:)``. Such a rule moves all parameters and has
/// each minibatch for itself: it cannot be one of several groups', nor have its steps scaled by another.
public protocol MinibatchOptimizer: Optimizer {
  /// Moves every parameter as ``Optimizer/update(scale:loss:)`` does, looking at the minibatch where that is due.
  func update(scale: Float, loss: Double, minibatch: some LoadedMinibatch)
}

/// A minibatch whose gradients stand in the parameters, to be evaluated with other weights.
///
/// It is the same function of the weights each time: dropout masks are those of the first evaluation, and no running
/// statistics move.
public protocol LoadedMinibatch {
  /// The mean loss with the parameters as they stand now; all gradients stay as they are.
  func loss() -> Double

  /// Writes the gradients of the layer that has `parameter`, with the parameters as they stand now; those of other layers
  /// stay as they are.
  ///
  /// - Precondition: since the last evaluation, no parameter moved of a layer below that one.
  func writeGradients(ofLayerWith parameter: Parameter)
}

extension Optimizer {
  /// Requires a rule that needs nothing but gradients, as part of another, `whole`.
  func requireNoMinibatch(within whole: String) throws(SAMTError) {
    guard !(self is any MinibatchOptimizer) else {
      throw .configuration("\(type(of: self)) evaluates minibatches again, which it cannot do within \(whole)")
    }
  }
}
