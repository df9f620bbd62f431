import Foundation

extension BuiltInDigits {
  /// Draws one image after the other, reusing its scratch memory.
  ///
  /// Strokes leave their distance in a field, pixel by pixel, and ink follows from distance, which gives smooth edges
  /// at any pen width.
  struct Painter {
    /// By pixel, how far the nearest stroke's edge is; negative within the stroke.
    private var field = [Float](repeating: 0, count: pixels)
    private var noise = Tensor(zeros: [2, pixels])

    /// Overwrites `image` with a random rendering of `digit`.
    mutating func paint(_ digit: Int, using generator: inout Generator, into image: UnsafeMutablePointer<Float>) {
      image.update(repeating: 0, count: pixels)
      let softness = generator.uniform(in: 1.1...2.2)
      drawFigure(digit, softness: softness, using: &generator)
      ink(image, strength: generator.uniform(in: 0.55...1), softness: softness)
      if generator.uniform() < 0.2 { rubOut(image, using: &generator) }
      for _ in 0..<2 where generator.uniform() < 0.25 {
        drawStrayStroke(softness: softness, using: &generator)
        ink(image, strength: generator.uniform(in: 0.3...0.8), softness: softness)
      }
      addNoise(image, using: &generator)
    }

    private mutating func drawFigure(_ digit: Int, softness: Double, using generator: inout Generator) {
      let radius = generator.uniform(in: 0.9...2)
      let distortion = Distortion(using: &generator)
      clear()
      let figure = figures[digit][generator.integer(in: 0...figures[digit].count - 1)]
      for var stroke in figure {
        for i in stroke.knots.indices {
          stroke.knots[i].point.x += 0.18 * generator.normal()
          stroke.knots[i].point.y += 0.18 * generator.normal()
        }
        let points = stroke.flattened(pieces: 5).map(distortion.place)
        // Pressure changes along the way.
        let (first, last) = (radius * generator.uniform(in: 0.75...1.25), radius * generator.uniform(in: 0.75...1.25))
        for i in 1..<points.count {
          let t = Double(i) / Double(points.count)
          draw(from: points[i - 1], to: points[i], radius: first + t * (last - first), softness: softness)
        }
      }
    }

    private mutating func drawStrayStroke(softness: Double, using generator: inout Generator) {
      clear()
      let start = Point(x: generator.uniform(in: 1...27), y: generator.uniform(in: 1...27))
      let direction = generator.uniform(in: 0...(2 * .pi))
      let length = generator.uniform(in: 3...10)
      let end = Point(x: start.x + length * cos(direction), y: start.y + length * sin(direction))
      draw(from: start, to: end, radius: generator.uniform(in: 0.4...1), softness: softness)
    }

    private mutating func clear() {
      for i in field.indices { field[i] = .infinity }
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

    /// Lays ink over `image` where the field is low, fading over `softness` pixels.
    private func ink(_ image: UnsafeMutablePointer<Float>, strength: Double, softness: Double) {
      let (strength, slope) = (Float(strength), 1 / Float(softness))
      field.withUnsafeBufferPointer { field in
        for i in 0..<pixels {
          let ink = strength * min(max(0.5 - slope * field[i], 0), 1)
          if ink > image[i] { image[i] = ink }
        }
      }
    }

    /// Wipes out a small rectangle.
    private func rubOut(_ image: UnsafeMutablePointer<Float>, using generator: inout Generator) {
      let (height, width) = (generator.integer(in: 2...5), generator.integer(in: 2...5))
      let top = generator.integer(in: 4...side - 5 - height)
      let left = generator.integer(in: 4...side - 5 - width)
      for row in top..<top + height { (image + row * side + left).update(repeating: 0, count: width) }
    }

    /// Adds noise of triangular distribution, then brings every pixel back between 0 and 1.
    private mutating func addNoise(_ image: UnsafeMutablePointer<Float>, using generator: inout Generator) {
      let amplitude = Float(generator.uniform(in: 0...0.16))
      Kernels.fillUniform(&noise, using: &generator)
      noise.withPointer { noise in
        for i in 0..<pixels {
          image[i] = min(max(image[i] + amplitude * (noise[i] - noise[pixels + i]), 0), 1)
        }
      }
    }
  }

  /// Where the field that a figure is written on lies in the image: turned, slanted, scaled, shifted and bent.
  private struct Distortion {
    private let xx, xy, yx, yy: Double
    private let centre: Point
    private let bend, phase: Point
    private let frequency: Double

    init(using generator: inout Generator) {
      let size = generator.uniform(in: 1.65...2.05)
      let width = size * generator.uniform(in: 0.85...1.2)
      let angle = 0.1 * generator.normal()
      let slant = 0.12 + 0.18 * generator.normal()
      // Slant, then scale, then turn; y grows downwards, so a slant to the right is negative.
      (xx, xy) = (cos(angle) * width, -cos(angle) * width * slant - sin(angle) * size)
      (yx, yy) = (sin(angle) * width, -sin(angle) * width * slant + cos(angle) * size)
      centre = Point(x: 14 + generator.normal(), y: 14 + generator.normal())
      bend = Point(x: 0.45 * generator.normal(), y: 0.45 * generator.normal())
      phase = Point(x: generator.uniform(in: 0...(2 * .pi)), y: generator.uniform(in: 0...(2 * .pi)))
      frequency = generator.uniform(in: 0.4...0.8)
    }

    /// Where `point` of the field of six by ten lies in the image.
    func place(_ point: Point) -> Point {
      let x = point.x - 3 + bend.x * sin(frequency * point.y + phase.x)
      let y = point.y - 5 + bend.y * sin(frequency * point.x + phase.y)
      return Point(x: centre.x + xx * x + xy * y, y: centre.y + yx * x + yy * y)
    }
  }
}
