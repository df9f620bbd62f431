/// Rows of cells, aligned in columns.
struct TextTable {
  private let rows: [[String]]
  private let leftAligned: Int

  /// A table of rows of equal length, whose first `leftAligned` columns begin at one place and whose others end at one.
  init(_ rows: [[String]], leftAligned: Int = 1) {
    self.rows = rows
    self.leftAligned = leftAligned
  }

  /// The rows as lines, without a line end behind the last.
  var text: String {
    let columns = rows.first?.indices ?? 0..<0
    let widths = columns.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      columns.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return column < leftAligned ? row[column] + space : space + row[column]
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
