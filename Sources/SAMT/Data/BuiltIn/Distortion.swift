import Foundation

/// Where the field that a figure is drawn on lies in the image: bent, slanted, scaled, turned and shifted.
struct Distortion {
  /// A wave that bends each axis along the other: amplitude and phase by axis, and its frequency.
  struct Bend {
    var amplitude = Point(x: 0, y: 0)
    var phase = Point(x: 0, y: 0)
    var frequency = 0.0
  }

  private let xx, xy, yx, yy: Double
  private let middle, centre: Point
  private let bend: Bend

  /// Puts the field's `middle` on the image's `centre`, each unit of the field `width` by `height` pixels.
  init(
    from middle: Point, to centre: Point, width: Double, height: Double, angle: Double, slant: Double = 0,
    bend: Bend = Bend()
  ) {
    // Slant, then scale, then turn; y grows downwards, so a slant to the right is negative.
    (xx, xy) = (cos(angle) * width, -cos(angle) * width * slant - sin(angle) * height)
    (yx, yy) = (sin(angle) * width, -sin(angle) * width * slant + cos(angle) * height)
    self.middle = middle
    self.centre = centre
    self.bend = bend
  }

  /// Where `point` of the field lies in the image.
  func place(_ point: Point) -> Point {
    let x = point.x - middle.x + bend.amplitude.x * sin(bend.frequency * point.y + bend.phase.x)
    let y = point.y - middle.y + bend.amplitude.y * sin(bend.frequency * point.x + bend.phase.y)
    return Point(x: centre.x + xx * x + xy * y, y: centre.y + yx * x + yy * y)
  }
}
