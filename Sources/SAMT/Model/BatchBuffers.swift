/// A tensor in a place of its own, so that it can be passed `inout` without a copy or an accessor.
final class Buffer {
  final var tensor: Tensor

  init(_ shape: Shape) { tensor = Tensor(zeros: shape) }

  /// Makes the tensor one of `count` elements in one row, in memory for `capacity`; allocates where there was less.
  func resize(_ count: Int, capacity: Int = 0) {
    let needed = max(count, capacity)
    if tensor.capacity < needed { tensor = Tensor(zeros: [needed]) }
    tensor.reshape(to: .vector(count))
  }
}

/// The outputs of a model's nodes for one batch, and their gradients; a buffer may serve several nodes.
struct BatchBuffers {
  /// The shapes of the nodes' outputs.
  let shapes: [Shape]
  /// For each node; the first is the batch, and a ReLU that alone reads a sum shares the sum's.
  let outputs: [Buffer]
  /// For each node, whether it is such a sum, whose buffer holds max(sum, 0).
  let isRectified: [Bool]
  /// For each node; one that only a sum reads shares the sum's, since the gradient of a summand is that of the sum.
  let gradients: [Buffer]
  /// For each node, the lowest one that is reached before its gradient is overwritten.
  let gradientLasts: [Int]
  /// A second gradient of one node on its way to be added to the first.
  let addend: Buffer

  /// Buffers for one batch.
  ///
  /// Training needs every output on the way back, but a gradient only until it was passed down to the layer's own
  /// source. Inference needs an output until its last reader ran, and a gradient of the model's output alone, which the
  /// loss writes.
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
    let outputOwners = graph.outputOwners
    var isRectified = nodes.map { _ in false }
    for node in nodes where outputOwners[node] != node { isRectified[outputOwners[node]] = true }
    self.isRectified = isRectified
    switch mode {
    case .training:
      let owned = nodes.map { $0 == 0 || outputOwners[$0] != $0 ? none : Buffer(shapes[$0]) }
      outputs = outputOwners.map { owned[$0] }
      let owners = graph.gradientOwners
      var lasts = graph.nodes.indices.map { graph.lowestSource(of: $0) }
      for node in nodes { lasts[owners[node]] = min(lasts[owners[node]], lasts[node]) }
      let order = nodes.dropFirst().reversed().filter { owners[$0] == $0 }
      let places = BatchBuffers.reused(order, shapes, until: lasts, apart: last)
      gradients = nodes.map { places[owners[$0]] ?? none }
      gradientLasts = nodes.map { lasts[owners[$0]] }
      let shared = nodes.filter { graph.readers[$0].layers.count > 1 }
      addend = Buffer([shared.map { shapes[$0].count }.max() ?? 0])
    case .inference:
      var lasts = nodes.map { graph.lastReader(of: $0) }
      for node in nodes { lasts[outputOwners[node]] = max(lasts[outputOwners[node]], lasts[node]) }
      let order = nodes.dropFirst().filter { outputOwners[$0] == $0 }
      let places = BatchBuffers.reused(order, shapes, until: lasts, apart: outputOwners[last])
      outputs = outputOwners.map { places[$0] ?? none }
      gradients = nodes.map { $0 == last ? Buffer(shapes[last]) : none }
      gradientLasts = nodes.map { _ in 0 }
      addend = none
    }
  }

  /// The elements that there is memory for, but for the batch's, which is shared with whoever made it.
  var elementCount: Int {
    let own = (outputs + gradients + [addend]).filter { $0 !== outputs[0] }
    return Dictionary(own.map { (ObjectIdentifier($0), $0.tensor.capacity) }) { first, _ in first }.values.reduce(0, +)
  }

  /// Buffers for nodes that are filled in the given order, each free again once node `until[node]` was filled; one is
  /// kept apart, since it is seen outside.
  private static func reused(_ order: [Int], _ shapes: [Shape], until: [Int], apart: Int) -> [Int: Buffer] {
    var sizes: [Int] = []
    var places: [Int: Int] = [:]
    var free: [Int] = []
    for node in order {
      let count = shapes[node].count
      let fitting = free.filter { sizes[$0] >= count }.min { sizes[$0] < sizes[$1] }
      if node != apart, let place = fitting ?? free.max(by: { sizes[$0] < sizes[$1] }) {
        free.removeAll { $0 == place }
        sizes[place] = max(sizes[place], count)
        places[node] = place
      } else {
        places[node] = sizes.count
        sizes.append(count)
      }
      free += order.filter { until[$0] == node && $0 != apart }.compactMap { places[$0] }
    }
    let buffers = sizes.map { Buffer([$0]) }
    if let place = places[apart] { buffers[place].tensor.reshape(to: shapes[apart]) }
    return places.mapValues { buffers[$0] }
  }
}
