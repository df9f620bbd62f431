import Foundation
import Testing

@testable import SAMT

@Suite struct CIFARTests {
  private let folder: DataFolder

  init() throws { folder = try DataFolder() }

  /// The six files of CIFAR-10 or the two of CIFAR-100, the test set last.
  private static let names10 = (1...5).map { "data_batch_\($0).bin" } + ["test_batch.bin"]
  private static let names100 = ["train.bin", "test.bin"]

  /// Record `index`: its labels, then bytes of which no two neighbours in any direction are alike.
  private static func record(_ labels: [UInt8], index: Int) -> [UInt8] {
    labels + (0..<3072).map { pixel($0, index: index) }
  }

  private static func pixel(_ i: Int, index: Int) -> UInt8 {
    UInt8((7 * i + i / 32 + 50 * (i / 1024) + 31 * index) % 256)
  }

  /// Two records for each file of CIFAR-10, labels counting up over the files.
  private static func content10(_ file: Int) -> [UInt8] {
    record([UInt8(2 * file % 10)], index: 2 * file) + record([UInt8((2 * file + 1) % 10)], index: 2 * file + 1)
  }

  /// Three records for training, one for the test; fine labels unlike the coarse ones.
  private static func content100(_ file: Int) -> [UInt8] {
    file == 0
      ? record([19, 99], index: 0) + record([0, 7], index: 1) + record([3, 20], index: 2)
      : record([5, 42], index: 3)
  }

  private func expect(
    _ data: Dataset, labels: [Int32], firstIndex: Int, classCount: Int,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(data.inputs.shape == [labels.count, 3, 32, 32], sourceLocation: sourceLocation)
    #expect(Array(data.labels) == labels, sourceLocation: sourceLocation)
    #expect(data.classCount == classCount, sourceLocation: sourceLocation)
    let pixels = labels.indices.flatMap { record in
      (0..<3072).map { Float(Self.pixel($0, index: firstIndex + record)) / 255 }
    }
    #expect(data.inputs.elements == pixels, sourceLocation: sourceLocation)
  }

  // MARK: what loads

