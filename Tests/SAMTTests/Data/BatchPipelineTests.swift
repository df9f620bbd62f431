import SAMTTestSupport
import Testing

@testable import SAMT

@Suite struct BatchPipelineTests {
  /// Images of 2 x 5 x 4 whose pixels are all different, example i labelled i % 7.
  private func numbered(_ count: Int) -> Dataset {
    Dataset(
      inputs: Tensor((0..<40 * count).map { Float($0 + 1) }, shape: [count, 2, 5, 4]),
      labels: (0..<Int32(count)).map { $0 % 7 }, classCount: 7)
  }

  private func pipeline(
    _ count: Int = 20, batchSize: Int, _ augmentation: Augmentation? = Augmentation(padding: 2),
    prefetches: Bool = true, seed: UInt64 = 1
  ) throws -> BatchPipeline {
    try BatchPipeline(
      for: numbered(count), batchSize: batchSize, augmentation: augmentation, prefetches: prefetches, seed: seed)
  }

  private struct Found: Equatable {
    var inputs: [Float]
    var labels: [Int32]
  }

  /// An epoch's inputs and labels, batch by batch.
  private func batches(_ pipeline: BatchPipeline, epoch: Int = 1, from first: Int = 0) -> [Found] {
    var found: [Found] = []
    pipeline.forEachBatch(epoch: epoch, from: first) { batch in
      guard case .classes(let labels) = batch.targets else { return false }
      found.append(Found(inputs: batch.inputs.elements, labels: Array(labels)))
      return true
    }
    return found
  }

  private func address(_ tensor: Tensor) -> UInt { tensor.withPointer { UInt(bitPattern: $0) } }

  /// Each image is what the definition makes of the example whose turn it is, by the epoch's next numbers.
  @Test(arguments: [1, 2, 5, 7, 20, 21], [nil, Augmentation(padding: 2)])
  func batchesAreTheEpochsExamples(batchSize: Int, augmentation: Augmentation?) throws {
    let data = numbered(20)
    for (epoch, prefetches) in [(1, false), (2, true), (3, true)] {
      let found = batches(try pipeline(batchSize: batchSize, augmentation, prefetches: prefetches), epoch: epoch)
      try #require(found.count == (20 + batchSize - 1) / batchSize)
      let order = EpochOrder.order(count: 20, seed: 1, epoch: epoch)
      var generator = Generator(seed: 1, for: .augmentation(epoch: epoch))
      for (step, batch) in found.enumerated() {
        let examples = order[step * batchSize..<min((step + 1) * batchSize, 20)]
        #expect(batch.labels == examples.map { data.labels[$0] })
        var expected: [Float] = []
        for example in examples {
          var image = data.inputs[rows: example..<example + 1].elements
          if let augmentation {
            let (source, placement) = (image, augmentation.placement(using: &generator))
            image.withUnsafeMutableBufferPointer {
              placement.copy(source, shape: [2, 5, 4], into: $0.baseAddress!)
            }
          }
          expected += image
        }
        #expect(batch.inputs == expected, "step \(step)")
      }
    }
  }

  @Test func theSeedDecidesEverything() throws {
    func found(seed: UInt64) throws -> [Found] {
      let pipeline = try pipeline(batchSize: 4, seed: seed)
      return batches(pipeline) + batches(pipeline, epoch: 2)
    }
    #expect(try found(seed: 1) == found(seed: 1))
    #expect(try found(seed: 1) != found(seed: 2))
    let epochs = try found(seed: 1)
    #expect(epochs[..<5] != epochs[5...])
  }

