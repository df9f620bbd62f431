import SAMTTestSupport
import Testing

@testable import SAMT

@Suite struct BatchTests {
  private func address(_ tensor: Tensor) -> UInt { tensor.withPointer { UInt(bitPattern: $0) } }

  private func batches() -> [Batch] {
    let data = clouds(12, seed: 1)
    return [
      data.batch(2..<6), data.batch(7..<9),
      Batch(inputs: data.inputs[rows: 0..<4], targets: .values(data.inputs[rows: 3..<7])),
    ]
  }

  private func contents(_ batch: Batch) -> [Float] {
    switch batch.targets {
    case .classes(let labels): batch.inputs.elements + labels.map(Float.init)
    case .values(let values): batch.inputs.elements + values.elements
    }
  }

  @Test func aCopyHasMemoryOfItsOwn() {
    for batch in batches() {
      let copy = batch.copy()
      #expect(contents(copy) == contents(batch) && copy.count == batch.count)
      #expect(address(copy.inputs) != address(batch.inputs))
    }
  }

  /// From any kind and size to any other; in place where the sizes agree.
  @Test func copiesAreTakenOver() {
    for first in batches() {
      for second in batches() {
        var copy = first.copy()
        let before = address(copy.inputs)
        copy.assign(copying: second)
        #expect(contents(copy) == contents(second))
        if first.inputs.shape == second.inputs.shape { #expect(address(copy.inputs) == before) }
      }
    }
  }
}
