import Foundation
import Testing

@testable import SAMT

@Suite struct IDXTests {
  private let folder: DataFolder

  init() throws { folder = try DataFolder() }

  private func expectFiveExamples(_ data: Dataset, sourceLocation: SourceLocation = #_sourceLocation) {
    let pixels: [Float] = (0..<60).map { Float(15 + 4 * $0) / 255 }
    #expect(data.inputs.shape == [5, 1, 4, 3], sourceLocation: sourceLocation)
    #expect(data.exampleShape == [1, 4, 3], sourceLocation: sourceLocation)
    #expect(data.inputs.elements == pixels, sourceLocation: sourceLocation)
    #expect(data.labels == [3, 0, 9, 9, 1], sourceLocation: sourceLocation)
    #expect(data.classCount == 10, sourceLocation: sourceLocation)
  }

  // MARK: what loads

  @Test func plainFilesLoad() throws {
    let images = try folder.write(fiveImages, "images")
    let labels = try folder.write(fiveLabels, "labels")
    expectFiveExamples(try Dataset.loadIDX(images: images, labels: labels))
  }

  @Test func blackIsZeroAndWhiteIsOne() throws {
    let images = try folder.write(idx([1, 1, 2], [0, 255]), "images")
    let labels = try folder.write(idx([1], [0]), "labels")
    #expect(try Dataset.loadIDX(images: images, labels: labels).inputs.elements == [0, 1])
  }

  @Test func compressedFilesLoadWhateverTheirName() throws {
    let images = try folder.writeCompressed(fiveImages, "images.gz")
    let labels = try folder.writeCompressed(fiveLabels, "labels")
    expectFiveExamples(try Dataset.loadIDX(images: images, labels: labels))
    let misnamed = try folder.write(fiveLabels, "labels.gz")
    expectFiveExamples(try Dataset.loadIDX(images: images, labels: misnamed))
  }

  @Test func anArchiveLargerThanAPipeLoads() throws {
    var generator = Generator(seed: 1)
    let bytes = (0..<1_000_000).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    let images = try folder.writeCompressed(idx([1000, 20, 50], bytes), "images.gz")
    let labels = try folder.write(idx([1000], [UInt8](repeating: 0, count: 1000)), "labels")
    let data = try Dataset.loadIDX(images: images, labels: labels)
    let pixels: [Float] = bytes.map { Float($0) / 255 }
    #expect(data.inputs.elements == pixels)
  }

  @Test func classesFollowFromTheLabels() throws {
    let images = try folder.write(fiveImages, "images")
    let letters = try folder.write(idx([5], [1, 26, 3, 4, 5]), "labels")
    #expect(try Dataset.loadIDX(images: images, labels: letters).classCount == 27)
    #expect(try Dataset.loadIDX(images: images, labels: letters, classCount: 40).classCount == 40)
    expectDatasetError(at: letters, ["expected labels below 26", "found 26 for example 1"]) {
      try Dataset.loadIDX(images: images, labels: letters, classCount: 26)
    }
  }

  // MARK: what does not

