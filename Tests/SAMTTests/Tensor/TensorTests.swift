import Foundation
import Testing

@testable import SAMT

@Suite struct TensorTests {
  private func address(_ tensor: Tensor) -> UInt { tensor.withPointer { UInt(bitPattern: $0) } }

  private func write(_ value: Float, at index: Int, in tensor: inout Tensor) {
    tensor.withMutableSpan { $0[index] = value }
  }

  @Test func zerosAreZerosAndAligned() {
    for count in [0, 1, 15, 16, 17, 1000] {
      let tensor = Tensor(zeros: [count])
      #expect(tensor.elements == [Float](repeating: 0, count: count))
      #expect(address(tensor) % 64 == 0)
    }
    #expect(Tensor(zeros: []).elements == [0])
  }

  /// From 2 MiB on, memory begins where a large page may.
  @Test(arguments: [524_288, 524_293, 1_572_864]) func largeTensorsBeginAtPages(count: Int) {
    let tensor = Tensor(zeros: [count])
    #expect(address(tensor) % 2_097_152 == 0)
    #expect(tensor.elements.allSatisfy { $0 == 0 })
  }

  @Test func elementsGoInAndOut() {
    let tensor = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    #expect(tensor.shape == [2, 3])
    #expect(tensor.elements == [1, 2, 3, 4, 5, 6])
    #expect(tensor.withSpan { span in span.indices.map { span[$0] } } == [1, 2, 3, 4, 5, 6])
  }

  @Test func aWriteToACopyLeavesTheOriginal() {
    let original = Tensor([1, 2, 3], shape: [3])
    var copy = original
    #expect(address(copy) == address(original))
    write(9, at: 1, in: &copy)
    #expect(copy.elements == [1, 9, 3])
    #expect(original.elements == [1, 2, 3])
    #expect(address(copy) != address(original))
  }

  @Test func aWriteToTheOriginalLeavesTheCopy() {
    var original = Tensor([1, 2, 3], shape: [3])
    let copy = original
    write(9, at: 0, in: &original)
    #expect(copy.elements == [1, 2, 3])
    #expect(original.elements == [9, 2, 3])
  }

  @Test func anUnsharedTensorIsWrittenInPlace() {
    var tensor = Tensor([1, 2, 3], shape: [3])
    let before = address(tensor)
    for value in 0..<3 { write(Float(value), at: value, in: &tensor) }
    #expect(tensor.elements == [0, 1, 2])
    #expect(address(tensor) == before)
  }

  @Test func slicesShareUntilWritten() {
    let whole = Tensor([0, 1, 2, 3, 4, 5, 6, 7], shape: [4, 2])
    var slice = whole[rows: 1..<3]
    #expect(slice.shape == [2, 2])
    #expect(slice.elements == [2, 3, 4, 5])
    #expect(address(slice) == address(whole) + 8)
    write(-1, at: 0, in: &slice)
    #expect(slice.elements == [-1, 3, 4, 5])
    #expect(whole.elements == [0, 1, 2, 3, 4, 5, 6, 7])
  }

  @Test func aWriteToTheWholeLeavesItsSlices() {
    var whole = Tensor([0, 1, 2, 3], shape: [4, 1])
    let slice = whole[rows: 2..<4]
    write(9, at: 3, in: &whole)
    #expect(slice.elements == [2, 3])
    #expect(whole.elements == [0, 1, 2, 9])
  }

  @Test func aSliceThatOutlivesTheWholeIsWrittenInPlace() {
    var slice = Tensor([0, 1, 2, 3], shape: [2, 2])[rows: 1..<2]
    let before = address(slice)
    write(9, at: 1, in: &slice)
    #expect(slice.elements == [2, 9])
    #expect(address(slice) == before)
  }

