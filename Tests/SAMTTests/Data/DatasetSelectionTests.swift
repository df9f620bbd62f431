import Testing

@testable import SAMT

@Suite struct DatasetSelectionTests {
  /// Row i is (i, -i); its label is 0 for six of ten, 1 for three, 2 for one.
  private func classes(_ count: Int) -> Dataset {
    let labels = (0..<count).map { Int32([0, 1, 0, 2, 0, 1, 0, 0, 1, 0][$0 % 10]) }
    return Dataset(
      inputs: Tensor((0..<count).flatMap { [Float($0), -Float($0)] }, shape: [count, 2]), labels: labels, classCount: 3,
      classNames: ["a", "b", "c"])
  }

  private func values(_ count: Int) -> Dataset {
    Dataset(
      inputs: Tensor((0..<count).map(Float.init), shape: [count, 1]),
      values: Tensor((0..<2 * count).map(Float.init), shape: [count, 2]))
  }

  private func positions(_ data: Dataset) -> [Int] {
    let size = data.exampleShape.count
    return stride(from: 0, to: data.inputs.count, by: size).map { Int(data.inputs.elements[$0]) }
  }

  @Test func examplesAreChosenByPosition() {
    let chosen = classes(10).selecting([3, 0, 3])
    #expect(chosen.inputs.elements == [3, -3, 0, 0, 3, -3])
    #expect(Array(chosen.labels) == [2, 0, 2] && chosen.classCount == 3 && chosen.classNames == ["a", "b", "c"])
    guard case .values(let found) = values(5).selecting([4, 1]).targets else { return }
    #expect(found.elements == [8, 9, 2, 3])
    #expect(values(5).selecting([]).count == 0)
  }

  @Test(arguments: [0.1, 0.2, 0.25, 0.5, 0.9]) func aSplitHasItsFractionOfEachClass(fraction: Double) throws {
    for count in [10, 37, 200] {
      let data = classes(count)
      let (rest, part) = try data.split(fraction: fraction, seed: 3)
      #expect((positions(rest) + positions(part)).sorted() == Array(0..<count))
      #expect(positions(part) == positions(part).sorted())
      #expect(part.count == Int((fraction * Double(count)).rounded()))
      for label: Int32 in 0..<3 {
        let (chosen, all) = (part.labels.count { $0 == label }, data.labels.count { $0 == label })
        #expect(abs(Double(chosen) - fraction * Double(all)) < 1, "\(label) of \(count)")
      }
    }
  }

  @Test func theSeedDecidesASplit() throws {
    func part(_ seed: UInt64) throws -> [Int] { positions(try values(50).split(fraction: 0.3, seed: seed).part) }
    #expect(try part(1) == part(1))
    #expect(try part(1) != part(2))
    #expect(try part(1).count == 15)
  }

  @Test func splitsThatLeaveNothingAreRefused() {
    for fraction in [0, 1, -0.5, .nan] {
      #expect(throws: SAMTError.self) { try classes(10).split(fraction: fraction, seed: 0) }
    }
    #expect(throws: SAMTError.configuration("a fraction of 0.04 of 10 examples leaves none on one side")) {
      try classes(10).split(fraction: 0.04, seed: 0)
    }
  }

  /// As scikit-learn's compute_class_weight("balanced") has it: 10 / (3 x 6), 10 / (3 x 3), 10 / (3 x 1).
  @Test func balancedWeights() {
    let weights: [Float] = [10 / 18, 10 / 9, 10 / 3]
    #expect(classes(10).balancedClassWeights == weights)
    let absent = Dataset(inputs: Tensor(zeros: [4, 1]), labels: [0, 2, 2, 2], classCount: 3)
    #expect(absent.balancedClassWeights == [2, 0, 4.0 / 6])
    #expect(values(3).balancedClassWeights.isEmpty)
  }

  @Test func indicators() {
    let data = Dataset(inputs: Tensor(zeros: [3, 1]), labels: [1, -1, 0], classCount: 2, ignoredLabel: -1)
      .withIndicators
    guard case .values(let found) = data.targets else { return }
    #expect(found.shape == [3, 2] && found.elements == [0, 1, 0, 0, 1, 0])
    #expect(data.classCount == nil)
  }
}
