import Testing

@testable import SAMT

@Suite struct DatasetTests {
  /// Row i is (i, i + 0.25, i + 0.5), its label i % 7.
  private func numbered(_ count: Int) -> Dataset {
    Dataset(
      inputs: Tensor((0..<count).flatMap { [Float($0), Float($0) + 0.25, Float($0) + 0.5] }, shape: [count, 3]),
      labels: (0..<Int32(count)).map { $0 % 7 }, classCount: 7)
  }

  /// Which rows of `numbered` these are; each must be whole and have its own label.
  private func order(_ data: Dataset, sourceLocation: SourceLocation = #_sourceLocation) -> [Int] {
    let elements = data.inputs.elements
    let rows = (0..<data.count).map { Array(elements[3 * $0..<3 * $0 + 3]) }
    #expect(rows.allSatisfy { $0 == [$0[0], $0[0] + 0.25, $0[0] + 0.5] }, "a torn row", sourceLocation: sourceLocation)
    let labels = rows.map { Int32($0[0]) % 7 }
    #expect(data.labels == labels, sourceLocation: sourceLocation)
    return rows.map { Int($0[0]) }
  }

  private func address(_ tensor: Tensor) -> UInt { tensor.withPointer { UInt(bitPattern: $0) } }

  @Test func shapesOfExamples() {
    #expect(numbered(4).exampleShape == [3])
    let images = Dataset(inputs: Tensor(zeros: [2, 1, 5, 6]), labels: [0, 1], classCount: 2)
    #expect(images.exampleShape == [1, 5, 6])
    #expect(images.count == 2)
  }

  @Test(arguments: [1, 2, 3, 50]) func shuffledRowsKeepTheirLabels(count: Int) {
    var data = numbered(count)
    var generator = Generator(seed: 11)
    data.shuffle(using: &generator)
    #expect(order(data).sorted() == Array(0..<count))
  }

  @Test func shufflingMovesThings() {
    var data = numbered(50)
    var generator = Generator(seed: 11)
    data.shuffle(using: &generator)
    let once = order(data)
    data.shuffle(using: &generator)
    #expect(once != Array(0..<50))
    #expect(order(data) != once)
  }

  @Test func theGeneratorDecidesTheOrder() {
    func shuffled(seed: UInt64) -> [Int] {
      var data = numbered(50)
      var generator = Generator(seed: seed)
      data.shuffle(using: &generator)
      return order(data)
    }
    #expect(shuffled(seed: 1) == shuffled(seed: 1))
    #expect(shuffled(seed: 1) != shuffled(seed: 2))
  }

  @Test func allOrdersAreEquallyLikely() {
    var generator = Generator(seed: 12)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<6000 {
      var data = numbered(3)
      data.shuffle(using: &generator)
      counts[data.labels.map(Int.init), default: 0] += 1
    }
    #expect(counts.count == 6)
    // 1000 each; five standard deviations, of sqrt(6000 / 6 * 5 / 6).
    for (order, count) in counts { #expect(abs(count - 1000) <= 145, "\(order): \(count)") }
  }

  @Test func noExamplesCanBeShuffled() {
    var data = numbered(0)
    var generator = Generator(seed: 1)
    data.shuffle(using: &generator)
    #expect(data.count == 0)
  }

  @Test func shufflingLeavesEarlierSlicesAlone() throws {
    var data = numbered(40)
    let copy = data
    let batch = data.batch(5..<9)
    var generator = Generator(seed: 13)
    data.shuffle(using: &generator)
    #expect(order(data) != Array(0..<40))
    #expect(order(copy) == Array(0..<40))
    #expect(batch.inputs.elements == Array(numbered(40).inputs.elements[15..<27]))
    guard case .classes(let labels) = batch.targets else { throw SAMTError.configuration("not labels") }
    #expect(Array(labels) == [5, 6, 0, 1])
  }

  @Test func shufflingUnsharedMemoryStaysInPlace() {
    var data = numbered(40)
    let before = address(data.inputs)
    var generator = Generator(seed: 13)
    data.shuffle(using: &generator)
    #expect(address(data.inputs) == before)
  }

  @Test(arguments: [0..<0, 0..<1, 2..<5, 39..<40, 0..<40]) func batchesShareMemory(range: Range<Int>) throws {
    let data = numbered(40)
    let batch = data.batch(range)
    #expect(batch.count == range.count)
    #expect(batch.inputs.shape == [range.count, 3])
    let elements = data.inputs.elements[3 * range.lowerBound..<3 * range.upperBound]
    #expect(batch.inputs.elements == Array(elements))
    guard case .classes(let labels) = batch.targets else { throw SAMTError.configuration("not labels") }
    let expected: [Int32] = range.map { Int32($0 % 7) }
    #expect(Array(labels) == expected)
    let start = address(data.inputs) + UInt(12 * range.lowerBound)
    #expect(address(batch.inputs) == start)
  }

  @Test func targetsAreCutFromTheirOwnBeginning() throws {
    let batch = numbered(40).batch(10..<20)
    guard case .classes(let labels) = batch.targets[2..<5] else { throw SAMTError.configuration("not labels") }
    #expect(Array(labels) == [5, 6, 0])
    let values = Targets.values(Tensor([0, 1, 2, 3, 4, 5], shape: [3, 2]))
    #expect(values.count == 3)
    guard case .values(let rows) = values[1..<3] else { throw SAMTError.configuration("not values") }
    #expect(rows.shape == [2, 2])
    #expect(rows.elements == [2, 3, 4, 5])
  }
}
