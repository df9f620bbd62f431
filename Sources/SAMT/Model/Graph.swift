/// A model's layers and sums, each behind everything that it reads.
struct Graph {
  /// Where one tensor of a batch on its way through the model comes from; sources are indices of earlier nodes.
  enum Node {
    /// The batch itself, node 0.
    case input
    /// The output of a layer, by its index.
    case layer(Int, source: Int)
    /// The sum that ends a residual connection.
    case sum(Int, Int)
  }

  /// Who reads a node's output.
  struct Readers {
    /// Layers by their index, the last one first.
    var layers: [Int] = []
    /// Sums by their node, the last one first.
    var sums: [Int] = []

    /// Whether nothing but one sum reads the node.
    var isSummandOnly: Bool { layers.isEmpty && sums.count == 1 }
  }

  private(set) var nodes: [Node] = [.input]
  /// The nodes' shapes, their batch axes of length 1.
  private(set) var shapes: [Shape]
  private(set) var layers: [any Layer] = []
  /// The layers' paths: the names of their containers and their own, joined by dots.
  private(set) var layerNames: [String] = []
  /// Each layer's node; behind them the number of nodes.
  private(set) var layerNodes: [Int] = []
  /// For each node.
  private(set) var readers: [Readers] = []

  /// - Throws: ``SAMTError/shape(layer:expected:found:)`` where shapes do not fit, ``SAMTError/configuration(_:)``
  ///   where two layers would have one name, or a name has a dot.
  init(_ parts: [ModelPart], input: Shape) throws(SAMTError) {
    shapes = [input.batched(1)]
    _ = try append(parts, after: 0, in: nil)
    layerNodes.append(nodes.count)
    readers = [Readers](repeating: Readers(), count: nodes.count)
    for index in nodes.indices.reversed() {
      switch nodes[index] {
      case .input: break
      case .layer(let layer, let source): readers[source].layers.append(layer)
      case .sum(let first, let second):
        readers[first].sums.append(index)
        readers[second].sums.append(index)
      }
    }
    var taken = Set<String>()
    for name in layerNames where !taken.insert(name).inserted {
      throw .configuration("two layers are named \(name)")
    }
  }

  /// What keeps the first such layer from being trained on batches of `batchSize` examples; nil where nothing does.
  func trainingProblem(batchSize: Int) -> String? {
    for node in nodes {
      guard case .layer(let layer, let source) = node else { continue }
      if let problem = layers[layer].trainingProblem(for: shapes[source].withRows(batchSize)) {
        return "\(layerNames[layer]): \(problem)"
      }
    }
    return nil
  }

  /// Whether there are residual connections.
  var hasSums: Bool { nodes.contains { if case .sum = $0 { true } else { false } } }

  /// The index of the last node that reads this one's output; its own where none does.
  func lastReader(of node: Int) -> Int {
    max(node, readers[node].layers.first.map { layerNodes[$0] } ?? 0, readers[node].sums.first ?? 0)
  }

  /// The lowest index of a node that this one reads; its own where it reads none.
  func lowestSource(of node: Int) -> Int {
    switch nodes[node] {
    case .input: node
    case .layer(_, let source): source
    case .sum(let first, let second): min(first, second)
    }
  }

  /// For each node the one whose output it shares: a ReLU that alone reads a sum takes the sum's, which is cut off at 0
  /// as it is made; every other node has its own.
  var outputOwners: [Int] {
    nodes.indices.map { node in
      guard case .layer(let layer, let source) = nodes[node], layers[layer] is ReLU, case .sum = nodes[source],
        readers[source].layers == [layer], readers[source].sums.isEmpty
      else { return node }
      return source
    }
  }

  /// For each node the one whose gradient it shares: the sum's where only a sum reads it, else its own.
  var gradientOwners: [Int] {
    var owners = Array(nodes.indices)
    for node in nodes.indices.reversed() where readers[node].isSummandOnly {
      owners[node] = owners[readers[node].sums[0]]
    }
    return owners
  }

  /// Adds `parts` behind a node and returns the node of their output.
  private mutating func append(_ parts: [ModelPart], after source: Int, in container: String?) throws(SAMTError) -> Int
  {
    var node = source
    for (part, name) in zip(parts, try Graph.names(of: parts)) {
      let path = container.map { "\($0).\(name)" } ?? name
      switch part {
      case .layer(let layer):
        let shape: Shape
        do { shape = try layer.outputShape(for: shapes[node]) } catch .shape(_, let expected, let found) {
          throw .shape(layer: path, expected: expected, found: found)
        }
        layerNodes.append(nodes.count)
        layerNames.append(path)
        node = append(.layer(layers.count, source: node), shape)
        layers.append(layer)
      case .sequential(let sequential):
        node = try append(sequential.parts, after: node, in: path)
      case .residual(let residual):
        let shortcut = try append(residual.projection, after: node, in: "\(path).downsample")
        let body = try append(residual.body, after: node, in: path)
        guard body != node else { throw .configuration("\(path): the body of a residual connection needs a layer") }
        guard shapes[body] == shapes[shortcut] else {
          throw .shape(layer: path, expected: "\(shapes[body]) around the body", found: shapes[shortcut])
        }
        node = append(.sum(body, shortcut), shapes[body])
      }
    }
    return node
  }

  private mutating func append(_ node: Node, _ shape: Shape) -> Int {
    nodes.append(node)
    shapes.append(shape)
    return nodes.count - 1
  }

  /// The names of one container's parts: equal ones get the next number that makes a name no other part has.
  private static func names(of parts: [ModelPart]) throws(SAMTError) -> [String] {
    var unnamed = 0
    var names: [String] = []
    for part in parts {
      let name = part.name ?? "\(unnamed)"
      if part.name == nil { unnamed += 1 }
      guard !name.isEmpty, !name.contains(".") else {
        throw .configuration("a name cannot be empty or have a dot, found \"\(name)\"")
      }
      names.append(name)
    }
    var taken = Set(names)
    var numbers: [String: Int] = [:]
    let occurrences = names.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    return names.map { name in
      guard occurrences[name]! > 1 else { return name }
      var unique = name
      while !taken.insert(unique).inserted {
        numbers[name, default: 0] += 1
        unique = "\(name)\(numbers[name]!)"
      }
      return unique
    }
  }
}
