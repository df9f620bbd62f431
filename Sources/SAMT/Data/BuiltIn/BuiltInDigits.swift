/// The drawing of digits: figures made of strokes, and the random distortions that make them a task.
struct BuiltInDigits: ExamplePainter {
  static let exampleShape: Shape = [1, side, side]
  static let classCount = 10
  static let streams: UInt64 = 0xd160

  private static let side = 28
  private static let pixels = side * side

  private var field = DistanceField(side: side)
  private var noise = PixelNoise(count: pixels)

  mutating func paint(_ digit: Int, using generator: inout Generator, into image: UnsafeMutablePointer<Float>) {
    image.update(repeating: 0, count: Self.pixels)
    let softness = generator.uniform(in: 1.1...2.2)
    drawFigure(digit, softness: softness, using: &generator)
    ink(image, strength: generator.uniform(in: 0.55...1), softness: softness)
    if generator.uniform() < 0.2 { rubOut(image, using: &generator) }
    for _ in 0..<2 where generator.uniform() < 0.25 {
      field.drawStrayStroke(softness: softness, using: &generator)
      ink(image, strength: generator.uniform(in: 0.3...0.8), softness: softness)
    }
    noise.add(to: image, amplitude: generator.uniform(in: 0...0.16), using: &generator)
  }

  private mutating func drawFigure(_ digit: Int, softness: Double, using generator: inout Generator) {
    let radius = generator.uniform(in: 0.9...2)
    let distortion = Self.distortion(using: &generator)
    field.clear()
    let figure = Self.figures[digit][generator.integer(in: 0...Self.figures[digit].count - 1)]
    for stroke in figure {
      let points = stroke.jittered(0.18, using: &generator).flattened(pieces: 5).map(distortion.place)
      let first = radius * generator.uniform(in: 0.75...1.25)
      let last = radius * generator.uniform(in: 0.75...1.25)
      field.draw(points, radius: (first, last), softness: softness)
    }
  }

  private static func distortion(using generator: inout Generator) -> Distortion {
    let height = generator.uniform(in: 1.65...2.05)
    let width = height * generator.uniform(in: 0.85...1.2)
    let angle = 0.1 * generator.normal()
    let slant = 0.12 + 0.18 * generator.normal()
    let centre = Point(x: 14 + generator.normal(), y: 14 + generator.normal())
    let bend = Distortion.Bend(
      amplitude: Point(x: 0.45 * generator.normal(), y: 0.45 * generator.normal()),
      phase: Point(x: generator.uniform(in: 0...(2 * .pi)), y: generator.uniform(in: 0...(2 * .pi))),
      frequency: generator.uniform(in: 0.4...0.8))
    return Distortion(
      from: Point(x: 3, y: 5), to: centre, width: width, height: height, angle: angle, slant: slant, bend: bend)
  }

  /// Lays ink over `image`; where there is more already, that stays.
  private func ink(_ image: UnsafeMutablePointer<Float>, strength: Double, softness: Double) {
    let strength = Float(strength)
    field.forEachPixel(softness: softness) { i, coverage in
      let ink = strength * coverage
      if ink > image[i] { image[i] = ink }
    }
  }

  /// Wipes out a small rectangle.
  private func rubOut(_ image: UnsafeMutablePointer<Float>, using generator: inout Generator) {
    let side = Self.side
    let (height, width) = (generator.integer(in: 2...5), generator.integer(in: 2...5))
    let top = generator.integer(in: 4...side - 5 - height)
    let left = generator.integer(in: 4...side - 5 - width)
    for row in top..<top + height { (image + row * side + left).update(repeating: 0, count: width) }
  }
}
