/// One shard of a batch on its way through a model, and how much of it still matches the parameters: all of a
/// ``ModelExecutor`` but the division of the batch.
///
/// Buffers are made once, for one number of examples; after that no call allocates. Gradients share a few buffers, as do
/// the outputs in inference, where a deep model takes little more memory than its two or three largest outputs.
final class ShardExecutor {
  let mode: Mode

  // The watermarks count nodes: the batch, the layers' outputs and the residual connections' sums.
  private var validNodes = 0
  private var validGradientNodes: Int
  /// For each node, and behind the last, how many layers come before it.
  private let layersBefore: [Int]
  private let graph: Graph
  private let slots: [LayerSlot]
  private let buffers: BatchBuffers
  private let counter: PassCounter
  private var countsPasses = true

  /// Buffers for `count` examples.
  init(for model: Model, count: Int, mode: Mode, counter: PassCounter) {
    self.mode = mode
    self.counter = counter
    graph = model.graph
    validGradientNodes = graph.nodes.count
    let buffers = BatchBuffers(for: model, batchSize: count, mode: mode)
    self.buffers = buffers
    var slots: [LayerSlot] = []
    var layersBefore: [Int] = []
    for node in graph.nodes {
      layersBefore.append(slots.count)
      guard case .layer(let layer, let source) = node else { continue }
      slots.append(LayerSlot.make(graph.layers[layer], input: buffers.shapes[source]))
    }
    self.slots = slots
    self.layersBefore = layersBefore + [slots.count]
  }

  /// Outputs of layers `0 ..< validOutputs` match the parameters and the loaded batch.
  var validOutputs: Int { layersBefore[validNodes] }

  /// Output gradients of layers `validGradients...` match the outputs; the number of layers where none does.
  var validGradients: Int { layersBefore[validGradientNodes] }

  /// The elements of the outputs and their gradients.
  var activationCount: Int { buffers.elementCount }

  /// Takes the examples, sharing their memory, and lets the layers draw from their generators.
  ///
  /// - Parameters:
  ///   - keepsStatistics: whether running statistics stay: in a replay, and where the whole batch's move them.
  ///   - countsPasses: whether passes are counted: those of one shard stand for all.
  func load(_ inputs: Tensor, keepsStatistics: Bool, countsPasses: Bool) {
    buffers.outputs[0].tensor = inputs.reshaped(to: buffers.shapes[0])
    validNodes = 1
    validGradientNodes = graph.nodes.count
    self.countsPasses = countsPasses
    for index in slots.indices { slots[index].beginBatch(mode: mode, isReplay: keepsStatistics) }
  }

  /// Lets go of the examples.
  func unload() {
    buffers.outputs[0].tensor = Tensor(zeros: [0])
    validNodes = 0
    validGradientNodes = graph.nodes.count
  }

  /// Says that the parameters of layer `index` changed, or that its outputs are stale for another reason.
  func invalidate(from index: Int) {
    // In inference, what the layer read may be overwritten by now.
    validNodes = min(validNodes, mode == .training ? graph.layerNodes[index] : 1)
    validGradientNodes = graph.nodes.count
  }

  /// Takes the output of layer `index` from whoever knows it; outputs below stay stale.
  func supplyOutput(ofLayer index: Int, _ write: (inout Tensor) -> Void) {
    ensure(validNodes > 0, "no batch is loaded")
    write(&buffers.outputs[graph.layerNodes[index]].tensor)
    validNodes = graph.layerNodes[index] + 1
    validGradientNodes = graph.nodes.count
  }

  /// The model's output for the loaded examples; runs the stale layers.
  func output() -> Tensor {
    runStaleNodes()
    return buffers.outputs[graph.nodes.count - 1].tensor
  }

  /// The mean loss of the loaded examples times `weight`; runs the stale layers and leaves the gradient of that product
  /// in the last one.
  func evaluate(_ loss: any Loss, _ targets: Targets, weight: Double = 1) -> Double {
    runStaleNodes()
    let last = graph.nodes.count - 1
    let value = loss.evaluate(
      buffers.outputs[last].tensor, targets: targets, gradient: &buffers.gradients[last].tensor)
    if weight != 1 { Kernels.scale(&buffers.gradients[last].tensor, by: Float(weight)) }
    validGradientNodes = last
    return weight * value
  }

  /// Writes what layer `index` found of these examples' statistics.
  func writeStatistics(ofLayer index: Int, into statistics: inout Tensor) {
    slots[index].writeStatistics(into: &statistics)
  }

  /// Writes the gradients of layer `index`'s parameters, carrying output gradients down to it where they are stale.
  func backward(to index: Int) {
    let node = graph.layerNodes[index]
    carryGradient(to: node)
    guard slots[index].hasParameters, case .layer(_, let source) = graph.nodes[node] else { return }
    slots[index].parameterGradients(
      buffers.gradients[node].tensor, input: buffers.outputs[source].tensor, output: buffers.outputs[node].tensor)
    if countsPasses { counter.passes.parameterGradient += 1 }
  }

  /// Writes the gradients of several layers' parameters, given in ascending order.
  func backward(to layers: [Int]) {
    for position in stride(from: layers.count - 1, through: 0, by: -1) { backward(to: layers[position]) }
  }

  /// Calls `body` with the input of layer `index`, and the loss's gradient with respect to its output.
  func withTensors(ofLayer index: Int, _ body: (_ input: Tensor, _ outputGradient: Tensor) -> Void) {
    let node = graph.layerNodes[index]
    ensure(validGradientNodes == node, "the last backward pass did not end at layer \(index)")
    guard case .layer(_, let source) = graph.nodes[node] else { return }
    body(buffers.outputs[source].tensor, buffers.gradients[node].tensor)
  }

  /// Writes the loss's gradient with respect to the loaded examples.
  func inputGradient(into gradient: inout Tensor) {
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
      case .layer(_, let source) where buffers.isRectified[source]: break
      case .layer(let layer, let source):
        slots[layer].forward(buffers.outputs[source].tensor, into: &output.tensor, mode: mode)
        if slots[layer].hasParameters && countsPasses { counter.passes.forward += 1 }
      case .sum(let first, let second):
        Kernels.addElements(
          buffers.outputs[first].tensor, buffers.outputs[second].tensor, relu: buffers.isRectified[validNodes],
          into: &output.tensor)
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
    if slots[layer].hasParameters && countsPasses { counter.passes.inputGradient += 1 }
  }
}

/// The passes of all executors that count them together.
final class PassCounter {
  var passes = LayerPasses()
}
