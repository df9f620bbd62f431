/// The frame of a plot with two axes: where values stand in the drawing, grid lines, ticks and titles.
///
/// The drawing is 400 wide, about as many as the pixels of a telephone, so that its text is as large as the page's.
struct PlotFrame {
  static let (width, height) = (400.0, 250.0)
  private static let (right, top, bottom) = (12.0, 10.0, 40.0)

  let x: Scale
  let y: Scale
  let xTitle: String
  /// Where the plot begins, to the right of the vertical axis' labels.
  private let left: Double

  init(x: Scale, y: Scale, xTitle: String) {
    self.x = x
    self.y = y
    self.xTitle = xTitle
    // A digit is some 6.8 wide.
    left = max(46, 6.8 * Double(y.ticks.map(\.label.count).max() ?? 0) + 8)
  }

  /// The place of a point; nil where it has none on a scale.
  func place(_ xValue: Double, _ yValue: Double) -> (x: Double, y: Double)? {
    guard let right = x.position(xValue), let up = y.position(yValue) else { return nil }
    return (column(right), row(up))
  }

  /// The place at the upper edge above `xValue`; for what has no height.
  func edge(_ xValue: Double) -> (x: Double, y: Double)? {
    x.position(xValue).map { (column($0), Self.top + 6) }
  }

  /// Grid, ticks and the title of the horizontal axis.
  var axes: Markup {
    let (first, last) = (column(0), column(1))
    let (low, high) = (row(0), row(1))
    let horizontal: [Markup] = y.ticks.compactMap { tick in
      guard let up = y.position(tick.value) else { return nil }
      let line = row(up)
      return """
        <path class="rule" d="M\(first) \(line)H\(last)"/><text x="\(first - 6)" y="\(line + 4)" class="end">\(tick.label)</text>
        """
    }
    let vertical: [Markup] = x.ticks.compactMap { tick in
      guard let right = x.position(tick.value) else { return nil }
      let line = column(right)
      return """
        <path class="tick" d="M\(line) \(low)v4"/><text x="\(line)" y="\(low + 17)" class="middle">\(tick.label)</text>
        """
    }
    return """
      \(horizontal)<path class="axis" d="M\(first) \(high)V\(low)H\(last)"/>\(vertical)<text x="\((first + last) / 2)" \
      y="\(Self.height - 5)" class="middle title">\(xTitle)</text>
      """
  }

  private func column(_ share: Double) -> Double { left + share * (Self.width - left - Self.right) }

  private func row(_ share: Double) -> Double {
    Self.height - Self.bottom - share * (Self.height - Self.top - Self.bottom)
  }
}
