import Testing

@testable import SAMT

@Suite struct DatasetTests {
  /// Row i is (i, i + 0.25, i + 0.5), its label i % 7.
  private func numbered(_ count: Int) -> Dataset {
    Dataset(
      inputs: Tensor((0..<count).flatMap { [Float($0), Float($0) + 0.25, Float($0) + 0.5] }, shape: [count, 3]),
      labels: (0..<Int32(count)).map { $0 % 7 }, classCount: 7)
  }

  private func address(_ tensor: Tensor) -> UInt { tensor.withPointer { UInt(bitPattern: $0) } }

  @Test func shapesOfExamples() {
    #expect(numbered(4).exampleShape == [3])
    let images = Dataset(inputs: Tensor(zeros: [2, 1, 5, 6]), labels: [0, 1], classCount: 2)
    #expect(images.exampleShape == [1, 5, 6])
    #expect(images.count == 2)
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