  @Test func slicesOfSlicesAndEmptyOnes() {
    let whole = Tensor((0..<12).map(Float.init), shape: [6, 2])
    #expect(whole[rows: 2..<6][rows: 1..<3].elements == [6, 7, 8, 9])
    #expect(whole[rows: 6..<6].shape == [0, 2])
    #expect(whole[rows: 3..<3].elements == [])
    #expect(Tensor([1, 2, 3], shape: [3])[rows: 1..<2].elements == [2])
  }

  @Test func reshapesShareUntilWritten() {
    let flat = Tensor([0, 1, 2, 3, 4, 5], shape: [6])
    var matrix = flat.reshaped(to: [2, 3])
    #expect(matrix.shape == [2, 3])
    #expect(address(matrix) == address(flat))
    write(7, at: 5, in: &matrix)
    #expect(flat.elements == [0, 1, 2, 3, 4, 5])
    #expect(matrix.elements == [0, 1, 2, 3, 4, 7])
    #expect(Tensor(zeros: [0, 3]).reshaped(to: [5, 0]).shape == [5, 0])
  }

  @Test func spansThrowThrough() {
    struct Stop: Error {}
    var tensor = Tensor(zeros: [2])
    #expect(throws: Stop.self) { try tensor.withSpan { (_) throws(Stop) -> Int in throw Stop() } }
    #expect(throws: Stop.self) { try tensor.withMutableSpan { (_) throws(Stop) -> Int in throw Stop() } }
  }
}

/// Memory that lives elsewhere.
@Suite struct AdoptedTensorTests {
  /// Counts how often it is released.
  private final class Lender: @unchecked Sendable {
    let base: UnsafeMutablePointer<Float>
    private let lock = NSLock()
    private var releases = 0

    init(_ elements: [Float]) {
      base = .allocate(capacity: elements.count)
      base.initialize(from: elements, count: elements.count)
    }

    deinit { base.deallocate() }

    func tensor(_ shape: Shape, readOnly: Bool) -> Tensor {
      Tensor(adopting: base, shape: shape, readOnly: readOnly) { _ in self.lock.withLock { self.releases += 1 } }
    }

    var count: Int { lock.withLock { releases } }
  }

  @Test func readOnlyMemoryIsCopiedOnWrite() {
    let lender = Lender([1, 2, 3, 4])
    do {
      var tensor = lender.tensor([2, 2], readOnly: true)
      #expect(tensor.elements == [1, 2, 3, 4])
      tensor.withMutableSpan { $0[0] = 9 }
      #expect(tensor.elements == [9, 2, 3, 4])
      #expect(lender.base[0] == 1)
      // The copy lets go of the loan at once.
      #expect(lender.count == 1)
    }
    #expect(lender.count == 1)
  }

  @Test func writableMemoryIsWrittenInPlace() {
    let lender = Lender([1, 2, 3, 4])
    do {
      var tensor = lender.tensor([4], readOnly: false)
      tensor.withMutableSpan { $0[2] = 9 }
      #expect(lender.base[2] == 9)
      #expect(lender.count == 0)
    }
    #expect(lender.count == 1)
  }

  @Test func sharedWritableMemoryIsCopiedOnWrite() {
    let lender = Lender([1, 2, 3, 4])
    do {
      let tensor = lender.tensor([4], readOnly: false)
      var copy = tensor
      copy.withMutableSpan { $0[2] = 9 }
      #expect(lender.base[2] == 3)
      #expect(tensor.elements == [1, 2, 3, 4])
    }
    #expect(lender.count == 1)
  }

  @Test(arguments: [true, false]) func theLastUserReleases(readOnly: Bool) {
    let lender = Lender([1, 2, 3, 4, 5, 6])
    var slice: Tensor?
    do {
      let tensor = lender.tensor([3, 2], readOnly: readOnly)
      let copy = tensor
      slice = copy[rows: 1..<2].reshaped(to: [2])
      #expect(copy.count == 6)
    }
    #expect(lender.count == 0)
    #expect(slice?.elements == [3, 4])
    slice = nil
    #expect(lender.count == 1)
  }
}
