import SAMTTestSupport
import Testing

@testable import SAMT

/// Data sets whose inputs stay in their files, against the same ones in memory: the same bits in all that uses them.
@Suite struct MappedExamplesTests {
  private let folder: DataFolder

  init() throws { folder = try DataFolder() }

  private static func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
    GradientCheck.values([count], magnitudes: 0...255, seed: seed).elements.map { UInt8(abs($0)) }
  }

  private func idx(_ count: Int) throws -> (images: String, labels: String) {
    let images = SAMTTests.idx([UInt32(count), 6, 5], Self.bytes(count * 30, seed: 1))
    let labels = SAMTTests.idx([UInt32(count)], (0..<count).map { UInt8($0 % 7) })
    return (try folder.write(images, "images"), try folder.write(labels, "labels"))
  }

  /// A record is two labels and an image; 17 and 5 of them.
  private func writeCIFAR100() throws {
    for (name, count) in [("train.bin", 17), ("test.bin", 5)] {
      var records: [UInt8] = []
      for index in 0..<count {
        records += [UInt8(index), UInt8(50 + index)]
        records += Self.bytes(3072, seed: UInt64(100 * count + index))
      }
      try folder.write(records, name)
    }
  }

  private func expectMapped(_ dataset: Dataset, _ isMapped: Bool = true, _ place: SourceLocation = #_sourceLocation) {
    let found = if case .files = dataset.storage { true } else { false }
    #expect(found == isMapped, sourceLocation: place)
  }

  /// Expects the same examples wherever a training meets them: whole, by rows, selected, normalized, in minibatches.
  private func expectSame(_ mapped: Dataset, _ copied: Dataset) throws {
    expectMapped(mapped)
    #expect(mapped.exampleShape == copied.exampleShape && mapped.count == copied.count)
    #expect(mapped.inputs.shape == copied.inputs.shape && mapped.inputs.elements == copied.inputs.elements)
    #expect(mapped.labels == copied.labels && mapped.classCount == copied.classCount)
    #expect(mapped.classNames == copied.classNames)
    let statistics = ChannelStatistics(of: copied)
    #expect(ChannelStatistics(of: mapped) == statistics)
    let positions = [copied.count - 1, 0, 2, 2]
    let pairs = [
      (mapped.selecting(positions).selecting([3, 0]), copied.selecting(positions).selecting([3, 0])),
      (mapped.normalized(by: statistics), copied.normalized(by: statistics)),
    ]
    for (mapped, copied) in pairs {
      expectMapped(mapped)
      #expect(mapped.inputs.elements == copied.inputs.elements)
      #expect(mapped.batch(1..<2).inputs.elements == copied.batch(1..<2).inputs.elements)
      #expect(mapped.targets.count == copied.targets.count && mapped.labels == copied.labels)
      for augmentation in [nil, copied.exampleShape.rank == 3 ? Augmentation(padding: 1) : nil] {
        #expect(try batches(mapped, augmentation) == batches(copied, augmentation))
      }
    }
  }

  private func batches(_ dataset: Dataset, _ augmentation: Augmentation?) throws -> [[Float]] {
    var found: [[Float]] = []
    let pipeline = try BatchPipeline(for: dataset, batchSize: 3, augmentation: augmentation, seed: 5)
    pipeline.forEachBatch(epoch: 2) {
      found.append($0.inputs.elements)
      return true
    }
    return found
  }

  @Test func imagesOfIDX() throws {
    let (images, labels) = try idx(11)
    try expectSame(
      Dataset.loadIDX(images: images, labels: labels, access: .mapped),
      Dataset.loadIDX(images: images, labels: labels))
  }

  @Test func recordsOfCIFAR() throws {
    try writeCIFAR100()
    let mapped = try Dataset.loadCIFAR100(directory: folder.path, access: .mapped)
    let copied = try Dataset.loadCIFAR100(directory: folder.path)
    try expectSame(mapped.training, copied.training)
    try expectSame(mapped.test, copied.test)
  }

  /// Five files one after the other.
  @Test func recordsOfSeveralFiles() throws {
    // As many records as their file's number.
    var files = [""]
    for name in (1...5).map({ "data_batch_\($0).bin" }) + ["test_batch.bin"] {
      var records: [UInt8] = []
      for index in 0..<files.count { records += [UInt8(index)] + Self.bytes(3072, seed: UInt64(files.count + index)) }
      files.append(name)
      try folder.write(records, name)
    }
    let mapped = try Dataset.loadCIFAR10(directory: folder.path, access: .mapped)
    try expectSame(mapped.training, Dataset.loadCIFAR10(directory: folder.path).training)
  }

  @Test(arguments: [[9] as Shape, [9, 4], [9, 5, 6], [9, 2, 5, 6]]) func numbersOfNumPy(shape: Shape) throws {
    let (inputs, targets) = ("\(folder.path)/x.npy", "\(folder.path)/y.npy")
    try NPYFile.write(GradientCheck.values(shape, magnitudes: 0.5...2, seed: 3), to: inputs)
    try NPYFile.write((0..<9).map { Int64($0 % 3) }, to: targets)
    try expectSame(
      Dataset.loadNPY(inputs: inputs, targets: targets, access: .mapped),
      Dataset.loadNPY(inputs: inputs, targets: targets))
  }

  private func writeArray(_ code: String, _ shape: [Int], _ bytes: [UInt8]) throws -> String {
    let lengths = shape.map { "\($0)," }.joined()
    let text = "{'descr': '\(code)', 'fortran_order': False, 'shape': (\(lengths))}"
    return try folder.write(
      NPYHeader.magic + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8) + bytes, "array.npy")
  }

  @Test func bytesOfNumPy() throws {
    let inputs = try writeArray("|u1", [9, 2, 5, 6], Self.bytes(9 * 60, seed: 4))
    let targets = "\(folder.path)/y.npy"
    try NPYFile.write((0..<9).map { Int64($0 % 3) }, to: targets)
    try expectSame(
      Dataset.loadNPY(inputs: inputs, targets: targets, access: .mapped),
      Dataset.loadNPY(inputs: inputs, targets: targets))
  }

  /// Bytes as features are no fractions, channels come last, the most significant byte first.
  @Test(arguments: [("|u1", [9, 4], 1), ("|u1", [9, 5, 6, 3], 1), (">f4", [9, 4], 4), ("<f8", [9, 4], 8)])
  func whatMustBeConvertedIsRead(code: String, shape: [Int], size: Int) throws {
    let inputs = try writeArray(code, shape, [UInt8](repeating: 65, count: size * shape.reduce(1, *)))
    let targets = "\(folder.path)/y.npy"
    try NPYFile.write((0..<9).map { Int64($0 % 3) }, to: targets)
    let mapped = try Dataset.loadNPY(inputs: inputs, targets: targets, access: .mapped)
    expectMapped(mapped, false)
    #expect(mapped.inputs.elements == (try Dataset.loadNPY(inputs: inputs, targets: targets)).inputs.elements)
  }

  @Test func archivesAreRead() throws {
    let labels = try folder.write(fiveLabels, "labels")
    let images = try folder.writeCompressed(fiveImages, "images.gz")
    let data = try Dataset.loadIDX(images: images, labels: labels, access: .mapped)
    expectMapped(data, false)
    #expect(data.count == 5)
  }

  @Test func damagedFilesAreRefusedAsTheyAreWhenRead() throws {
    let labels = try folder.write(fiveLabels, "labels")
    for (name, bytes) in [("cut", Array(fiveImages.dropLast())), ("long", fiveImages + [0]), ("empty", [])] {
      let images = try folder.write(bytes, name)
      func message(_ access: FileAccess) -> String? {
        do {
          _ = try Dataset.loadIDX(images: images, labels: labels, access: access)
          return nil
        } catch { return "\(error)" }
      }
      #expect(message(.mapped) != nil && message(.mapped) == message(.copied), "\(name)")
    }
    try writeCIFAR100()
    try folder.write([UInt8](repeating: 200, count: 3074), "test.bin")
    expectDatasetError(at: "\(folder.path)/test.bin", ["expected coarse labels below 20"]) {
      try Dataset.loadCIFAR100(directory: folder.path, access: .mapped)
    }
  }
}
