/// The first layer's product X W^T with the data set's inputs, which moves along with W: it is computed anew only to
/// lose rounding errors.
///
/// Where there are no more examples than features, the Gram matrix X X^T, computed once, also gives the product of X
/// with a gradient of W. What is left to compute with X in an iteration is that gradient.
struct FirstProduct {
  /// X X^T, (n, n); empty where there are more examples than features.
  private var gram: Tensor
  private var isGramKnown = false
  /// X W^T, (n, h).
  private(set) var value: Tensor
  private var history: VariableHistory

  init(of layer: MDLAMLayer, examples n: Int, keepsHistory: Bool) {
    let features = layer.weight.shape[1]
    gram = Tensor(zeros: n <= features ? [n, n] : [0])
    value = Tensor(zeros: layer.preactivation.shape)
    history = VariableHistory(of: value.shape, isKept: keepsHistory && !layer.weight.isFrozen)
  }

  mutating func visitState(_ visitor: StateVisitor) {
    visitor.visit("product", &value)
    history.visitState(visitor, "product.before")
  }

  /// Says that other inputs may come.
  mutating func forgetInputs() { isGramKnown = false }

  /// Computes the Gram matrix where it is not known.
  mutating func prepare(for inputs: Tensor) {
    guard !isGramKnown else { return }
    isGramKnown = true
    if gram.count > 0 { Kernels.multiply(inputs, inputs, transposeB: true, into: &gram) }
  }

  /// X W^T anew.
  mutating func refresh(_ inputs: Tensor, _ weight: Tensor) {
    Kernels.multiply(inputs, weight, transposeB: true, into: &value)
  }

  /// Moves along with W to the extrapolated point; `residual` becomes the one there.
  mutating func extrapolate(by beta: Float, residual: inout Tensor) {
    if beta != 0 { Kernels.add(value, scaledBy: -1, to: &residual) }
    history.extrapolate(&value, by: beta)
    if beta != 0 { Kernels.add(value, to: &residual) }
  }

  /// Moves along with W back from the extrapolated point.
  mutating func restore() { history.restore(&value) }

  /// Whether there is a Gram matrix.
  var hasGram: Bool { gram.count > 0 }

  /// Writes X G^T for the gradient G = mu W + rho r^T X, of matrices of n rows alone: rho X X^T r + mu X W^T.
  ///
  /// - Precondition: there is a Gram matrix.
  func writeGradientProduct(
    residual: Tensor, penalty rho: Float, weightPenalty mu: Float, into product: inout Tensor
  ) {
    Kernels.multiply(gram, residual, into: &product, alpha: rho)
    Kernels.add(value, scaledBy: mu, to: &product)
  }

  /// Moves along with W = W - G / theta, given X G^T.
  mutating func descend(_ product: Tensor, by step: Float) { Kernels.add(product, scaledBy: -step, to: &value) }

  /// X W^T + b.
  func writePreactivation(of layer: MDLAMLayer, into output: inout Tensor) {
    Kernels.copy(value, into: &output)
    guard let bias = layer.bias?.value else { return }
    Kernels.addToRows(bias, to: &output)
  }
}
