/// One batch on its way through a model, and how much of it still matches the parameters.
///
/// Two watermarks make evaluation partial. Outputs of the layers below ``validOutputs`` match the current parameters,
/// and output gradients from layer ``validGradients`` up match the current outputs. A changed layer lowers the first
/// and voids the second; ``evaluate(_:_:)`` runs only stale layers, and ``backward(to:)`` goes on from where the last
/// call stood. Nothing else in the library knows how to run a model.
///
/// Buffers are made once, for one batch size; after that no call allocates. Gradients share a few buffers, as do the
/// outputs in inference, where a deep model takes little more memory than its two or three largest outputs.
public final class ModelExecutor {
  /// The model whose batches run through this executor.
  public let model: Model
  /// The number of examples in a batch.
  public let batchSize: Int
  /// Training executors hold gradients and draw dropout masks; inference executors do neither.
  public let mode: Mode
  /// The passes run so far, by layers with parameters; those of all executors that share them.
  public var passes: LayerPasses { counter.passes }
  /// Takes in the predictions for each batch when they are first evaluated; nil where nothing is measured.
  public var metrics: MetricAccumulator?

  // The watermarks count nodes: the batch, the layers' outputs and the residual connections' sums.
  private var validNodes = 0
  private var validGradientNodes: Int
  /// For each node, and behind the last, how many layers come before it.
  private let layersBefore: [Int]
  private let graph: Graph
  private let slots: [LayerSlot]
  private let buffers: BatchBuffers
  private let counter: PassCounter
  private var isReplay = false
  private var isMeasured = false
  /// Where the layers' generators stand while a batch is replayed.
  private var current: Draw

  /// Buffers for batches of `batchSize` examples.
  ///
  /// - Precondition: `batchSize` at least 1.
  public convenience init(for model: Model, batchSize: Int, mode: Mode = .training) {
    self.init(for: model, batchSize: batchSize, mode: mode, counter: PassCounter())
  }

  /// Buffers for batches of another size of the same model, in the same mode; passes are counted and batches measured
  /// together.
  ///
  /// Each of the two holds its own batch: what one evaluates is stale where the other moves the parameters.
  ///
  /// - Precondition: `batchSize` at least 1.
  public convenience init(sharing other: ModelExecutor, batchSize: Int) {
    self.init(for: other.model, batchSize: batchSize, mode: other.mode, counter: other.counter)
    metrics = other.metrics
  }

  private init(for model: Model, batchSize: Int, mode: Mode, counter: PassCounter) {
    ensure(batchSize >= 1, "a batch of \(batchSize) examples")
    if mode == .training { for parameter in model.parameters { parameter.makeGradient() } }
    self.model = model
    self.batchSize = batchSize
    self.mode = mode
    self.counter = counter
    graph = model.graph
    validGradientNodes = graph.nodes.count
    let buffers = BatchBuffers(for: model, batchSize: batchSize, mode: mode)
    self.buffers = buffers
    var slots: [LayerSlot] = []
    var layersBefore: [Int] = []
    for node in graph.nodes {
      layersBefore.append(slots.count)
      guard case .layer(let layer, let source) = node else { continue }
      slots.append(LayerSlot.make(graph.layers[layer], input: buffers.shapes[source]))
    }
    self.slots = slots
    current = Draw(of: model)
    self.layersBefore = layersBefore + [slots.count]
  }

  /// Outputs of layers `0 ..< validOutputs` match the parameters and the loaded batch.
  public var validOutputs: Int { layersBefore[validNodes] }

  /// Output gradients of layers `validGradients...` match the outputs; the number of layers where none does.
  public var validGradients: Int { layersBefore[validGradientNodes] }

  /// Takes a batch, sharing its memory, and draws what is random about it.
  ///
  /// - Precondition: [batchSize, ...], with as many elements behind the batch axis as the model's input.
  public func load(_ inputs: Tensor) { load(inputs, isReplay: false) }

  /// The positions of the layers' generators, from which the next ``load(_:)`` draws, for
  /// ``load(_:replaying:)``.
  public struct Draw: Sendable {
    fileprivate var generators: [Generator?]

    /// Where the generators of a model's layers stand now.
    public init(of model: Model) { generators = model.layers.map(\.generator) }

    /// The positions, by the layers' indices.
    public mutating func visitState(_ visitor: StateVisitor) {
      for index in generators.indices {
        guard var generator = generators[index] else { continue }
        visitor.visit("\(index)", &generator)
        generators[index] = generator
      }
    }
  }

