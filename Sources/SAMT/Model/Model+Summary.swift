extension Model {
  /// A table of the layers: name, output shape without the batch axis, parameters, and floating-point operations of one
  /// example's forward pass, with the totals in the last line.
  ///
  /// Operations are those of matrix products and convolutions; a product that is added counts as two.
  public func summary() -> String {
    func count(_ parameters: [Parameter]) -> String { Model.grouped(parameters.reduce(0) { $0 + $1.value.count }) }
    var rows = [["layer", "output", "parameters", "operations"]]
    for (index, layer) in layers.enumerated() {
      let output = graph.shapes[graph.layerNodes[index]]
      let lengths = (1..<output.rank).map { "\(output[$0])" }.joined(separator: "x")
      rows.append([layerNames[index], lengths, count(layer.parameters), Model.grouped(operations(ofLayer: index))])
    }
    rows.append(["total", "", count(parameters), Model.grouped(operations)])
    let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
    let lines = rows.map { row in
      let cells = (0..<4).map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return column == 0 ? row[column] + space : space + row[column]
      }
      return cells.joined(separator: "  ")
    }
    return lines.joined(separator: "\n")
  }

  /// The floating-point operations of one example's forward pass, as ``summary()`` counts them.
  public var operations: Int { layers.indices.reduce(0) { $0 + operations(ofLayer: $1) } }

  private func operations(ofLayer index: Int) -> Int {
    guard case .layer(_, let source) = graph.nodes[graph.layerNodes[index]] else { return 0 }
    return layers[index].operations(for: graph.shapes[source])
  }

  /// A number with its thousands apart: 1,234,567.
  private static func grouped(_ number: Int) -> String {
    var text = ""
    for (index, digit) in "\(number)".reversed().enumerated() {
      if index > 0 && index % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return String(text.reversed())
  }
}
