import Foundation

/// By pixel of a square image, how far the edge of what was drawn is; negative within.
///
/// Ink follows from distance, which gives smooth edges at any pen width.
struct DistanceField {
  private let side: Int
  private var field: [Float]

  /// A clear field; at most 64 pixels a side.
  init(side: Int) {
    self.side = side
    field = [Float](repeating: .infinity, count: side * side)
  }

  mutating func clear() {
    for i in field.indices { field[i] = .infinity }
  }

  /// Draws a chain of straight lines with a pen whose radius goes from one value to another, as pressure does.
  ///
  /// Only pixels that ink of the given softness can reach are touched.
  mutating func draw(_ points: [Point], radius: (first: Double, last: Double), softness: Double) {
    for i in 1..<points.count {
      let t = Double(i) / Double(points.count)
      let radius = radius.first + t * (radius.last - radius.first)
      draw(from: points[i - 1], to: points[i], radius: radius, softness: softness)
    }
  }

  /// Draws a short line somewhere, after clearing the field.
  mutating func drawStrayStroke(softness: Double, using generator: inout Generator) {
    clear()
    let edge = Double(side) - 1
    let start = Point(x: generator.uniform(in: 1...edge), y: generator.uniform(in: 1...edge))
    let direction = generator.uniform(in: 0...(2 * .pi))
    let length = generator.uniform(in: 3...10)
    let end = Point(x: start.x + length * cos(direction), y: start.y + length * sin(direction))
    draw(from: start, to: end, radius: generator.uniform(in: 0.4...1), softness: softness)
  }

  /// Covers what lies inside a closed chain of lines, by the even-odd rule.
  mutating func fill(_ outline: [Point]) {
    for row in 0..<side {
      let y = Double(row) + 0.5
      // A bit for each column: whether an odd number of edges lies to its left.
      var isInside: UInt64 = 0
      for i in 1..<outline.count {
        let (a, b) = (outline[i - 1], outline[i])
        guard (a.y <= y) != (b.y <= y) else { continue }
        let x = a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x)
        isInside ^= UInt64.max << min(max(Int((x + 0.5).rounded(.down)), 0), 64)
      }
      for column in 0..<side where isInside >> column & 1 == 1 { field[row * side + column] = -.infinity }
    }
  }

  /// Calls `body` with each pixel's index and how much of it is covered, edges fading over `softness` pixels.
  func forEachPixel(softness: Double, _ body: (_ index: Int, _ coverage: Float) -> Void) {
    let slope = 1 / Float(softness)
    field.withUnsafeBufferPointer { field in
      for i in 0..<field.count { body(i, min(max(0.5 - slope * field[i], 0), 1)) }
    }
  }

  /// Lowers the field around the line from `a` to `b`, as far as its ink can reach.
  private mutating func draw(from a: Point, to b: Point, radius: Double, softness: Double) {
    let reach = radius + softness / 2
    func range(_ a: Double, _ b: Double) -> Range<Int> {
      let first = max(Int((min(a, b) - reach).rounded(.down)), 0)
      let end = min(Int((max(a, b) + reach).rounded(.up)), side)
      return first..<max(first, end)
    }
    let (rows, columns) = (range(a.y, b.y), range(a.x, b.x))
    let (ax, ay) = (Float(a.x), Float(a.y))
    let (dx, dy) = (Float(b.x - a.x), Float(b.y - a.y))
    let scale = 1 / max(dx * dx + dy * dy, 1e-6)
    let radius = Float(radius)
    field.withUnsafeMutableBufferPointer { field in
      for row in rows {
        let y = Float(row) + 0.5 - ay
        for column in columns {
          let x = Float(column) + 0.5 - ax
          let t = min(max((x * dx + y * dy) * scale, 0), 1)
          let (ex, ey) = (x - t * dx, y - t * dy)
          let distance = (ex * ex + ey * ey).squareRoot() - radius
          let i = row * side + column
          if distance < field[i] { field[i] = distance }
        }
      }
    }
  }
}
