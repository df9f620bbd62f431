/// One layer with what it remembers of one batch.
class LayerSlot {
  let hasParameters: Bool

  init(hasParameters: Bool) { self.hasParameters = hasParameters }

  func beginBatch(mode: Mode, isReplay: Bool) { fatalError("abstract") }
  func forward(_ input: Tensor, into output: inout Tensor, mode: Mode) { fatalError("abstract") }
  func inputGradient(_ outputGradient: Tensor, input: Tensor, output: Tensor, into inputGradient: inout Tensor) {
    fatalError("abstract")
  }
  func parameterGradients(_ outputGradient: Tensor, input: Tensor, output: Tensor) { fatalError("abstract") }
  func writeStatistics(into statistics: inout Tensor) { fatalError("abstract") }

  /// A slot for batches of shape `input`.
  static func make(_ layer: some Layer, input: Shape) -> LayerSlot { TypedSlot(layer, input: input) }
}

/// Keeps a layer's saved under its own type.
private final class TypedSlot<L: Layer>: LayerSlot {
  private let layer: L
  private var saved: L.Saved

  init(_ layer: L, input: Shape) {
    self.layer = layer
    saved = layer.makeSaved(for: input)
    super.init(hasParameters: !layer.parameters.isEmpty)
  }

  override func beginBatch(mode: Mode, isReplay: Bool) {
    layer.beginBatch(&saved, mode: mode, isReplay: isReplay)
  }

  override func forward(_ input: Tensor, into output: inout Tensor, mode: Mode) {
    layer.forward(input, into: &output, saved: &saved, mode: mode)
  }

  override func inputGradient(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, into inputGradient: inout Tensor
  ) {
    layer.inputGradient(outputGradient, input: input, output: output, saved: &saved, into: &inputGradient)
  }

  override func parameterGradients(_ outputGradient: Tensor, input: Tensor, output: Tensor) {
    layer.parameterGradients(outputGradient, input: input, output: output, saved: &saved)
  }

  override func writeStatistics(into statistics: inout Tensor) {
    layer.writeStatistics(of: &saved, into: &statistics)
  }
}
