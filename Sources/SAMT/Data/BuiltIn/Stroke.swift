/// A place in the plane; x grows to the right, y downwards.
struct Point {
  var x, y: Double
}

/// A point that a stroke passes through, smoothly or turning sharply.
struct Knot {
  var point: Point
  let isCorner: Bool

  static func smooth(_ x: Double, _ y: Double) -> Knot { Knot(point: Point(x: x, y: y), isCorner: false) }
  static func corner(_ x: Double, _ y: Double) -> Knot { Knot(point: Point(x: x, y: y), isCorner: true) }
}

/// One movement of the pen: straight between corners, a Catmull-Rom spline through the rest.
struct Stroke {
  private var knots: [Knot]
  private let isClosed: Bool

  init(_ knots: Knot..., isClosed: Bool = false) {
    self.knots = knots
    self.isClosed = isClosed
  }

  /// The same with every knot moved at random, by `deviation` along each axis.
  func jittered(_ deviation: Double, using generator: inout Generator) -> Stroke {
    var stroke = self
    for i in knots.indices {
      stroke.knots[i].point.x += deviation * generator.normal()
      stroke.knots[i].point.y += deviation * generator.normal()
    }
    return stroke
  }

  /// The stroke as a chain of straight pieces, `pieces` for each pair of knots; a closed one ends where it began.
  func flattened(pieces: Int) -> [Point] {
    guard let first = knots.first else { return [] }
    let count = knots.count
    let pairs = isClosed ? count : count - 1
    var points = [first.point]
    points.reserveCapacity(1 + pieces * pairs)
    for i in 0..<pairs {
      let (from, to) = (knots[i], knots[(i + 1) % count])
      // At a corner, and at an end, the curve takes its direction from one side alone.
      let (isFirst, isLast) = (!isClosed && i == 0, !isClosed && i == pairs - 1)
      let before = isFirst || from.isCorner ? from.point : knots[(i + count - 1) % count].point
      let after = isLast || to.isCorner ? to.point : knots[(i + 2) % count].point
      for piece in 1...pieces {
        let t = Double(piece) / Double(pieces)
        points.append(
          Point(
            x: Self.spline(before.x, from.point.x, to.point.x, after.x, t),
            y: Self.spline(before.y, from.point.y, to.point.y, after.y, t)))
      }
    }
    return points
  }

  /// The uniform Catmull-Rom curve from b (t = 0) to c (t = 1).
  private static func spline(_ a: Double, _ b: Double, _ c: Double, _ d: Double, _ t: Double) -> Double {
    let linear = c - a
    let square = 2 * a - 5 * b + 4 * c - d
    let cube = 3 * (b - c) + d - a
    return b + 0.5 * t * (linear + t * (square + t * cube))
  }
}
