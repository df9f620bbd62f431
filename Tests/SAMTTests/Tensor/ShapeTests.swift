import Testing

@testable import SAMT

@Suite struct ShapeTests {
  @Test(arguments: [
    ([Int](), 0, 1, 1), ([0], 1, 0, 1), ([5], 1, 5, 1), ([2, 3], 2, 6, 3), ([4, 0], 2, 0, 0), ([2, 3, 4], 3, 24, 12),
    ([2, 3, 4, 5], 4, 120, 60),
  ])
  func countsAndRank(_ lengths: [Int], rank: Int, count: Int, elementsPerRow: Int) {
    let shape = Shape(lengths)
    #expect(shape.rank == rank)
    #expect(shape.count == count)
    #expect(shape.elementsPerRow == elementsPerRow)
    #expect((0..<rank).map { shape[$0] } == lengths)
    #expect("\(shape)" == "\(lengths)")
  }

  @Test func equalityNeedsTheRank() {
    #expect(Shape([2, 3]) == [2, 3])
    #expect(Shape([2, 3]) != [3, 2])
    #expect(Shape([2]) != [2, 1])
    #expect(Set([Shape([2]), [2, 1], [2], [2, 1, 1]]).count == 3)
  }

  @Test func aBatchAxisGoesInFront() {
    #expect(Shape([]).batched(7) == [7])
    #expect(Shape([3, 4]).batched(2) == [2, 3, 4])
    #expect(Shape([1, 28, 28]).batched(0) == [0, 1, 28, 28])
    #expect(Shape([5, 6]).withRows(2) == [2, 6])
  }

  @Test func countsThatOverflowAreRefused() {
    #expect(Shape.count(of: [1 << 31, 1 << 31]) == 1 << 62)
    #expect(Shape.count(of: [1 << 32, 1 << 31]) == nil)
    #expect(Shape.count(of: [Int.max, 2, 0]) == nil)
    #expect(Shape.count(of: []) == 1)
  }

  @Test func aShapeThatOverflowsTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Shape([Int.max, 2])
    }
    expectMessage(result, "representable", "[9223372036854775807, 2]")
  }

  @Test func aNegativeLengthTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = Shape([3, -1]) }
    expectMessage(result, "negative", "[3, -1]")
  }

  @Test func fiveAxesTrap() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Shape([1, 2, 3, 4, 5])
    }
    expectMessage(result, "at most four axes", "[1, 2, 3, 4, 5]")
  }

  @Test func anAxisThatIsNotThereTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Shape([2, 3])[2]
    }
    expectMessage(result, "axis 2", "rank 2")
  }
}
