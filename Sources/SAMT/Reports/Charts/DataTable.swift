/// A table on a page; the first column names the rows.
struct DataTable: Equatable {
  var columns: [String]
  var rows: [[String]]

  /// A table that is there at once.
  var markup: Markup {
    let head: [Markup] = columns.map { "<th scope=\"col\">\($0)</th>" }
    let body: [Markup] = rows.map { row in
      let cells: [Markup] = row.enumerated().map { index, cell in
        index == 0 ? "<th scope=\"row\">\(cell)</th>" : "<td>\(cell)</td>"
      }
      return "<tr>\(cells)</tr>\n"
    }
    return """
      <div class="scroll" tabindex="0"><table><thead><tr>\(head)</tr></thead>
      <tbody>\(body)</tbody></table></div>
      """
  }

  /// A table that opens when it is asked for; nothing where there is no row.
  var details: Markup { rows.isEmpty ? "" : "<details><summary>Values</summary>\(markup)</details>" }

  /// About as many rows as `limit`, evenly among all, the first and the last among them.
  func sampled(to limit: Int = 60) -> DataTable {
    guard rows.count > limit, limit >= 2 else { return self }
    return DataTable(columns: columns, rows: (0..<limit).map { rows[$0 * (rows.count - 1) / (limit - 1)] })
  }

  /// The points of several series, a row for each place on the horizontal axis.
  init(_ xTitle: String, _ series: [Series]) {
    columns = [xTitle] + series.map(\.name)
    var values: [Double: [String]] = [:]
    for (index, series) in series.enumerated() {
      for point in series.points where !point.x.isNaN {
        values[point.x, default: [String](repeating: "", count: columns.count - 1)][index] = NumberText.value(point.y)
      }
    }
    rows = values.sorted { $0.key < $1.key }.map { [NumberText.value($0.key)] + $0.value }
  }

  init(columns: [String], rows: [[String]]) {
    self.columns = columns
    self.rows = rows
  }
}
