extension Model {
  /// A table of the layers: name, output shape without the batch axis, parameters, and floating-point operations of one
  /// example's forward pass, with the totals in the last line.
  ///
  /// Operations are those of matrix products and convolutions; a product that is added counts as two.
  public func summary() -> String {
    var rows = [["layer", "output", "parameters", "operations"]]
    var (parameters, operations) = (0, 0)
    for (index, layer) in layers.enumerated() {
      guard case .layer(_, let source) = graph.nodes[graph.layerNodes[index]] else { continue }
      let output = graph.shapes[graph.layerNodes[index]]
      let own = layer.parameters.reduce(0) { $0 + $1.value.count }
      let work = layer.operations(for: graph.shapes[source])
      parameters += own
      operations += work
      let lengths = (1..<output.rank).map { "\(output[$0])" }.joined(separator: "x")
      rows.append([layerNames[index], lengths, Model.grouped(own), Model.grouped(work)])
    }
    rows.append(["total", "", Model.grouped(parameters), Model.grouped(operations)])
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
