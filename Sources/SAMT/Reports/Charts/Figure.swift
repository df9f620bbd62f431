/// A drawing on a page: its caption, legend, the drawing, a note, and its values as a table for whoever cannot see it.
struct Figure {
  var caption: String
  var legend: Markup = ""
  /// What the drawing shows, in words.
  var description: String
  var size: (width: Double, height: Double) = (PlotFrame.width, PlotFrame.height)
  /// The inside of the `svg` element.
  var drawing: Markup
  var note = ""
  var table: DataTable

  var markup: Markup {
    """
    <figure><figcaption>\(caption)</figcaption>\(legend)
    <svg viewBox="0 0 \(size.width) \(size.height)" role="img"><title>\(caption)</title><desc>\(description)</desc>\(drawing)</svg>
    \(note.isEmpty ? "" : "<p class=\"note\">\(note)</p>" as Markup)\(table.details)</figure>

    """
  }

  /// A line and a marker in each series' style with its name; nothing for a single series.
  static func legend(_ series: [Series], showsLine: Bool = true) -> Markup {
    guard series.count > 1 else { return "" }
    let entries: [Markup] = series.map { series in
      let line: Markup = showsLine ? "<path class=\"\(lineClass(series.style))\" d=\"M0 6H28\"/>" : ""
      return """
        <li><svg viewBox="0 0 28 12" width="28" height="12" aria-hidden="true">\(line)\(marker(series.style, at: (14, 6)))</svg>\
        \(series.name)</li>
        """
    }
    return "<ul class=\"legend\">\(entries)</ul>"
  }

  /// The class of a line of a style.
  static func lineClass(_ style: Int) -> String { "line s\(Palette.hue(style)) d\(Palette.shape(style))" }

  /// The marker of a style, with a text for whoever points at it.
  static func marker(
    _ style: Int, at place: (x: Double, y: Double), isLarge: Bool = false, title: String? = nil
  ) -> Markup {
    let shape = Markup(verbatim: Palette.markers[Palette.shape(style)])
    let label: Markup = title.map { "<title>\($0)</title>" } ?? ""
    guard isLarge else {
      return "<path class=\"mark s\(Palette.hue(style))\" d=\"M\(place.x) \(place.y)\(shape)\">\(label)</path>"
    }
    return """
      <path class="mark s\(Palette.hue(style))" transform="translate(\(place.x) \(place.y))scale(1.5)" d="M0 0\(shape)">\(label)</path>
      """
  }
}