  struct Malformed: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let parts: [String]
  }

  static let malformedImages = [
    Malformed(testDescription: "empty", bytes: [], parts: ["empty"]),
    Malformed(
      testDescription: "three bytes", bytes: [0, 0, 8], parts: ["truncated header", "expected 16 bytes", "found 3"]),
    Malformed(
      testDescription: "cut header", bytes: Array(fiveImages[..<15]),
      parts: ["truncated header", "expected 16 bytes", "found 15"]),
    Malformed(
      testDescription: "text", bytes: Array("hello world, this is text".utf8),
      parts: ["not an IDX file", "00 00", "found 68 65"]),
    Malformed(
      testDescription: "floats", bytes: idx([5, 4, 3], [UInt8](repeating: 0, count: 240), type: 0x0d),
      parts: ["unsupported element type", "expected 08", "found 0d (32-bit float)"]),
    Malformed(
      testDescription: "unknown type", bytes: idx([5, 4, 3], [], type: 0x77),
      parts: ["unsupported element type", "expected 08", "found 77"]),
    Malformed(
      testDescription: "labels", bytes: fiveLabels,
      parts: ["wrong number of axes", "expected 3 (examples, rows, columns)", "found 1"]),
    Malformed(
      testDescription: "255 axes", bytes: [0, 0, 8, 255], parts: ["wrong number of axes", "expected 3", "found 255"]),
    Malformed(
      testDescription: "no examples", bytes: idx([0, 4, 3], []), parts: ["no examples", "at least 1", "0 x 4 x 3"]),
    Malformed(testDescription: "no rows", bytes: idx([5, 0, 3], []), parts: ["no rows", "5 x 0 x 3"]),
    Malformed(testDescription: "no columns", bytes: idx([5, 4, 0], []), parts: ["no columns", "5 x 4 x 0"]),
    Malformed(
      testDescription: "overflowing", bytes: idx([.max, .max, .max], [1, 2, 3]),
      parts: ["absurd size", "4294967295 x 4294967295 x 4294967295"]),
    Malformed(
      testDescription: "just below overflow", bytes: idx([.max, 1 << 31, 1], [1]),
      parts: ["truncated", "4294967295 x 2147483648 x 1", "found 17"]),
    Malformed(
      testDescription: "one byte short", bytes: fiveImages.dropLast(),
      parts: ["truncated", "expected 76 bytes", "5 x 4 x 3", "found 75"]),
    Malformed(
      testDescription: "header alone", bytes: Array(fiveImages[..<16]),
      parts: ["truncated", "expected 76 bytes", "found 16"]),
    Malformed(
      testDescription: "one byte too many", bytes: fiveImages + [0],
      parts: ["bytes after the end", "expected 76 bytes", "found 77"]),
  ]

  @Test(arguments: malformedImages) func malformedImagesAreRefused(_ images: Malformed) throws {
    let path = try folder.write(images.bytes, "images")
    let labels = try folder.write(fiveLabels, "labels")
    expectDatasetError(at: path, images.parts) { try Dataset.loadIDX(images: path, labels: labels) }
  }

  /// How much an archive holds is known at its end alone, and it is not read that far.
  @Test(arguments: malformedImages)
  func malformedImagesAreRefusedOutOfAnArchive(_ images: Malformed) throws {
    let path = try folder.writeCompressed(images.bytes, "images.gz")
    let labels = try folder.write(fiveLabels, "labels")
    let parts = images.parts.map { part in
      switch (images.testDescription, part) {
      case ("one byte too many", "found 77"): "found more"
      case ("just below overflow", "found 17"): "found an archive that can hold"
      default: part
      }
    }
    expectDatasetError(at: path, parts) { try Dataset.loadIDX(images: path, labels: labels) }
  }

  static let malformedLabels = [
    Malformed(testDescription: "empty", bytes: [], parts: ["empty"]),
    Malformed(
      testDescription: "images", bytes: fiveImages, parts: ["wrong number of axes", "expected 1 (examples)", "found 3"]),
    Malformed(testDescription: "too few", bytes: idx([4], [1, 2, 3, 4]), parts: ["expected 5 labels", "found 4"]),
    Malformed(
      testDescription: "too many", bytes: idx([6], [1, 2, 3, 4, 5, 6]), parts: ["expected 5 labels", "found 6"]),
    Malformed(
      testDescription: "cut", bytes: fiveLabels.dropLast(2), parts: ["truncated", "expected 13 bytes", "found 11"]),
    Malformed(testDescription: "cut header", bytes: Array(fiveLabels[..<7]), parts: ["expected 8 bytes", "found 7"]),
  ]

  @Test(arguments: malformedLabels) func malformedLabelsAreRefused(_ labels: Malformed) throws {
    let images = try folder.write(fiveImages, "images")
    let path = try folder.write(labels.bytes, "labels")
    expectDatasetError(at: path, labels.parts) { try Dataset.loadIDX(images: images, labels: path) }
  }

  // MARK: what cannot be read

  @Test func missingFilesAreNamed() throws {
    let images = try folder.write(fiveImages, "images")
    let missing = folder.path + "/none"
    expectDatasetError(at: missing, ["cannot be opened", "No such file"]) {
      try Dataset.loadIDX(images: missing, labels: images)
    }
    expectDatasetError(at: missing, ["cannot be opened", "No such file"]) {
      try Dataset.loadIDX(images: images, labels: missing)
    }
  }

  @Test func whatIsNoFileIsRefused() throws {
    expectDatasetError(at: folder.path, ["expected a file", "found a directory"]) {
      try Dataset.loadIDX(images: folder.path, labels: folder.path)
    }
    expectDatasetError(at: "/dev/zero", ["expected a regular file"]) {
      try Dataset.loadIDX(images: "/dev/zero", labels: "/dev/zero")
    }
    let loop = folder.path + "/loop"
    try FileManager.default.createSymbolicLink(atPath: loop, withDestinationPath: loop)
    expectDatasetError(at: loop, ["cannot be opened"]) { try Dataset.loadIDX(images: loop, labels: loop) }
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may read everything"))
  func aForbiddenFileIsRefused() throws {
    let images = try folder.write(fiveImages, "images")
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: images)
    expectDatasetError(at: images, ["cannot be opened", "Permission denied"]) {
      try Dataset.loadIDX(images: images, labels: images)
    }
  }

  // MARK: archives

  @Test func aTruncatedArchiveIsRefused() throws {
    let whole = try folder.writeCompressed(fiveImages, "whole.gz")
    let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: whole)))
    let cut = try folder.write(bytes.dropLast(10), "cut.gz")
    expectDatasetError(at: cut, ["cannot be decompressed", "unexpected end of file"]) {
      try Dataset.loadIDX(images: cut, labels: cut)
    }
  }

  @Test func aDamagedArchiveIsRefused() throws {
    let whole = try folder.writeCompressed(fiveImages, "whole.gz")
    var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: whole)))
    bytes[bytes.count - 8] ^= 0xff  // the checksum
    let damaged = try folder.write(bytes, "damaged.gz")
    expectDatasetError(at: damaged, ["cannot be decompressed"]) {
      try Dataset.loadIDX(images: damaged, labels: damaged)
    }
  }

  // MARK: any bytes at all

  /// `bytes` with one to three bytes changed, then perhaps cut or lengthened.
  private func damaged(_ bytes: [UInt8], using generator: inout Generator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      // Half of the changes hit the header.
      let end = Bool.random(using: &generator) ? min(16, bytes.count) : bytes.count
      bytes[Int.random(in: 0..<end, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
    }
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: bytes.removeLast(Int.random(in: 0...bytes.count, using: &generator))
    case 1: bytes += (0..<Int.random(in: 1...9, using: &generator)).map { UInt8($0) }
    default: break
    }
    return bytes
  }

  /// Whether the files load; anything but a data set error for one of them is an issue.
  private func loads(_ images: String, _ labels: String, variant: Int) -> Bool {
    do throws(SAMTError) {
      let data = try Dataset.loadIDX(images: images, labels: labels)
      #expect(data.inputs.shape[0] == data.labels.count, "variant \(variant)")
      #expect(data.inputs.elements.allSatisfy { $0 >= 0 && $0 <= 1 }, "variant \(variant)")
      return true
    } catch {
      guard case .dataset(let path, let reason) = error, path == images || path == labels, !reason.isEmpty else {
        Issue.record("variant \(variant): \(error)")
        return false
      }
      return false
    }
  }

  @Test func damagedFilesLoadOrAreRefused() throws {
    var generator = Generator(seed: 7)
    let good = (images: try folder.write(fiveImages, "images"), labels: try folder.write(fiveLabels, "labels"))
    var loaded = 0
    for variant in 0..<400 {
      let images = try folder.write(damaged(fiveImages, using: &generator), "damaged-images")
      let labels = try folder.write(damaged(fiveLabels, using: &generator), "damaged-labels")
      if loads(images, good.labels, variant: variant) { loaded += 1 }
      if loads(good.images, labels, variant: variant) { loaded += 1 }
    }
    // Both outcomes occur, or the damage would test nothing.
    #expect(loaded > 50 && loaded < 700, "\(loaded) of 800 loaded")
  }

  @Test func damagedArchivesLoadOrAreRefused() throws {
    var generator = Generator(seed: 8)
    let archive = try folder.writeCompressed(fiveImages, "images.gz")
    let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: archive)))
    let labels = try folder.write(fiveLabels, "labels")
    var loaded = 0
    for variant in 0..<60 {
      let images = try folder.write(damaged(bytes, using: &generator), "damaged.gz")
      if loads(images, labels, variant: variant) { loaded += 1 }
    }
    #expect(loaded < 30, "\(loaded) of 60 loaded")
  }
}
