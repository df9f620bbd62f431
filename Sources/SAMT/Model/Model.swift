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
  /// The indices of the layers that have parameters, ascending.
  public let trainableLayers: [Int]
  /// All parameters in a stable order: layer by layer.
  public let parameters: [Parameter]
  /// How the layers hang together.
  let graph: Graph

  /// A model for inputs of shape `input`, its parameters and its dropout drawn from `seed`.
  ///
  /// - Throws: ``SAMTError/shape(layer:expected:found:)`` where a layer cannot take what comes before it, and
  ///   ``SAMTError/configuration(_:)`` where there is no layer, a parameter is there twice, or a name will not do.
  public init(input: Shape, seed: UInt64 = 0, @LayerBuilder layers build: () -> [ModelPart]) throws(SAMTError) {
    guard input.rank <= 3 else { throw .configuration("an input has at most three axes, found \(input)") }
    let graph = try Graph(build(), input: input)
    guard !graph.layers.isEmpty else { throw .configuration("a model needs at least one layer") }
    self.graph = graph
    inputShape = input
    layers = graph.layers
    layerNames = graph.layerNames
    trainableLayers = layers.indices.filter { !graph.layers[$0].parameters.isEmpty }
    parameters = layers.flatMap { $0.parameters }
    guard Set(parameters.map { ObjectIdentifier($0) }).count == parameters.count else {
      // Each layer's backward pass writes its parameters' gradients: the last one would count alone.
      throw .configuration("layers cannot share parameters, but a layer or a parameter is in the model twice")
    }
    let output = graph.shapes[graph.shapes.count - 1]
    outputShape = Shape((1..<output.rank).map { output[$0] })
    for (index, layer) in layers.enumerated() {
      var generator = Generator(seed: seed, stream: UInt64(index))
      layer.initialize(using: &generator)
    }
  }

  /// The model's outputs for a batch, in inference mode.
  ///
  /// For many batches of one size, a ``ModelExecutor`` in inference mode saves making its buffers again.
  ///
  /// - Precondition: inputs of shape [batch, ...] with the model's input shape, or as many elements, behind the batch.
  public func callAsFunction(_ inputs: Tensor) -> Tensor {
    let executor = ModelExecutor(for: self, batchSize: inputs.shape[0], mode: .inference)
    executor.load(inputs)
    return executor.output()
  }
}
