import Testing

@testable import SAMT

@Suite struct TestSplitTests {
  @Test(arguments: [(2, 0.5, 1), (10, 0.2, 2), (10, 0.01, 1), (10, 0.999, 9), (442, 0.2, 88), (3, 0.5, 2)])
  func everyExampleIsInOnePart(count: Int, fraction: Double, testCount: Int) throws {
    let split = try TestSplit(count: count, testFraction: fraction, seed: 4)
    #expect(split.test.count == testCount)
    #expect((split.training + split.test).sorted() == Array(0..<count))
    #expect(split.training == split.training.sorted() && split.test == split.test.sorted())
  }

  @Test func theSeedAloneDecides() throws {
    func test(_ seed: UInt64) throws -> [Int] { try TestSplit(count: 100, testFraction: 0.2, seed: seed).test }
    #expect(try test(1) == test(1))
    #expect(try test(1) != test(2))
    #expect(try test(1) != Array(0..<20))
  }

  @Test func eachClassHasItsFraction() throws {
    let classes = (0..<200).map { Int32($0 % 20 == 7 ? 1 : 0) }
    let split = try TestSplit(count: 200, testFraction: 0.2, seed: 4, classes: classes[...])
    #expect(split.test.count == 40 && split.test.count { classes[$0] == 1 } == 2)
    let alone = try TestSplit(count: 2, testFraction: 0.1, seed: 4, classes: [0, 1])
    #expect(alone.test.count == 1 && alone.training.count == 1)
  }

  @Test(arguments: [(1, 0.5), (0, 0.5), (10, 0), (10, 1), (10, .nan), (10, -0.1)])
  func whatCannotBeSplitIsRefused(count: Int, fraction: Double) {
    #expect(throws: SAMTError.self) { try TestSplit(count: count, testFraction: fraction, seed: 1) }
  }

  @Test func selectedExamplesKeepTheirTargets() {
    let inputs = Tensor((0..<8).map(Float.init), shape: [4, 2])
    let classes = Dataset(inputs: inputs, labels: [0, 1, 2, 1], classCount: 3, classNames: ["a", "b", "c"])
    let selected = classes.selecting([3, 0])
    #expect(selected.inputs.elements == [6, 7, 0, 1] && Array(selected.labels) == [1, 0])
    #expect(selected.classCount == 3 && selected.classNames == ["a", "b", "c"])
    let values = Dataset(inputs: inputs, values: Tensor([1, 2, 3, 4], shape: [4]))
    guard case .values(let targets) = values.selecting([2, 2]).targets else {
      Issue.record("expected values")
      return
    }
    #expect(targets.elements == [3, 3])
    #expect(values.selecting([]).count == 0)
  }
}
