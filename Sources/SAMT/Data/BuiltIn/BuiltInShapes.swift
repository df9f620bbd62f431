import Foundation

/// The drawing of coloured shapes: an outline, perhaps filled, before a ground of other colours and lines.
struct BuiltInShapes: ExamplePainter {
  static let exampleShape: Shape = [3, side, side]
  static let classCount = outlines.count
  static let streams: UInt64 = 0x5a9e

  private static let side = 32
  private static let pixels = side * side

  /// Red, green and blue.
  private typealias Colour = (Float, Float, Float)

  private var field = DistanceField(side: side)
  private var noise = PixelNoise(count: 3 * pixels)

  mutating func paint(_ shape: Int, using generator: inout Generator, into image: UnsafeMutablePointer<Float>) {
    let softness = generator.uniform(in: 0.8...1.6)
    paintGround(image, using: &generator)
    for _ in 0..<3 where generator.uniform() < 0.5 { paintStrayStroke(image, softness: softness, using: &generator) }
    drawFigure(shape, softness: softness, using: &generator)
    let colour = Self.colour(in: 0.45...1, using: &generator)
    blend(colour, into: image, strength: generator.uniform(in: 0.7...1), softness: softness)
    if generator.uniform() < 0.3 { paintStrayStroke(image, softness: softness, using: &generator) }
    noise.add(to: image, amplitude: generator.uniform(in: 0...0.25), using: &generator)
  }

  /// One colour turning into another along a random direction.
  private func paintGround(_ image: UnsafeMutablePointer<Float>, using generator: inout Generator) {
    let (side, pixels) = (Self.side, Self.pixels)
    let first = Self.colour(in: 0...0.55, using: &generator)
    let last = Self.colour(in: 0...0.55, using: &generator)
    let direction = generator.uniform(in: 0...(2 * .pi))
    let (dx, dy) = (Float(cos(direction)) / Float(side), Float(sin(direction)) / Float(side))
    for row in 0..<side {
      for column in 0..<side {
        let t = 0.5 + dx * Float(column - side / 2) + dy * Float(row - side / 2)
        let i = row * side + column
        image[i] = first.0 + t * (last.0 - first.0)
        image[pixels + i] = first.1 + t * (last.1 - first.1)
        image[2 * pixels + i] = first.2 + t * (last.2 - first.2)
      }
    }
  }

  private mutating func paintStrayStroke(
    _ image: UnsafeMutablePointer<Float>, softness: Double, using generator: inout Generator
  ) {
    field.drawStrayStroke(softness: softness, using: &generator)
    blend(Self.colour(in: 0...0.9, using: &generator), into: image, strength: 1, softness: softness)
  }

  private mutating func drawFigure(_ shape: Int, softness: Double, using generator: inout Generator) {
    let height = generator.uniform(in: 7...11.5)
    // A mirrored shape is as likely as the shape.
    let width = height * generator.uniform(in: 0.8...1.25) * (generator.uniform() < 0.5 ? -1 : 1)
    let centre = Point(x: 16 + 1.9 * generator.normal(), y: 16 + 1.9 * generator.normal())
    let distortion = Distortion(
      from: Point(x: 0, y: 0), to: centre, width: width, height: height, angle: 0.25 * generator.normal())
    let outline = Self.outlines[shape].jittered(0.04, using: &generator).flattened(pieces: 4).map(distortion.place)
    // The pen is at least as wide as the edge is soft, so that a filled shape has no seam.
    let radius = generator.uniform(in: 0.8...1.8)
    field.clear()
    field.draw(outline, radius: (radius, radius), softness: softness)
    if generator.uniform() < 0.5 { field.fill(outline) }
  }

  private func blend(
    _ colour: Colour, into image: UnsafeMutablePointer<Float>, strength: Double, softness: Double
  ) {
    let (pixels, strength) = (Self.pixels, Float(strength))
    field.forEachPixel(softness: softness) { i, coverage in
      let share = strength * coverage
      image[i] += share * (colour.0 - image[i])
      image[pixels + i] += share * (colour.1 - image[pixels + i])
      image[2 * pixels + i] += share * (colour.2 - image[2 * pixels + i])
    }
  }

  private static func colour(in range: ClosedRange<Double>, using generator: inout Generator) -> Colour {
    let red = Float(generator.uniform(in: range))
    let green = Float(generator.uniform(in: range))
    return (red, green, Float(generator.uniform(in: range)))
  }
}
