/// A model: layers, each of which takes the one before it, and residual connections around some of them.
///
///     let model = try Model(input: [3, 32, 32], seed: 1) {
///       Conv2d(3, 16, kernelSize: 3, padding: 1, name: "stem")
///       Sequential("stage1") {
///         Residual { ... }
///         ReLU()
///       }
///       GlobalAveragePool()
///       Linear(16, 10, name: "head")
///     }
///
/// Containers are there for names and shapes alone: the model is one list of layers, in the order in which they run.
///
/// Not Sendable: a model, its executors and the algorithm that trains it stay on one task; the threads are below, in the
/// kernels.
public final class Model {
  /// The shape of one input, without the batch axis.
  public let inputShape: Shape
  /// The shape of one output, without the batch axis.
  public let outputShape: Shape
  /// The layers, each behind those that it takes.
  public let layers: [any Layer]
  /// The layers' names behind those of their containers, joined by dots; equal names are numbered from 1.
  public let layerNames: [String]
  /// The indices of the layers that have parameters to train, ascending.
  public private(set) var trainableLayers: [Int] = []
  /// All parameters in a stable order: layer by layer.
  public let parameters: [Parameter]
  /// All buffers in a stable order: layer by layer.
  public let buffers: [ModelBuffer]
  /// How inputs were normalized before they came here, where they were; saved with the model.
  public var inputNormalization: ChannelStatistics?
  /// How rows of a table become inputs, and what the outputs stand for, where it was trained on a table; saved with the
  /// model.
  public var tablePreprocessing: TablePreprocessing?
  /// The names of the classes, in their order; empty where there are none.
  ///
  /// They are saved with the model.
  public var classNames: [String] = []
  /// How the outputs become the probabilities of classes; saved with the model.
  public var outputProbabilities = OutputProbabilities.softmax
  /// What the model was written as.
  let parts: [ModelPart]
  /// How the layers hang together.
  let graph: Graph

  /// A model for inputs of shape `input`, its parameters and its dropout drawn from `seed`.
  ///
  /// - Throws: ``SAMTError/shape(layer:expected:found:)`` where a layer cannot take what comes before it, and
  ///   ``SAMTError/configuration(_:)`` where there is no layer, a parameter is there twice, or a name will not do.
  public convenience init(
    input: Shape, seed: UInt64 = 0, @LayerBuilder layers build: () -> [ModelPart]
  ) throws(SAMTError) {
    try self.init(input: input, parts: build())
    for parameter in parameters { parameter.makeValue() }
    for (index, layer) in layers.enumerated() {
      var generator = Generator(seed: seed, for: .layer(index))
      layer.initialize(using: &generator)
    }
  }

  /// A model whose parameters and buffers have no memory yet.
  init(input: Shape, parts: [ModelPart]) throws(SAMTError) {
    guard input.rank <= 3 else { throw .configuration("an input has at most three axes, found \(input)") }
    let graph = try Graph(parts, input: input)
    guard !graph.layers.isEmpty else { throw .configuration("a model needs at least one layer") }
    self.graph = graph
    self.parts = parts
    inputShape = input
    layers = graph.layers
    layerNames = graph.layerNames
    parameters = layers.flatMap { $0.parameters }
    buffers = layers.flatMap { $0.buffers }
    guard Set(parameters.map { ObjectIdentifier($0) }).count == parameters.count else {
      // Each layer's backward pass writes its parameters' gradients: the last one would count alone.
      throw .configuration("layers cannot share parameters, but a layer or a parameter is in the model twice")
    }
    let output = graph.shapes[graph.shapes.count - 1]
    outputShape = Shape((1..<output.rank).map { output[$0] })
    for (layer, name) in zip(layers, layerNames) {
      for parameter in layer.parameters { parameter.path = "\(name).\(parameter.name)" }
    }
    findTrainableLayers()
  }

  private func findTrainableLayers() {
    trainableLayers = layers.indices.filter { layers[$0].parameters.contains { !$0.isFrozen } }
  }

  /// The parameters that training moves: all that are not frozen.
  public var trainableParameters: [Parameter] { parameters.filter { !$0.isFrozen } }

  /// Leaves parameters as they are from now on, whatever trains the model.
  ///
  /// Freeze before an optimizer or an algorithm is made. Running statistics of a batch normalization go on moving.
  ///
  /// - Parameter pattern: of paths of parameters, layers or containers: `layer1`, `layer1.0.conv1`, `*.bias`.
  /// - Throws: ``SAMTError/configuration(_:)`` where no parameter's path matches.
  public func freeze(_ pattern: PathPattern) throws(SAMTError) {
    let found = parameters.filter { pattern.matches($0.path) }
    guard !found.isEmpty else {
      throw .configuration("nothing to freeze at \(pattern); layers: \(layerNames.joined(separator: " "))")
    }
    for parameter in found { parameter.isFrozen = true }
    findTrainableLayers()
  }

  /// A layer and what training moves of it, as block-wise methods see it.
  public struct Block {
    /// The layer's index in ``Model/layers``.
    public let layer: Int
    /// The layer's path.
    public let name: String
    /// Its parameters that are not frozen, each with its gradient.
    public let parameters: [Parameter]
  }

  /// The layers that have parameters to train, in the order of ``trainableLayers``.
  public var blocks: [Block] { trainableLayers.map { block(ofLayer: $0) } }

  /// What training moves of layer `index`.
  func block(ofLayer index: Int) -> Block {
    Block(layer: index, name: layerNames[index], parameters: layers[index].parameters.filter { !$0.isFrozen })
  }

  /// The model's outputs for a batch, in inference mode.
  ///
  /// For many batches of one size, a ``ModelExecutor`` in inference mode saves making its buffers again.
  ///
  /// - Precondition: at least one example, in inputs of shape [batch, ...] with the model's input shape, or as many elements, behind the batch.
  public func callAsFunction(_ inputs: Tensor) -> Tensor {
    requireBatch(inputs.shape, size: nil)
    let executor = ModelExecutor(for: self, batchSize: inputs.shape[0], mode: .inference)
    executor.load(inputs)
    return executor.output()
  }

  /// Traps unless a shape is that of a batch of inputs, of the given size where there is one.
  func requireBatch(_ shape: Shape, size: Int?) {
    let expected = inputShape.batched(size ?? 1)
    let isBatch = shape.rank >= 1 && shape[0] >= 1 && shape.elementsPerRow == expected.elementsPerRow
    guard isBatch, size ?? shape[0] == shape[0] else {
      let advice =
        shape.count == inputShape.count
        ? "; one example needs a batch axis: reshaped(to: \(inputShape.batched(1)))" : ""
      ensure(false, "batch: expected shape \(expected), found \(shape)\(advice)")
      return
    }
  }
}

extension Model: Stateful {
  /// Every layer's parameters, buffers and generator under the layer's path.
  public func visitState(_ visitor: StateVisitor) {
    for (layer, name) in zip(layers, layerNames) { visitor.visit(name, layer) }
  }
}