  /// Notes where the next batch draws from; allocates nothing.
  ///
  /// - Precondition: a draw of the same model.
  public func noteDraw(_ draw: inout Draw) {
    ensure(draw.generators.count == graph.layers.count, "a draw of another model")
    for index in 0..<graph.layers.count { draw.generators[index] = graph.layers[index].generator }
  }

  /// Loads a batch once more, for its loss and gradients alone.
  ///
  /// What is random about it is drawn from `draw`: the dropout masks are those of the batch that was loaded after
  /// ``noteDraw(_:)``. Nothing that outlives the batch changes: generators, running statistics and ``passes`` stay as
  /// they are.
  ///
  /// - Precondition: as for ``load(_:)``; a draw of the same model.
  public func load(_ inputs: Tensor, replaying draw: Draw) {
    ensure(draw.generators.count == graph.layers.count, "a draw of another model")
    for index in 0..<graph.layers.count {
      let generator = graph.layers[index].generator
      guard generator != nil else { continue }
      current.generators[index] = generator
      graph.layers[index].generator = draw.generators[index]
    }
    load(inputs, isReplay: true)
    for index in 0..<graph.layers.count {
      guard let generator = current.generators[index] else { continue }
      graph.layers[index].generator = generator
    }
  }

  private func load(_ inputs: Tensor, isReplay: Bool) {
    model.requireBatch(inputs.shape, size: batchSize)
    buffers.outputs[0].tensor = inputs.reshaped(to: buffers.shapes[0])
    validNodes = 1
    validGradientNodes = graph.nodes.count
    self.isReplay = isReplay
    isMeasured = false
    for index in slots.indices { slots[index].beginBatch(mode: mode, isReplay: isReplay) }
  }

  /// Lets go of the batch, so that its memory may be written in place.
  public func unload() {
    buffers.outputs[0].tensor = Tensor(zeros: [0])
    validNodes = 0
    validGradientNodes = graph.nodes.count
  }

  /// The passes, which is all that outlives a batch.
  func visitState(_ visitor: StateVisitor) {
    visitor.nested("passes") {
      visitor.visit("forward", &counter.passes.forward)
      visitor.visit("parameterGradient", &counter.passes.parameterGradient)
      visitor.visit("inputGradient", &counter.passes.inputGradient)
    }
  }

  /// Says that the parameters of layer `index` changed, or that its outputs are stale for another reason.
  public func invalidate(from index: Int) {
    // In inference, what the layer read may be overwritten by now.
    validNodes = min(validNodes, mode == .training ? graph.layerNodes[index] : 1)
    validGradientNodes = graph.nodes.count
  }

  /// Takes the output of layer `index` for the loaded batch from whoever knows it, in place of running the layers up to
  /// there; outputs below stay stale.
  ///
  /// - Precondition: a loaded batch; a layer that every way through the model goes through.
  func supplyOutput(ofLayer index: Int, _ write: (inout Tensor) -> Void) {
    ensure(validNodes > 0, "no batch is loaded")
    write(&buffers.outputs[graph.layerNodes[index]].tensor)
    validNodes = graph.layerNodes[index] + 1
    validGradientNodes = graph.nodes.count
  }

  /// The model's output for the loaded batch, [batch, ...]; runs the stale layers.
  public func output() -> Tensor {
    runStaleNodes()
    return buffers.outputs[graph.nodes.count - 1].tensor
  }

  /// The mean loss of the loaded batch; runs the stale layers and leaves the loss's gradient in the last one.
  ///
  /// The first call for a batch, unless it is replayed, adds it to the ``metrics``.
  public func evaluate(_ loss: any Loss, _ targets: Targets) -> Double {
    runStaleNodes()
    let last = graph.nodes.count - 1
    let value = loss.evaluate(
      buffers.outputs[last].tensor, targets: targets, gradient: &buffers.gradients[last].tensor)
    validGradientNodes = last
    if let metrics, !isMeasured, !isReplay {
      metrics.add(buffers.outputs[last].tensor, targets: targets)
      isMeasured = true
    }
    return value
  }

