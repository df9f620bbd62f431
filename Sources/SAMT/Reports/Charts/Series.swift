/// A point of a series, with the range of what it is a mean of where there is one.
struct SeriesPoint: Equatable, Sendable {
  var x: Double
  var y: Double
  var range: ClosedRange<Double>?

  init(_ x: Double, _ y: Double, range: ClosedRange<Double>? = nil) {
    self.x = x
    self.y = y
    self.range = range
  }
}

/// What one line of a chart shows; `style` says how it looks, see ``Palette``.
struct Series: Equatable, Sendable {
  var name: String
  var style: Int
  var points: [SeriesPoint]

  /// About `limit` of the points at most, so that the drawing keeps its shape and a page its size.
  ///
  /// Each of equal buckets keeps its lowest and its highest point, and one that is no number where there is one; the first
  /// and the last point always stay.
  func decimated(to limit: Int = 240) -> [SeriesPoint] {
    guard points.count > limit, limit >= 6 else { return points }
    let buckets = limit / 3
    var kept: [SeriesPoint] = []
    for bucket in 0..<buckets {
      let range = bucket * points.count / buckets..<(bucket + 1) * points.count / buckets
      let numbers = range.filter { Scale.isDrawable(points[$0].y) }
      var indices = Set([range.first { !Scale.isDrawable(points[$0].y) }].compactMap(\.self))
      if let low = numbers.min(by: { points[$0].y < points[$1].y }) { indices.insert(low) }
      if let high = numbers.max(by: { points[$0].y < points[$1].y }) { indices.insert(high) }
      if bucket == 0 { indices.insert(0) }
      if bucket == buckets - 1 { indices.insert(points.count - 1) }
      kept += indices.sorted().map { points[$0] }
    }
    return kept
  }

  /// What the series comes to, in words.
  var summary: String {
    let numbers = points.filter { Scale.isDrawable($0.y) }
    guard let first = numbers.first, let last = numbers.last, let low = numbers.min(by: { $0.y < $1.y }),
      let high = numbers.max(by: { $0.y < $1.y })
    else { return "\(name): no values." }
    func text(_ point: SeriesPoint) -> String { "\(NumberText.value(point.y)) at \(NumberText.value(point.x))" }
    guard numbers.count > 1 else { return "\(name): \(text(first))." }
    return "\(name): from \(text(first)) to \(text(last)), lowest \(text(low)), highest \(text(high))."
  }
}
