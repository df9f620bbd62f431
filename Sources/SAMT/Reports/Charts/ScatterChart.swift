/// Points by two quantities, such as what each run cost and what it reached.
struct ScatterChart {
  var title: String
  var x: Axis
  var y: Axis
  var series: [Series]

  /// The most points of a series that are drawn.
  private static let mostPoints = 240

  var figure: Figure {
    let points = series.flatMap(\.points)
    let (xKind, yKind) = (x.kind(for: points.map(\.x)), y.kind(for: points.map(\.y)))
    let frame = PlotFrame(
      x: Scale(covering: points.map(\.x), kind: xKind, isWhole: x.isWhole),
      y: Scale(covering: points.map(\.y), kind: yKind), xTitle: x.title)
    let marks: [Markup] = series.flatMap { series in
      series.decimated(to: Self.mostPoints).compactMap { point in
        frame.place(point.x, point.y).map { place in
          Figure.marker(
            series.style, at: place, isLarge: true,
            title: "\(series.name): \(NumberText.value(point.y)) at \(NumberText.value(point.x))")
        }
      }
    }
    let rows = series.flatMap { series in
      series.points.map { [series.name, NumberText.value($0.x), NumberText.value($0.y)] }
    }
    return Figure(
      caption: title, legend: Figure.legend(series, showsLine: false),
      description: "\(y.title) over \(x.title). " + series.map(\.summary).joined(separator: " "),
      drawing: marks.isEmpty ? "<text x=\"200\" y=\"125\" class=\"middle\">no values</text>" : "\(frame.axes)\(marks)",
      note: xKind == .logarithmic ? "Logarithmic scale." : "",
      table: DataTable(columns: ["", x.title, y.title], rows: rows).sampled())
  }
}
