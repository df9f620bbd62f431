/// One batch on its way through a model, and how much of it still matches the parameters.
///
/// Two watermarks make evaluation partial. Outputs of the layers below ``validOutputs`` match the current parameters,
/// and output gradients from layer ``validGradients`` up match the current outputs. A changed layer lowers the first
/// and voids the second; ``evaluate(_:_:)`` runs only stale layers, and ``backward(to:)`` goes on from where the last
/// call stood. Nothing else in the library knows how to run a model.
///
/// Buffers are made once, for one batch size; after that no call allocates.
public final class ActivationCache {
  /// The model whose batches run through this cache.
  public let model: Sequential
  /// The number of examples in a batch.
  public let batchSize: Int
  /// Training caches hold gradients and draw dropout masks; inference caches do neither.
  public let mode: Mode
  /// Outputs of layers `0 ..< validOutputs` match the parameters and the loaded batch.
  public private(set) var validOutputs = 0
  /// Output gradients of layers `validGradients...` match the outputs; the number of layers where none does.
  public private(set) var validGradients: Int
  /// The passes run so far, by layers with parameters.
  public private(set) var passes = LayerPasses()

  private let slots: [LayerSlot]
  private let inputShape: Shape
  private var input: Tensor

  /// Buffers for batches of `batchSize` examples.
  ///
  /// - Precondition: `batchSize` at least 1.
  public init(for model: Sequential, batchSize: Int, mode: Mode = .training) {
    ensure(batchSize >= 1, "a batch of \(batchSize) examples")
    self.model = model
    self.batchSize = batchSize
    self.mode = mode
    inputShape = model.inputShape.batched(batchSize)
    input = Tensor(zeros: [0])
    validGradients = model.layers.count
    var shape = inputShape
    slots = model.layers.map { layer in
      // The model was built with these very layers, so only the batch axis differs from what they accepted then.
      guard let output = try? layer.outputShape(for: shape) else {
        fatalError("\(layer.name) refuses \(shape)")
      }
      defer { shape = output }
      return LayerSlot.make(layer, input: shape, output: output, mode: mode)
    }
    if mode == .inference, let last = slots.last { last.outputGradient = Tensor(zeros: last.output.shape) }
  }

  /// Takes a batch, sharing its memory, and draws what is random about it.
  ///
  /// - Precondition: [batchSize, ...], with as many elements behind the batch axis as the model's input.
  public func load(_ inputs: Tensor) {
    ensure(
      inputs.shape.rank >= 1 && inputs.shape[0] == batchSize && inputs.count == inputShape.count,
      "batch: expected shape \(inputShape), found \(inputs.shape)")
    input = inputs.reshaped(to: inputShape)
    validOutputs = 0
    validGradients = slots.count
    for index in slots.indices { slots[index].beginBatch(mode: mode) }
  }

  /// Lets go of the batch, so that its memory may be written in place.
  public func unload() {
    input = Tensor(zeros: [0])
    validOutputs = 0
    validGradients = slots.count
  }

  /// Says that the parameters of layer `index` changed, or that its outputs are stale for another reason.
  public func invalidate(from index: Int) {
    validOutputs = min(validOutputs, index)
    validGradients = slots.count
  }

  /// The model's output for the loaded batch, [batch, ...]; runs the stale layers.
  public func output() -> Tensor {
    runStaleLayers()
    return slots[slots.count - 1].output
  }

  /// The mean loss of the loaded batch; runs the stale layers and leaves the loss's gradient in the last one.
  public func evaluate(_ loss: any Loss, _ targets: Targets) -> Double {
    runStaleLayers()
    let last = slots[slots.count - 1]
    let value = loss.evaluate(last.output, targets: targets, gradient: &last.outputGradient)
    validGradients = slots.count - 1
    return value
  }

  /// How many of the loaded batch's outputs are right, as the loss sees it.
  public func countCorrect(_ loss: any Loss, _ targets: Targets) -> Int {
    loss.countCorrect(output(), targets: targets) ?? 0
  }

  /// Writes the gradients of layer `index`'s parameters, carrying output gradients down to it where they are stale.
  ///
  /// Call for the highest layer first: each call goes on where the last one stood.
  ///
  /// - Precondition: ``evaluate(_:_:)`` ran since the last change.
  public func backward(to index: Int) {
    carryGradient(to: index)
    let slot = slots[index]
    guard slot.hasParameters else { return }
    slot.backwardIntoParameters(input: index == 0 ? input : slots[index - 1].output)
    passes.parameterGradient += 1
  }

  /// Writes the loss's gradient with respect to the loaded inputs, [batch, ...].
  ///
  /// - Precondition: ``evaluate(_:_:)`` ran since the last change; `gradient` has the batch's shape.
  public func backward(intoInputs gradient: inout Tensor) {
    carryGradient(to: 0)
    slots[0].backward(input: input, intoInput: &gradient)
    if slots[0].hasParameters { passes.inputGradient += 1 }
  }

  private func runStaleLayers() {
    ensure(input.count == inputShape.count, "no batch is loaded")
    while validOutputs < slots.count {
      let slot = slots[validOutputs]
      slot.forward(validOutputs == 0 ? input : slots[validOutputs - 1].output, mode: mode)
      if slot.hasParameters { passes.forward += 1 }
      validOutputs += 1
    }
  }

  private func carryGradient(to index: Int) {
    ensure(mode == .training, "an inference cache holds no gradients")
    ensure(
      validOutputs == slots.count && validGradients < slots.count, "evaluate the loss before going backward")
    while validGradients > index {
      let slot = slots[validGradients], below = slots[validGradients - 1]
      let belowInput = below.output
      slot.backward(input: belowInput, intoInput: &below.outputGradient)
      if slot.hasParameters { passes.inputGradient += 1 }
      validGradients -= 1
    }
  }
}
