/// One layer's buffers for one batch.
///
/// A class with final storage, so that a neighbour's buffer can be passed `inout` without a copy or an accessor.
class LayerSlot {
  let hasParameters: Bool
  final var output: Tensor
  final var outputGradient: Tensor

  init(hasParameters: Bool, output: Tensor, outputGradient: Tensor) {
    self.hasParameters = hasParameters
    self.output = output
    self.outputGradient = outputGradient
  }

  func beginBatch(mode: Mode) { fatalError("abstract") }
  func forward(_ input: Tensor, mode: Mode) { fatalError("abstract") }
  func backward(input: Tensor, intoInput inputGradient: inout Tensor) { fatalError("abstract") }
  func backwardIntoParameters(input: Tensor) { fatalError("abstract") }

  /// A slot for batches of shape `input`; an inference slot has no gradient.
  static func make(_ layer: some Layer, input: Shape, output: Shape, mode: Mode) -> LayerSlot {
    TypedSlot(layer, input: input, output: output, mode: mode)
  }
}

/// Keeps a layer's scratch under its own type.
private final class TypedSlot<L: Layer>: LayerSlot {
  private let layer: L
  private var scratch: L.Scratch

  init(_ layer: L, input: Shape, output: Shape, mode: Mode) {
    self.layer = layer
    scratch = layer.makeScratch(for: input)
    super.init(
      hasParameters: !layer.parameters.isEmpty, output: Tensor(zeros: output),
      outputGradient: mode == .training ? Tensor(zeros: output) : Tensor(zeros: [0]))
  }

  override func beginBatch(mode: Mode) { layer.beginBatch(&scratch, mode: mode) }

  override func forward(_ input: Tensor, mode: Mode) {
    layer.forward(input, into: &output, scratch: &scratch, mode: mode)
  }

  override func backward(input: Tensor, intoInput inputGradient: inout Tensor) {
    layer.backward(outputGradient, input: input, output: output, scratch: &scratch, intoInput: &inputGradient)
  }

  override func backwardIntoParameters(input: Tensor) {
    layer.backwardIntoParameters(outputGradient, input: input, output: output, scratch: &scratch)
  }
}