  /// Writes the gradients of layer `index`'s parameters, carrying output gradients down to it where they are stale.
  ///
  /// Call for the highest layer first: each call goes on where the last one stood, and one for a higher layer begins
  /// again at the loss.
  ///
  /// - Precondition: ``evaluate(_:_:)`` ran since the last change.
  public func backward(to index: Int) {
    let node = graph.layerNodes[index]
    carryGradient(to: node)
    guard slots[index].hasParameters, case .layer(_, let source) = graph.nodes[node] else { return }
    slots[index].parameterGradients(
      buffers.gradients[node].tensor, input: buffers.outputs[source].tensor, output: buffers.outputs[node].tensor)
    if !isReplay { counter.passes.parameterGradient += 1 }
  }

  /// Calls `body` with the input of layer `index`, and the loss's gradient with respect to its output.
  ///
  /// - Precondition: ``backward(to:)`` for this layer was the last call.
  public func withTensors(ofLayer index: Int, _ body: (_ input: Tensor, _ outputGradient: Tensor) -> Void) {
    let node = graph.layerNodes[index]
    ensure(validGradientNodes == node, "the last backward pass did not end at layer \(index)")
    guard case .layer(_, let source) = graph.nodes[node] else { return }
    body(buffers.outputs[source].tensor, buffers.gradients[node].tensor)
  }

  /// Writes the loss's gradient with respect to the loaded inputs, [batch, ...].
  ///
  /// - Precondition: ``evaluate(_:_:)`` ran since the last change; `gradient` has the batch's shape.
  public func inputGradient(into gradient: inout Tensor) {
    carryGradient(to: 1)
    collectGradient(of: 0, into: &gradient)
  }

  private func runStaleNodes() {
    ensure(validNodes > 0, "no batch is loaded")
    while validNodes < graph.nodes.count {
      let output = buffers.outputs[validNodes]
      if mode == .inference { output.tensor.reshape(to: buffers.shapes[validNodes]) }
      switch graph.nodes[validNodes] {
      case .input: break
      case .layer(let layer, let source):
        slots[layer].forward(buffers.outputs[source].tensor, into: &output.tensor, mode: mode)
        if slots[layer].hasParameters && !isReplay { counter.passes.forward += 1 }
      case .sum(let first, let second):
        Kernels.addElements(buffers.outputs[first].tensor, buffers.outputs[second].tensor, into: &output.tensor)
      }
      validNodes += 1
    }
  }

  private func carryGradient(to node: Int) {
    ensure(mode == .training, "an inference executor holds no gradients")
    ensure(
      validNodes == graph.nodes.count && validGradientNodes < graph.nodes.count,
      "evaluate the loss before going backward")
    // What was overwritten since comes down again.
    if validGradientNodes < buffers.gradientLasts[node] { validGradientNodes = graph.nodes.count - 1 }
    while validGradientNodes > node {
      let next = validGradientNodes - 1
      // Where only a sum reads a node, its gradient is the sum's and stands there already.
      if !graph.readers[next].isSummandOnly {
        let gradient = buffers.gradients[next]
        gradient.tensor.reshape(to: buffers.shapes[next])
        collectGradient(of: next, into: &gradient.tensor)
      }
      validGradientNodes = next
    }
  }

  /// Adds up what comes down from everything that reads a node: the layers first, from the last on, then the sums.
  private func collectGradient(of node: Int, into gradient: inout Tensor) {
    let readers = graph.readers[node]
    for index in readers.layers.indices {
      let layer = readers.layers[index], reader = graph.layerNodes[layer]
      if index == 0 {
        pass(reader, layer, input: node, into: &gradient)
      } else {
        buffers.addend.tensor.reshape(to: buffers.shapes[node])
        pass(reader, layer, input: node, into: &buffers.addend.tensor)
        Kernels.add(buffers.addend.tensor, to: &gradient)
      }
    }
    for index in readers.sums.indices {
      let sum = buffers.gradients[readers.sums[index]].tensor
      if index == 0 && readers.layers.isEmpty {
        Kernels.copy(sum, into: &gradient)
      } else {
        Kernels.add(sum, to: &gradient)
      }
    }
  }

  private func pass(_ node: Int, _ layer: Int, input: Int, into gradient: inout Tensor) {
    slots[layer].inputGradient(
      buffers.gradients[node].tensor, input: buffers.outputs[input].tensor, output: buffers.outputs[node].tensor,
      into: &gradient)
    if slots[layer].hasParameters && !isReplay { counter.passes.inputGradient += 1 }
  }
}

/// The passes of all executors that count them together.
private final class PassCounter {
  var passes = LayerPasses()
}
