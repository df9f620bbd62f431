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
    batchSize: Int, _ augmentation: Augmentation? = Augmentation(padding: 2), prefetches: Bool = true, seed: UInt64 = 1
  ) throws -> BatchPipeline {
    try BatchPipeline(
      for: [2, 5, 4], batchSize: batchSize, augmentation: augmentation, prefetches: prefetches,
      generator: Generator(seed: seed))
  }

  /// All batches' inputs and labels, over some epochs.
  private func batches(_ pipeline: BatchPipeline, of data: Dataset, epochs: Int = 1) -> [(
    inputs: [Float], labels: [Int32]
  )] {
    var found: [(inputs: [Float], labels: [Int32])] = []
    for _ in 0..<epochs {
      pipeline.forEachBatch(of: data) { batch in
        guard case .classes(let labels) = batch.targets else { return }
        found.append((batch.inputs.elements, Array(labels)))
      }
    }
    return found
  }

  private func address(_ tensor: Tensor) -> UInt { tensor.withPointer { UInt(bitPattern: $0) } }

  @Test(arguments: [1, 3, 10, 20, 21]) func withoutAugmentationBatchesAreSlices(batchSize: Int) throws {
    let data = numbered(20)
    var addresses: [UInt] = []
    try pipeline(batchSize: batchSize, nil).forEachBatch(of: data) { batch in
      #expect(batch.inputs.shape == [batchSize, 2, 5, 4])
      addresses.append(address(batch.inputs))
    }
    let first = address(data.inputs)
    #expect(addresses == (0..<20 / batchSize).map { first + UInt(4 * 40 * batchSize * $0) })
  }

  /// Each image is what the definition makes of it by the generator's next numbers, in the data set's order.
  @Test(arguments: [1, 2, 5, 7, 20, 21], [false, true])
  func batchesAreTheNextPlacements(batchSize: Int, prefetches: Bool) throws {
    let (data, augmentation) = (numbered(20), Augmentation(padding: 2))
    let found = batches(try pipeline(batchSize: batchSize, prefetches: prefetches), of: data, epochs: 3)
    let steps = 20 / batchSize
    try #require(found.count == 3 * steps)
    var generator = Generator(seed: 1)
    for (step, batch) in found.enumerated() {
      let first = step % steps * batchSize
      #expect(batch.labels == Array(data.labels[first..<first + batchSize]))
      var expected = [Float](repeating: .nan, count: 40 * batchSize)
      for i in 0..<batchSize {
        let placement = augmentation.placement(using: &generator)
        data.inputs.withPointer { source in
          expected.withUnsafeMutableBufferPointer {
            placement.copy(source + 40 * (first + i), shape: [2, 5, 4], into: $0.baseAddress! + 40 * i)
          }
        }
      }
      #expect(batch.inputs == expected, "step \(step)")
    }
    if batchSize < 20 { #expect(found.first?.inputs != found[steps % found.count].inputs) }
  }

  @Test func theSeedDecidesEverything() throws {
    func inputs(seed: UInt64) throws -> [[Float]] {
      batches(try pipeline(batchSize: 4, seed: seed), of: numbered(20), epochs: 2).map(\.inputs)
    }
    #expect(try inputs(seed: 1) == inputs(seed: 1))
    #expect(try inputs(seed: 1) != inputs(seed: 2))
    let epochs = try inputs(seed: 1)
    #expect(epochs[..<5] != epochs[5...])
  }

  /// As an executor does, which lets go of a batch only when it takes the next.
  @Test(arguments: [false, true]) func aBatchStaysWholeWhileItIsHeld(prefetches: Bool) throws {
    var held: [Tensor] = []
    var copies: [[Float]] = []
    try pipeline(batchSize: 2, prefetches: prefetches).forEachBatch(of: numbered(40)) { batch in
      held.append(batch.inputs)
      copies.append(batch.inputs.elements)
    }
    #expect(held.count == 20)
    #expect(held.map(\.elements) == copies)
  }

  @Test(arguments: [false, true]) func threeBuffersAreEnough(prefetches: Bool) throws {
    var addresses: [UInt] = []
    var held: Tensor?
    try pipeline(batchSize: 2, prefetches: prefetches).forEachBatch(of: numbered(40)) { batch in
      held = batch.inputs
      addresses.append(address(batch.inputs))
    }
    #expect(held != nil)
    #expect(Set(addresses).count == 3)
    #expect(addresses.indices.allSatisfy { addresses[$0] == addresses[$0 % 3] })
  }

  /// After an epoch nothing but the data set holds its memory, so that a shuffle need not copy it.
  @Test(arguments: [nil, Augmentation()], [false, true])
  func theDataSetIsLetGoOf(augmentation: Augmentation?, prefetches: Bool) throws {
    let pipeline = try pipeline(batchSize: 8, augmentation, prefetches: prefetches)
    var data = numbered(40)
    var generator = Generator(seed: 1)
    let before = address(data.inputs)
    for _ in 0..<20 {
      pipeline.forEachBatch(of: data) { #expect($0.count == 8) }
      data.shuffle(using: &generator)
      #expect(address(data.inputs) == before)
    }
  }

  @Test func fewerExamplesThanABatchAreNone() throws {
    #expect(batches(try pipeline(batchSize: 5), of: numbered(4)).isEmpty)
    #expect(batches(try pipeline(batchSize: 5), of: numbered(0), epochs: 2).isEmpty)
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
      try BatchPipeline(for: [40], batchSize: 1, augmentation: Augmentation(), generator: Generator(seed: 1))
    }
  }

  @Test func otherExamplesTrap() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let pipeline = try BatchPipeline(for: [3, 2], batchSize: 1, generator: Generator(seed: 1))
      let data = Dataset(inputs: Tensor(zeros: [1, 2, 3]), labels: [0], classCount: 1)
      pipeline.forEachBatch(of: data) { _ in }
    }
    expectMessage(result, "[2, 3]", "[3, 2]")
  }
}
