/// Random changes to training images that leave their labels right: a crop and a flip.
public struct Augmentation: Sendable, Codable, Equatable {
  /// Zeros around each image, on every side, before a part of the image's own size is cut out at a random place.
  public var padding: Int
  /// Whether every other image, at random, is mirrored left to right.
  public var flips: Bool

  /// Crops and flips, as is usual for images of 32 x 32.
  public init(padding: Int = 4, flips: Bool = true) {
    self.padding = padding
    self.flips = flips
  }

  /// What happens to one image.
  struct Placement {
    /// How far below and to the right of the image's own corner the part that is cut out begins.
    var down, right: Int
    var isMirrored: Bool
  }

  /// One image's random numbers: always three, so that the settings do not change what the next image gets.
  func placement(using generator: inout Generator) -> Placement {
    let down = generator.integer(in: -padding...padding)
    let right = generator.integer(in: -padding...padding)
    let isMirrored = generator.uniform() < 0.5
    return Placement(down: down, right: right, isMirrored: flips && isMirrored)
  }

  /// - Throws: ``SAMTError/configuration(_:)`` where examples of this shape are no images, or the padding is out of range.
  func check(_ exampleShape: Shape) throws(SAMTError) {
    guard exampleShape.rank == 3 else {
      throw .configuration("augmentation needs images of shape [channels, height, width], found \(exampleShape)")
    }
    let limit = max(exampleShape[1], exampleShape[2])
    guard (0...limit).contains(padding) else {
      throw .configuration("the padding of images of shape \(exampleShape) must be in 0 ... \(limit), found \(padding)")
    }
  }
}

extension Augmentation.Placement {
  /// Writes the part of `image` that this placement cuts out, zeros where it reaches beyond the image.
  ///
  /// - Parameters:
  ///   - image: (channels, height, width).
  ///   - shape: of `image` and of `out`, which do not overlap.
  func copy(_ image: UnsafePointer<Float>, shape: Shape, into out: UnsafeMutablePointer<Float>) {
    let (height, width) = (shape[1], shape[2])
    // The columns of the part that lie within the image.
    let columns = max(0, -right)..<max(max(0, -right), min(width, width - right))
    for plane in 0..<shape[0] {
      for y in 0..<height {
        let row = out + (plane * height + y) * width
        row.update(repeating: 0, count: width)
        guard (0..<height).contains(y + down) else { continue }
        let source = image + (plane * height + y + down) * width + right
        if isMirrored {
          for x in columns { row[width - 1 - x] = source[x] }
        } else {
          (row + columns.lowerBound).update(from: source + columns.lowerBound, count: columns.count)
        }
      }
    }
  }
}
