/// What mDLAM keeps of one linear layer: its variables, its residual, and buffers.
///
/// n is the number of examples, d of the layer's inputs, h of its outputs.
final class MDLAMLayer {
  /// The layer's path.
  let name: String
  /// W, (h, d).
  let weight: Parameter
  /// b, (h); nil where the layer has none.
  let bias: Parameter?
  /// z, (n, h).
  var preactivation: Tensor
  /// a, (n, h); empty for the last layer.
  var activation: Tensor
  /// a_before W^T + b - z, (n, h), of the current variables.
  var residual: Tensor
  /// W and a of an iteration ago.
  var weightHistory: VariableHistory
  var activationHistory: VariableHistory

  /// mu W + rho r^T a_before, (h, d); empty where it is added to W as it is computed.
  var weightGradient: Tensor
  /// rho r_next W_next, and what a moves by, (n, h).
  var activationGradient: Tensor
  var activationStep: Tensor
  /// The residual of a trial, and a product, (n, h).
  var trial: Tensor
  var product: Tensor
  /// (1, h).
  var columnSums: Tensor

  init(
    _ layer: Linear, name: String, examples: Int, isLast: Bool, keepsGradient: Bool, keepsHistory: Bool
  ) {
    self.name = name
    weight = layer.weight
    bias = layer.bias
    let shape: Shape = [examples, layer.settings.outputs]
    let hidden: Shape = isLast ? [0] : shape
    preactivation = Tensor(zeros: shape)
    activation = Tensor(zeros: hidden)
    residual = Tensor(zeros: shape)
    weightHistory = VariableHistory(of: weight.shape, isKept: keepsHistory && !weight.isFrozen)
    activationHistory = VariableHistory(of: hidden, isKept: keepsHistory && !isLast)
    weightGradient = Tensor(zeros: keepsGradient && !weight.isFrozen ? weight.shape : [0])
    activationGradient = Tensor(zeros: hidden)
    activationStep = Tensor(zeros: hidden)
    trial = Tensor(zeros: shape)
    product = Tensor(zeros: shape)
    columnSums = Tensor(zeros: [1, layer.settings.outputs])
  }

  /// All but the buffers.
  func visitState(_ visitor: StateVisitor) {
    visitor.visit("z", &preactivation)
    visitor.visit("residual", &residual)
    weightHistory.visitState(visitor, "weight.before")
    guard activation.count > 0 else { return }
    visitor.visit("a", &activation)
    activationHistory.visitState(visitor, "a.before")
  }

  /// Writes inputs W^T + b - z.
  func writeResidual(_ inputs: Tensor, into residual: inout Tensor) {
    Kernels.multiply(inputs, weight.value, transposeB: true, into: &residual, bias: bias?.value)
    Kernels.add(preactivation, scaledBy: -1, to: &residual)
  }
}
