/// Lines over a common axis, each with a dash and a marker of its own, and a band where they are means.
///
/// Values that are no finite number interrupt the line and are marked by a cross at the upper edge.
struct LineChart {
  var title: String
  var x: Axis
  var y: Axis
  var series: [Series]

  /// The most points of a line that are drawn, and the most that have a marker.
  private static let (mostPoints, mostMarkers) = (240, 24)

  var figure: Figure {
    let points = series.flatMap(\.points)
    let heights = points.map(\.y) + points.compactMap(\.range?.lowerBound) + points.compactMap(\.range?.upperBound)
    let yKind = y.kind(for: heights)
    let frame = PlotFrame(
      x: Scale(covering: points.map(\.x), kind: x.kind ?? .linear, mostTicks: 8, isTight: true, isWhole: x.isWhole),
      y: Scale(covering: heights, kind: yKind, isWhole: heights.allSatisfy { $0 == $0.rounded() }), xTitle: x.title)
    let drawn = series.map { Series(name: $0.name, style: $0.style, points: $0.decimated(to: Self.mostPoints)) }
    let crosses = drawn.reduce(0) { $0 + $1.points.count { !Scale.isDrawable($0.y, yKind) } }
    var notes: [String] = []
    if yKind == .logarithmic { notes.append("Logarithmic scale.") }
    if crosses > 0 { notes.append("× marks a value that is not finite, or has no logarithm.") }
    return Figure(
      caption: title, legend: Figure.legend(series),
      description: "\(y.title) over \(x.title). " + series.map(\.summary).joined(separator: " "),
      drawing: points.isEmpty
        ? "<text x=\"200\" y=\"125\" class=\"middle\">no values</text>"
        : "\(frame.axes)\(drawn.map { band($0, frame) })\(drawn.map { line($0, frame) })",
      note: notes.joined(separator: " "), table: DataTable(x.title, series).sampled())
  }

  private func line(_ series: Series, _ frame: PlotFrame) -> Markup {
    var path: Markup = ""
    var marks: Markup = ""
    var isDown = false
    let every = (series.points.count - 1) / Self.mostMarkers + 1
    for (index, point) in series.points.enumerated() {
      guard let place = frame.place(point.x, point.y) else {
        isDown = false
        if let edge = frame.edge(point.x) {
          marks +=
            "<path class=\"cross\" d=\"M\(edge.x - 3) \(edge.y - 3)l6 6m0-6l-6 6\"><title>\(text(series, point))</title></path>"
        }
        continue
      }
      path += "\(Markup(verbatim: isDown ? "L" : "M"))\(place.x) \(place.y)"
      isDown = true
      if index % every == 0 || index == series.points.count - 1 {
        marks += Figure.marker(series.style, at: place, title: text(series, point))
      }
    }
    return "<path class=\"\(Figure.lineClass(series.style))\" d=\"\(path)\"/>\(marks)"
  }

  private func text(_ series: Series, _ point: SeriesPoint) -> String {
    "\(series.name): \(NumberText.value(point.y)) at \(NumberText.value(point.x))"
  }

  /// The area between the lowest and the highest values.
  private func band(_ series: Series, _ frame: PlotFrame) -> Markup {
    let edges = series.points.compactMap { point in
      point.range.flatMap { range in
        frame.place(point.x, range.upperBound).flatMap { top in
          frame.place(point.x, range.lowerBound).map { (top: top, bottom: $0) }
        }
      }
    }
    guard edges.count > 1 else { return "" }
    let there: [Markup] = edges.map { "L\($0.top.x) \($0.top.y)" }
    let back: [Markup] = edges.reversed().map { "L\($0.bottom.x) \($0.bottom.y)" }
    return
      "<path class=\"band s\(Palette.hue(series.style))\" d=\"M\(edges[0].top.x) \(edges[0].top.y)\(there)\(back)z\"/>"
  }
}
