import Testing

@testable import SAMT

@Suite struct AugmentationTests {
  /// The definition, pixel by pixel: pad, cut, mirror.
  private func naive(_ image: [Float], _ shape: Shape, _ placement: Augmentation.Placement) -> [Float] {
    let (channels, height, width) = (shape[0], shape[1], shape[2])
    var out: [Float] = []
    for channel in 0..<channels {
      for y in 0..<height {
        for x in 0..<width {
          let (row, column) = (y + placement.down, (placement.isMirrored ? width - 1 - x : x) + placement.right)
          let isInside = row >= 0 && row < height && column >= 0 && column < width
          out.append(isInside ? image[(channel * height + row) * width + column] : 0)
        }
      }
    }
    return out
  }

  /// Every shift up to and beyond the image's size, mirrored and not; the output's old content must not matter.
  @Test(arguments: [[3, 5, 4], [1, 1, 1], [2, 3, 7], [1, 6, 2]] as [Shape])
  func copiesEqualTheDefinition(shape: Shape) {
    let image = (0..<shape.count).map { Float($0 + 1) }
    for down in -shape[1] - 1...shape[1] + 1 {
      for right in -shape[2] - 1...shape[2] + 1 {
        for isMirrored in [false, true] {
          let placement = Augmentation.Placement(down: down, right: right, isMirrored: isMirrored)
          var out = [Float](repeating: .nan, count: shape.count + 2)
          out.withUnsafeMutableBufferPointer { placement.copy(image, shape: shape, into: $0.baseAddress! + 1) }
          #expect(Array(out[1...shape.count]) == naive(image, shape, placement), "\(placement)")
          #expect(out[0].isNaN && out[shape.count + 1].isNaN, "wrote past the end: \(placement)")
        }
      }
    }
  }

  @Test func allPlacementsAreEquallyLikely() {
    var generator = Generator(seed: 3)
    let augmentation = Augmentation(padding: 1)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<18_000 {
      let placement = augmentation.placement(using: &generator)
      counts[[placement.down, placement.right, placement.isMirrored ? 1 : 0], default: 0] += 1
    }
    #expect(counts.count == 18)
    #expect(counts.keys.allSatisfy { (-1...1).contains($0[0]) && (-1...1).contains($0[1]) })
    // 1000 each; five standard deviations, of sqrt(18000 / 18 * 17 / 18).
    for (placement, count) in counts { #expect(abs(count - 1000) <= 154, "\(placement): \(count)") }
  }

  @Test func settingsDoNotChangeTheNextImagesNumbers() {
    func corners(_ augmentation: Augmentation) -> [[Int]] {
      var generator = Generator(seed: 4)
      return (0..<50).map { _ in
        let placement = augmentation.placement(using: &generator)
        return [placement.down, placement.right]
      }
    }
    #expect(corners(Augmentation(padding: 3)) == corners(Augmentation(padding: 3, flips: false)))
    #expect(corners(Augmentation(padding: 0)) == [[Int]](repeating: [0, 0], count: 50))
    var generator = Generator(seed: 4)
    let mirrored = (0..<50).map { _ in Augmentation(flips: false).placement(using: &generator).isMirrored }
    #expect(!mirrored.contains(true))
  }

  @Test func whatIsNoImageIsATypedError() throws {
    #expect(
      throws: SAMTError.configuration("augmentation needs images of shape [channels, height, width], found [784]")
    ) { try Augmentation().check([784]) }
    try Augmentation(padding: 0).check([3, 8, 8])
    try Augmentation(padding: 8).check([3, 8, 4])
    for padding in [-1, 9, .max, .min] {
      #expect(
        throws: SAMTError.configuration(
          "the padding of images of shape [3, 8, 4] must be in 0 ... 8, found \(padding)")
      ) { try Augmentation(padding: padding).check([3, 8, 4]) }
    }
  }
}
