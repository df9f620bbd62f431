/// Values by row and over an axis as colours, sixteen of them, with their scale beneath.
struct HeatMap {
  var title: String
  /// What the rows are, and what the columns.
  var axes: (rows: String, columns: String)
  var rowNames: [String]
  /// Where the columns stand on the horizontal axis, which ascend in equal steps.
  var columns: [Double]
  /// [row][column]; NaN where there is none.
  var values: [[Double]]
  /// Nil to choose by the values.
  var kind: Scale.Kind?

  /// The most columns that are drawn; beyond, each shows the last value of several.
  private static let mostColumns = 80
  /// The most rows that are drawn; those beyond are left out, and the note says so.
  private static let mostRows = 100

  private static let (width, right) = (400.0, 8.0)

  var figure: Figure {
    let (rows, drawnColumns) = (Array(values.prefix(Self.mostRows)), sampledColumns)
    let drawable = rows.joined().filter { Scale.isDrawable($0) }
    let scale = Scale(covering: drawable, kind: kind ?? .fitting(drawable), isTight: true)
    let names = rowNames.prefix(Self.mostRows).map { $0.count > 18 ? "…" + $0.suffix(17) : $0 }
    let left = min(Double(names.map(\.count).max() ?? 0) * 6.2, 118) + 8
    let cellWidth = (Self.width - left - Self.right) / Double(max(drawnColumns.count, 1))
    let cellHeight = min(max(240 / Double(max(rows.count, 1)), 8), 22)
    let bottom = 6 + cellHeight * Double(rows.count)

    // One path a level: a cell is then as short as can be.
    var paths = [Markup](repeating: "", count: Palette.levelCount)
    for (row, line) in rows.enumerated() {
      for (place, column) in drawnColumns.enumerated() {
        guard let share = scale.position(line[column]) else { continue }
        let x = left + Double(place) * cellWidth
        paths[Palette.level(share)] += """
          M\(x) \(6 + Double(row) * cellHeight)h\(cellWidth)v\(cellHeight)h\(-cellWidth)z
          """
      }
    }
    let cells: [Markup] = paths.enumerated().map { level, path in
      path == "" ? "" : "<path class=\"h\(level)\" d=\"\(path)\"/>"
    }
    // Labels need ten units each.
    let every = Int((10 / cellHeight).rounded(.up))
    let labels: [Markup] = names.enumerated().map { row, name in
      guard row % every == 0 else { return "" }
      return """
        <text x="\(left - 5)" y="\(6 + (Double(row) + 0.5) * cellHeight + 3.5)" class="end small">\(name)</text>
        """
    }
    let size = (width: Self.width, height: bottom + 78)
    var notes: [String] = []
    if scale.kind == .logarithmic { notes.append("Logarithmic scale.") }
    if rows.contains(where: { row in drawnColumns.contains { scale.position(row[$0]) == nil } }) {
      notes.append("Where there is no colour, a value is missing, is not finite, or has no logarithm.")
    }
    if values.count > Self.mostRows { notes.append("The first \(Self.mostRows) of \(values.count) rows.") }
    return Figure(
      caption: title,
      description: "\(axes.rows) by \(axes.columns). Values from \(NumberText.value(scale.domain.lowerBound)) to "
        + "\(NumberText.value(scale.domain.upperBound)).",
      size: size,
      drawing: """
        \(labels)\(cells)\(horizontalAxis(left: left, cellWidth: cellWidth, bottom: bottom))\
        \(colourBar(scale, top: bottom + 44))
        """,
      note: notes.joined(separator: " "), table: table(rows, drawnColumns))
  }

  private var sampledColumns: [Int] {
    let count = columns.count
    guard count > Self.mostColumns else { return Array(0..<count) }
    return (1...Self.mostColumns).map { $0 * count / Self.mostColumns - 1 }
  }

  /// Ticks from the middle of the first column to that of the last.
  private func horizontalAxis(left: Double, cellWidth: Double, bottom: Double) -> Markup {
    let scale = Scale(covering: columns, mostTicks: 7, isTight: true, isWhole: true)
    let (first, last) = (left + cellWidth / 2, Self.width - Self.right - cellWidth / 2)
    let labels: [Markup] = scale.ticks.compactMap { tick in
      scale.position(tick.value).map { share in
        let x = columns.count == 1 ? first : first + share * (last - first)
        return """
          <path class="tick" d="M\(x) \(bottom)v4"/>\
          <text x="\(x)" y="\(bottom + 15)" class="middle small">\(tick.label)</text>
          """
      }
    }
    return """
      \(labels)<text x="\((left + Self.width - Self.right) / 2)" y="\(bottom + 31)" class="middle title">\(axes.columns)</text>
      """
  }

  /// The colours of all levels with the values that they stand for.
  private func colourBar(_ scale: Scale, top: Double) -> Markup {
    let (start, end) = (46.0, Self.width - 46)
    let width = (end - start) / Double(Palette.levelCount)
    let cells: [Markup] = (0..<Palette.levelCount).map { level in
      "<path class=\"h\(level)\" d=\"M\(start + Double(level) * width) \(top)h\(width)v8h\(-width)z\"/>"
    }
    let labels: [Markup] = scale.ticks.compactMap { tick in
      scale.position(tick.value).map { share in
        "<text x=\"\(start + share * (end - start))\" y=\"\(top + 20)\" class=\"middle small\">\(tick.label)</text>"
      }
    }
    return "\(cells)<path class=\"axis\" d=\"M\(start) \(top)H\(end)v8H\(start)z\"/>\(labels)"
  }

  /// A row for each column of the drawing: there may be many.
  private func table(_ rows: [[Double]], _ drawnColumns: [Int]) -> DataTable {
    DataTable(
      columns: [axes.columns] + rowNames.prefix(rows.count),
      rows: drawnColumns.map { column in
        [NumberText.value(columns[column])] + rows.map { NumberText.value($0[column]) }
      }
    ).sampled(to: 24)
  }
}
