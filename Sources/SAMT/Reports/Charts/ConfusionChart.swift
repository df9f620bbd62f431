/// A confusion matrix: each row's examples by the class that was predicted, as shares of the row.
///
/// The colour is the square root of the share, so that rare mistakes can be seen beside what is right.
struct ConfusionChart {
  var title: String
  var classNames: [String]
  /// [true class][predicted class].
  var counts: [[Int]]

  /// The most classes whose cells have room for a number.
  private static let mostNumbers = 12
  /// The most classes that are drawn.
  private static let mostClasses = 100

  var figure: Figure {
    let count = min(counts.count, Self.mostClasses)
    let names = classNames.prefix(count).map { $0.count > 12 ? $0.prefix(11) + "…" : $0 }
    let left = min(Double(names.map(\.count).max() ?? 1) * 6.4, 84) + 26
    let cell = (400 - left - 6) / Double(max(count, 1))
    let bottom = 6 + cell * Double(count)
    var paths = [Markup](repeating: "", count: Palette.levelCount)
    var numbers: Markup = ""
    for row in 0..<count {
      let total = counts[row].reduce(0, +)
      for column in 0..<count where total > 0 {
        let level = Palette.level((Double(counts[row][column]) / Double(total)).squareRoot())
        let (x, y) = (left + Double(column) * cell, 6 + Double(row) * cell)
        paths[level] += "M\(x) \(y)h\(cell)v\(cell)h\(-cell)z"
        guard count <= Self.mostNumbers, counts[row][column] > 0 else { continue }
        numbers += """
          <text x="\(x + cell / 2)" y="\(y + cell / 2 + 3.5)" \
          class="middle small \(level < Palette.levelCount / 2 ? "low" : "high")">\(counts[row][column])</text>
          """
      }
    }
    let cells: [Markup] = paths.enumerated().map { level, path in
      path == "" ? "" : "<path class=\"h\(level)\" d=\"\(path)\"/>"
    }
    let every = Int((10 / cell).rounded(.up))
    let longest = Double(names.map(\.count).max() ?? 1) * 6.2
    // Names that would run into each other go aslant.
    let isSlanted = longest + 6.2 > cell
    let depth = isSlanted ? longest * 0.71 + 14 : 13
    let labels: [Markup] = names.enumerated().map { index, name in
      let along = (Double(index) + 0.5) * cell
      let row: Markup =
        index % every == 0
        ? "<text x=\"\(left - 5)\" y=\"\(6 + along + 3.5)\" class=\"end small\">\(name)</text>" : ""
      guard index % every == 0 else { return row }
      let column: Markup =
        isSlanted
        ? "<text transform=\"translate(\(left + along + 3) \(bottom + 9)) rotate(-45)\" class=\"end small\">\(name)</text>"
        : "<text x=\"\(left + along)\" y=\"\(bottom + 13)\" class=\"middle small\">\(name)</text>"
      return "\(row)\(column)"
    }
    let middle = 6 + cell * Double(count) / 2
    return Figure(
      caption: title, description: description, size: (400, bottom + depth + 23),
      drawing: """
        \(cells)\(numbers)\(labels)<text x="\((left + 394) / 2)" y="\(bottom + depth + 16)" class="middle title">predicted</text>\
        <text transform="translate(12 \(middle)) rotate(-90)" class="middle title">true class</text>
        """,
      note: counts.count > count ? "The first \(count) of \(counts.count) classes." : "",
      table: DataTable(
        columns: ["true class"] + classNames.prefix(count),
        rows: (0..<count).map { row in [classNames[row]] + counts[row].prefix(count).map(String.init) }))
  }

  /// How much is right, and the most frequent mistake.
  private var description: String {
    let total = counts.reduce(0) { $0 + $1.reduce(0, +) }
    let right = counts.indices.reduce(0) { $0 + counts[$1][$1] }
    var text = "Examples by true and by predicted class: \(right) of \(total) are right."
    let mistakes = counts.indices.flatMap { row in
      counts[row].indices.compactMap { row == $0 ? nil : (row: row, column: $0, count: counts[row][$0]) }
    }
    if let worst = mistakes.max(by: { $0.count < $1.count }), worst.count > 0 {
      text +=
        " The most frequent mistake takes \(classNames[worst.row]) for \(classNames[worst.column]), "
        + "\(worst.count) times."
    }
    return text
  }
}
