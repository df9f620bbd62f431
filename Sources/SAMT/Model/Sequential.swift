/// A model: layers, each of which takes the one before it.
///
/// Not Sendable: a model, its caches and the algorithm that trains it stay on one task; the threads are below, in the
/// kernels.
public final class Sequential {
  /// The shape of one input, without the batch axis.
  public let inputShape: Shape
  /// The shape of one output, without the batch axis.
  public let outputShape: Shape
  /// The layers, from input to output.
  public let layers: [any Layer]
  /// The layers' names; equal names are numbered from 1.
  public let layerNames: [String]
  /// The indices of the layers that have parameters, ascending.
  public let trainableLayers: [Int]
  /// All parameters in a stable order: layer by layer.
  public let parameters: [Parameter]

  /// A model for inputs of shape `input`, its parameters and its dropout drawn from `seed`.
  ///
  /// - Throws: ``SAMTError/shape(layer:expected:found:)`` where a layer cannot take what comes before it, and
  ///   ``SAMTError/configuration(_:)`` where there is no layer, or a parameter is there twice.
  public init(input: Shape, seed: UInt64 = 0, @LayerBuilder layers build: () -> [any Layer]) throws(SAMTError) {
    let layers = build()
    guard !layers.isEmpty else { throw .configuration("a model needs at least one layer") }
    guard input.rank <= 3 else { throw .configuration("an input has at most three axes, found \(input)") }
    inputShape = input
    self.layers = layers
    layerNames = Sequential.numbered(layers.map(\.name))
    trainableLayers = layers.indices.filter { !layers[$0].parameters.isEmpty }
    parameters = layers.flatMap { $0.parameters }
    guard Set(parameters.map { ObjectIdentifier($0) }).count == parameters.count else {
      // Each layer's backward pass writes its parameters' gradients: the last one would count alone.
      throw .configuration("layers cannot share parameters, but a layer or a parameter is in the model twice")
    }
    var shape = input.batched(1)
    for (layer, name) in zip(layers, layerNames) {
      do { shape = try layer.outputShape(for: shape) } catch .shape(_, let expected, let found) {
        throw .shape(layer: name, expected: expected, found: found)
      }
    }
    outputShape = Shape((1..<shape.rank).map { shape[$0] })
    for (index, layer) in layers.enumerated() {
      var generator = Generator(seed: seed, stream: UInt64(index))
      layer.initialize(using: &generator)
    }
  }

  /// The model's outputs for a batch, in inference mode.
  ///
  /// For many batches of one size, an ``ActivationCache`` in inference mode saves making its buffers again.
  ///
  /// - Precondition: inputs of shape [batch, ...] with the model's input shape, or as many elements, behind the batch.
  public func callAsFunction(_ inputs: Tensor) -> Tensor {
    let cache = ActivationCache(for: self, batchSize: inputs.shape[0], mode: .inference)
    cache.load(inputs)
    return cache.output()
  }

  /// Unique names: equal ones get the next number that makes a name no layer has.
  private static func numbered(_ names: [String]) -> [String] {
    var taken = Set(names)
    var numbers: [String: Int] = [:]
    return names.map { name in
      guard names.count(where: { $0 == name }) > 1 else { return name }
      var unique = name
      while !taken.insert(unique).inserted {
        numbers[name, default: 0] += 1
        unique = "\(name)\(numbers[name]!)"
      }
      return unique
    }
  }
}
