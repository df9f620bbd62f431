/// One layer with what it remembers of one batch.
class LayerSlot {
  let hasParameters: Bool

  init(hasParameters: Bool) { self.hasParameters = hasParameters }

  func beginBatch(mode: Mode) { fatalError("abstract") }
  func forward(_ input: Tensor, into output: inout Tensor, mode: Mode) { fatalError("abstract") }
  func backward(_ outputGradient: Tensor, input: Tensor, output: Tensor, intoInput inputGradient: inout Tensor) {
    fatalError("abstract")
  }
  func backwardIntoParameters(_ outputGradient: Tensor, input: Tensor, output: Tensor) { fatalError("abstract") }

  /// A slot for batches of shape `input`.
  static func make(_ layer: some Layer, input: Shape) -> LayerSlot { TypedSlot(layer, input: input) }
}

/// Keeps a layer's scratch under its own type.
private final class TypedSlot<L: Layer>: LayerSlot {
  private let layer: L
  private var scratch: L.Scratch

  init(_ layer: L, input: Shape) {
    self.layer = layer
    scratch = layer.makeScratch(for: input)
    super.init(hasParameters: !layer.parameters.isEmpty)
  }

  override func beginBatch(mode: Mode) { layer.beginBatch(&scratch, mode: mode) }

  override func forward(_ input: Tensor, into output: inout Tensor, mode: Mode) {
    layer.forward(input, into: &output, scratch: &scratch, mode: mode)
  }

  override func backward(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, intoInput inputGradient: inout Tensor
  ) {
    layer.backward(outputGradient, input: input, output: output, scratch: &scratch, intoInput: &inputGradient)
  }

  override func backwardIntoParameters(_ outputGradient: Tensor, input: Tensor, output: Tensor) {
    layer.backwardIntoParameters(outputGradient, input: input, output: output, scratch: &scratch)
  }
}