  @Test(arguments: [false, true]) func cifar10Loads(compressed: Bool) throws {
    for (file, name) in Self.names10.enumerated() {
      let content = Self.content10(file)
      if compressed { try folder.writeCompressed(content, name + ".gz") } else { try folder.write(content, name) }
    }
    let (training, test) = try Dataset.loadCIFAR10(directory: folder.path)
    expect(training, labels: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], firstIndex: 0, classCount: 10)
    expect(test, labels: [0, 1], firstIndex: 10, classCount: 10)
  }

  @Test func cifar100LoadsWithItsFineLabels() throws {
    for (file, name) in Self.names100.enumerated() { try folder.write(Self.content100(file), name) }
    let (training, test) = try Dataset.loadCIFAR100(directory: folder.path)
    expect(training, labels: [99, 7, 20], firstIndex: 0, classCount: 100)
    expect(test, labels: [42], firstIndex: 3, classCount: 100)
  }

  @Test func plainFilesComeFirst() throws {
    for (file, name) in Self.names100.enumerated() {
      try folder.write(Self.content100(file), name)
      try folder.write([1, 2, 3], name + ".gz")
    }
    #expect(try Dataset.loadCIFAR100(directory: folder.path).training.count == 3)
  }

  // MARK: what does not

  struct Malformed: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let parts: [String]
  }

  static let malformed10 = [
    Malformed(testDescription: "empty", bytes: [], parts: ["empty"]),
    Malformed(
      testDescription: "one byte", bytes: [3],
      parts: ["truncated", "multiple of 3073 bytes", "found 1", "1 more than 0 records"]),
    Malformed(
      testDescription: "one byte short", bytes: content10(0).dropLast(),
      parts: ["multiple of 3073 bytes", "found 6145", "3072 more than 1 records"]),
    Malformed(
      testDescription: "one byte too many", bytes: content10(0) + [0],
      parts: ["multiple of 3073 bytes", "found 6147", "1 more than 2 records"]),
    Malformed(
      testDescription: "CIFAR-100", bytes: content100(0), parts: ["multiple of 3073 bytes", "found 9222"]),
    Malformed(
      testDescription: "label 10", bytes: record([9], index: 0) + record([10], index: 1),
      parts: ["expected labels below 10", "found 10 in record 1"]),
    Malformed(
      testDescription: "garbage", bytes: [UInt8](repeating: 255, count: 3073),
      parts: ["expected labels below 10", "found 255 in record 0"]),
  ]

  @Test(arguments: malformed10, [0, 3, 5]) func malformedFilesAreRefused(_ file: Malformed, place: Int) throws {
    for (index, name) in Self.names10.enumerated() where index != place {
      try folder.write(Self.content10(index), name)
    }
    let path = try folder.write(file.bytes, Self.names10[place])
    expectDatasetError(at: path, file.parts) { try Dataset.loadCIFAR10(directory: folder.path) }
  }

  static let malformed100 = [
    Malformed(
      testDescription: "fine label 100", bytes: record([19, 100], index: 0),
      parts: ["expected fine labels below 100", "found 100 in record 0"]),
    Malformed(
      testDescription: "coarse label 20", bytes: record([19, 99], index: 0) + record([20, 5], index: 1),
      parts: ["expected coarse labels below 20", "found 20 in record 1"]),
    Malformed(
      testDescription: "CIFAR-10", bytes: content10(0), parts: ["multiple of 3074 bytes (2 of labels", "found 6146"]),
  ]

  @Test(arguments: malformed100) func malformedFilesOfCIFAR100AreRefused(_ file: Malformed) throws {
    try folder.write(Self.content100(0), Self.names100[0])
    let path = try folder.write(file.bytes, Self.names100[1])
    expectDatasetError(at: path, file.parts) { try Dataset.loadCIFAR100(directory: folder.path) }
  }

  @Test func damagedArchivesAreRefused() throws {
    for (file, name) in Self.names100.enumerated() { try folder.writeCompressed(Self.content100(file), name + ".gz") }
    let path = "\(folder.path)/train.bin.gz"
    let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
    try folder.write(bytes.dropLast(20), "train.bin.gz")
    expectDatasetError(at: path, ["cannot be decompressed"]) { try Dataset.loadCIFAR100(directory: folder.path) }
  }

  /// An archive without end is read as far as its first wrong label, or as far as an archive may go.
  @Test func anArchiveWithoutEndIsNotReadToItsEnd() throws {
    let archive = try folder.write([1], "archive")
    func expect(_ command: String, _ parts: [String]) {
      expectDatasetError(at: archive, parts) {
        let child = try Decompression(of: InputFile(archive), by: "/bin/sh", ["-c", command])
        return try CIFARFormat.cifar10.records(
          DataStream(child, size: 1 << 30, path: archive), archiveLimit: 5_000_000)
      }
    }
    expect("exec tr '\\0' '\\377' </dev/zero", ["expected labels below 10", "found 255 in record 0"])
    expect("exec cat /dev/zero", ["expected at most 5000000 bytes in an archive", "found more"])
  }

  @Test(arguments: 0..<6) func eachMissingFileIsNamed(missing: Int) throws {
    for (index, name) in Self.names10.enumerated() where index != missing {
      try folder.write(Self.content10(index), name)
    }
    let name = Self.names10[missing]
    // A folder of its name does not count.
    try FileManager.default.createDirectory(atPath: "\(folder.path)/\(name)", withIntermediateDirectories: false)
    expectDatasetError(at: folder.path, ["expected one of \(name), \(name).gz", "found none"]) {
      try Dataset.loadCIFAR10(directory: folder.path)
    }
  }

  @Test func aMissingDirectoryIsReported() throws {
    let missing = folder.path + "/none"
    expectDatasetError(at: missing, ["no such directory"]) { try Dataset.loadCIFAR10(directory: missing) }
    let file = try folder.write([1], "file")
    expectDatasetError(at: file, ["expected a directory"]) { try Dataset.loadCIFAR100(directory: file) }
  }

  /// Whatever the bytes are, the file loads as what it holds or is refused by name.
  @Test func anyBytesLoadOrAreRefused() throws {
    var generator = Generator(seed: 5)
    try folder.write(Self.content100(1), Self.names100[1])
    var loaded = 0
    for variant in 0..<100 {
      var bytes = Self.content100(0)
      for _ in 0..<3 {
        // Two thirds of the changes hit a label.
        let place = generator.integer(in: 0...2) * 3074 + generator.integer(in: 0...2)
        bytes[place] = UInt8(generator.integer(in: 0...127))
      }
      if generator.uniform() < 0.2 { bytes.removeLast(generator.integer(in: 1...bytes.count)) }
      let path = try folder.write(bytes, Self.names100[0])
      do throws(SAMTError) {
        let data = try Dataset.loadCIFAR100(directory: folder.path).training
        #expect(data.inputs.shape == [bytes.count / 3074, 3, 32, 32], "variant \(variant)")
        loaded += 1
      } catch {
        guard case .dataset(path, _) = error else {
          Issue.record("variant \(variant): \(error)")
          continue
        }
      }
    }
    #expect(loaded > 10 && loaded < 90, "\(loaded) of 100 loaded")
  }
}
