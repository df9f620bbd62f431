extension BuiltInDigits {
  /// A place in the plane; x grows to the right, y downwards.
  struct Point {
    var x, y: Double
  }

  /// A point that a stroke passes through, smoothly or turning sharply.
  struct Knot {
    var point: Point
    let isCorner: Bool
  }

  /// One movement of the pen: straight between corners, a Catmull-Rom spline through the rest.
  struct Stroke {
    var knots: [Knot]

    init(_ knots: Knot...) { self.knots = knots }

    /// The stroke as a chain of straight pieces, `pieces` for each pair of knots.
    func flattened(pieces: Int) -> [Point] {
      guard let first = knots.first else { return [] }
      var points = [first.point]
      points.reserveCapacity(1 + pieces * (knots.count - 1))
      for i in 1..<knots.count {
        let (from, to) = (knots[i - 1].point, knots[i].point)
        // At a corner, and at an end, the curve takes its direction from one side alone.
        let before = i == 1 || knots[i - 1].isCorner ? from : knots[i - 2].point
        let after = i == knots.count - 1 || knots[i].isCorner ? to : knots[i + 1].point
        for piece in 1...pieces {
          let t = Double(piece) / Double(pieces)
          points.append(
            Point(
              x: Self.spline(before.x, from.x, to.x, after.x, t), y: Self.spline(before.y, from.y, to.y, after.y, t)))
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
}