  /// What a training sees that goes on in the middle of an epoch.
  @Test(arguments: [false, true]) func anEpochCanBeginAnywhere(prefetches: Bool) throws {
    let pipeline = try pipeline(batchSize: 3, prefetches: prefetches)
    let whole = batches(pipeline, epoch: 2)
    try #require(whole.count == 7)
    for first in 0...7 { #expect(batches(pipeline, epoch: 2, from: first) == Array(whole[first...])) }
  }

  @Test(arguments: [false, true]) func anEpochCanEndAnywhere(prefetches: Bool) throws {
    let pipeline = try pipeline(batchSize: 3, prefetches: prefetches)
    let whole = batches(pipeline)
    for last in 1...7 {
      var count = 0
      pipeline.forEachBatch(epoch: 1) { _ in
        count += 1
        return count < last
      }
      #expect(count == last)
    }
    #expect(batches(pipeline) == whole)
  }

  /// As an executor does, which lets go of a batch only when it takes the next.
  @Test(arguments: [false, true]) func aBatchStaysWholeWhileItIsHeld(prefetches: Bool) throws {
    var held: [Batch] = []
    var copies: [[Float]] = []
    try pipeline(40, batchSize: 2, prefetches: prefetches).forEachBatch(epoch: 1) { batch in
      held.append(batch)
      copies.append(batch.inputs.elements)
      return true
    }
    #expect(held.count == 20)
    #expect(held.map(\.inputs.elements) == copies)
  }

  @Test(arguments: [false, true]) func threeBuffersAreEnough(prefetches: Bool) throws {
    var addresses: [UInt] = []
    var held: Tensor?
    try pipeline(40, batchSize: 2, prefetches: prefetches).forEachBatch(epoch: 1) { batch in
      held = batch.inputs
      addresses.append(address(batch.inputs))
      return true
    }
    #expect(held != nil)
    #expect(Set(addresses).count == 3)
    #expect(addresses.indices.allSatisfy { addresses[$0] == addresses[$0 % 3] })
  }

  @Test func aSmallerLastBatchCanBeLeftOut() throws {
    func found(_ count: Int, dropsLast: Bool) throws -> [Found] {
      batches(try BatchPipeline(for: numbered(count), batchSize: 5, dropsLast: dropsLast, seed: 1))
    }
    #expect(try found(14, dropsLast: true) == Array(found(14, dropsLast: false)[..<2]))
    #expect(try found(14, dropsLast: false).map(\.labels.count) == [5, 5, 4])
    #expect(try found(15, dropsLast: true) == found(15, dropsLast: false))
    #expect(try found(4, dropsLast: false).map(\.labels.count) == [4])
    #expect(try found(4, dropsLast: true).isEmpty)
    #expect(try found(0, dropsLast: false).isEmpty)
  }

  /// Values come beside the inputs that they belong to.
  @Test func valuesAreGathered() throws {
    let inputs = Tensor((0..<23).map(Float.init), shape: [23, 1])
    let values = Tensor((0..<46).map { Float($0 / 2 * 10 + $0 % 2) }, shape: [23, 2])
    let pipeline = try BatchPipeline(for: Dataset(inputs: inputs, values: values), batchSize: 5, seed: 3)
    var seen: [Float] = []
    for epoch in 1...2 {
      pipeline.forEachBatch(epoch: epoch) { batch in
        guard case .values(let found) = batch.targets else { return false }
        #expect(found.shape == [batch.count, 2])
        #expect(found.elements == batch.inputs.elements.flatMap { [$0 * 10, $0 * 10 + 1] })
        seen += batch.inputs.elements
        return true
      }
    }
    #expect(seen.sorted() == (0..<46).map { Float($0 / 2) })
  }

  @Test func settingsOutOfRangeAreTypedErrors() {
    #expect(throws: SAMTError.configuration("the batch size must be at least 1, found 0")) {
      try pipeline(batchSize: 0)
    }
    #expect(throws: SAMTError.configuration("the padding of images of shape [2, 5, 4] must be in 0 ... 5, found 6")) {
      try pipeline(batchSize: 1, Augmentation(padding: 6))
    }
    #expect(
      throws: SAMTError.configuration("augmentation needs images of shape [channels, height, width], found [40]")
    ) {
      let flat = Dataset(inputs: Tensor(zeros: [1, 40]), labels: [0], classCount: 1)
      _ = try BatchPipeline(for: flat, batchSize: 1, augmentation: Augmentation(), seed: 1)
    }
  }
}
