/// A tensor in a place of its own, so that it can be passed `inout` without a copy or an accessor.
final class Buffer {
  final var tensor: Tensor

  init(_ shape: Shape) { tensor = Tensor(zeros: shape) }
}

/// The outputs of a model's nodes for one batch, and their gradients; a buffer may serve several nodes.
struct BatchBuffers {
  /// The shapes of the nodes' outputs.
  let shapes: [Shape]
  /// For each node; the first is the batch.
  let outputs: [Buffer]
  /// For each node; one that only a sum reads shares the sum's, since the gradient of a summand is that of the sum.
  let gradients: [Buffer]
  /// A second gradient of one node on its way to be added to the first.
  let addend: Buffer

  /// Buffers for one batch.
  ///
  /// Training needs every output on the way back. Inference needs an output until its last reader ran, and a gradient
  /// of the model's output alone, which the loss writes.
  init(for model: Model, batchSize: Int, mode: Mode) {
    let graph = model.graph
    var shapes = graph.shapes.map { $0.withRows(batchSize) }
    for (index, node) in graph.nodes.enumerated() {
      guard case .layer(let layer, let source) = node else { continue }
      // The model was built with these very layers, so only the batch axis differs from what they accepted then.
      guard let shape = try? graph.layers[layer].outputShape(for: shapes[source]) else {
        fatalError("\(graph.layerNames[layer]) refuses \(shapes[source])")
      }
      shapes[index] = shape
    }
    self.shapes = shapes
    let (nodes, last) = (graph.nodes.indices, graph.nodes.count - 1)
    let none = Buffer([0])
    switch mode {
    case .training:
      outputs = nodes.map { $0 == 0 ? none : Buffer(shapes[$0]) }
      var gradients = nodes.map { _ in none }
      for node in nodes.dropFirst().reversed() {
        let readers = graph.readers[node]
        gradients[node] = readers.isSummandOnly ? gradients[readers.sums[0]] : Buffer(shapes[node])
      }
      self.gradients = gradients
      let shared = nodes.filter { graph.readers[$0].layers.count > 1 }
      addend = Buffer([shared.map { shapes[$0].count }.max() ?? 0])
    case .inference:
      outputs = BatchBuffers.reused(graph, shapes)
      gradients = nodes.map { $0 == last ? Buffer(shapes[last]) : none }
      addend = none
    }
  }

  /// Output buffers that go from a node to a later one once all who read it ran.
  private static func reused(_ graph: Graph, _ shapes: [Shape]) -> [Buffer] {
    let last = shapes.count - 1
    var sizes = [0]
    var places = [0]
    var free: [Int] = []
    for node in 1...last {
      // The last one is seen outside, so it has memory of its own.
      let fitting = free.filter { sizes[$0] >= shapes[node].count }.min { sizes[$0] < sizes[$1] }
      if node < last, let place = fitting ?? free.max(by: { sizes[$0] < sizes[$1] }) {
        free.removeAll { $0 == place }
        sizes[place] = max(sizes[place], shapes[node].count)
        places.append(place)
      } else {
        places.append(sizes.count)
        sizes.append(shapes[node].count)
      }
      for source in 1..<node where graph.lastReader(of: source) == node { free.append(places[source]) }
    }
    let buffers = sizes.map { Buffer([$0]) }
    return places.map { buffers[$0] }
  }
}
