import Foundation
import Testing

@testable import SAMT

@Suite struct ImageResizingTests {
  @Test(arguments: ResizingGolden.cases) func imagesAreThoseOfTheScript(_ example: ResizingGolden.Case) {
    let shape = Shape(example.shape)
    let image = Tensor((0..<shape.count).map { Float(sin(0.7 * Double($0) + 0.2)) }, shape: shape)
    let resized = image.resized(to: Size2D(example.size[0], example.size[1]))
    #expect(resized.shape == [shape[0], example.size[0], example.size[1]])
    #expect(resized.count == example.pixels.count)
    for (found, expected) in zip(resized.elements, example.pixels) {
      // Along each axis at most 8 products of numbers up to 1 are added, each rounded twice.
      #expect(abs(Double(found) - expected) <= 32 * 0x1p-24, "\(example.name)")
    }
  }

  @Test func theSameSizeChangesNothing() {
    let image = Tensor((0..<12).map(Float.init), shape: [1, 3, 4])
    #expect(image.resized(to: Size2D(3, 4)).elements == image.elements)
  }

  @Test func weightsAddUpToOne() {
    for length in 1...9 {
      for newLength in 1...9 {
        let sums = AxisResizing(from: length, to: newLength).sums
        #expect(sums.count == newLength)
        for sum in sums {
          #expect(sum.first >= 0 && sum.first + sum.weights.count <= length)
          #expect(abs(sum.weights.reduce(0, +) - 1) <= Float(sum.weights.count) * 0x1p-24)
        }
      }
    }
  }
}
