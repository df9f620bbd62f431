import Foundation

extension FuzzTarget {
  /// IDX files; the first byte chooses the axes.
  static let idx = FuzzTarget(name: "idx") { input in
    guard let choice = input.first else { return }
    expectDatasetError { () throws(SAMTError) in
      try readIDX(DataStream(bytes: Array(input.dropFirst()), path: "input"), choice: choice)
    }
  }

  /// Files of CIFAR-10 and CIFAR-100; the first byte chooses which.
  static let cifar = FuzzTarget(name: "cifar") { input in
    guard let choice = input.first else { return }
    expectDatasetError { () throws(SAMTError) in
      try readCIFAR(DataStream(bytes: Array(input.dropFirst()), path: "input"), choice: choice)
    }
  }

  /// Content out of an archive: in pieces, its size unknown, perhaps with a failure at its end.
  ///
  /// The first four bytes choose the parser, the size of the pieces and of the archive, and the failure.
  static let archive = FuzzTarget(name: "archive") { input in
    guard input.count >= 4 else { return }
    let source = Pieces(Array(input.dropFirst(4)), length: 1 + Int(input[1]), fails: input[3] % 4 == 0)
    let stream = DataStream(source, size: Int(input[2]) * 64, path: "input")
    expectDatasetError { () throws(SAMTError) in
      if input[0] % 2 == 0 {
        try readIDX(stream, choice: input[0] / 2)
      } else {
        try readCIFAR(stream, choice: input[0] / 2)
      }
    }
  }

  /// Archives read through the system's gzip; the first byte chooses the axes.
  static let gzip = FuzzTarget(name: "gzip") { input in
    guard let choice = input.first else { return }
    let path = FileManager.default.temporaryDirectory.path + "/samt-fuzz-\(getpid())"
    _ = FileManager.default.createFile(atPath: path, contents: Data([0x1f, 0x8b] + input.dropFirst()))
    defer { unlink(path) }
    do throws(SAMTError) { try readIDX(DataStream(path), choice: choice) } catch {
      guard case .dataset(path, let reason) = error, !reason.isEmpty else { fatalError("\(error)") }
    }
  }

  private static func readIDX(_ stream: DataStream, choice: UInt8) throws(SAMTError) {
    let axes = choice % 2 == 0 ? ["examples"] : ["examples", "rows", "columns"]
    let file = try IDXFile(stream, axes: axes)
    precondition(file.lengths.count == axes.count && !file.lengths.contains(0))
    precondition(file.chunks.reduce(0) { $0 + $1.count } == file.lengths.reduce(1, *))
  }

  private static func readCIFAR(_ stream: DataStream, choice: UInt8) throws(SAMTError) {
    let (format, recordSize) = choice % 2 == 0 ? (CIFARFormat.cifar10, 3073) : (.cifar100, 3074)
    let count = try format.records(stream).reduce(0) { $0 + $1.count }
    precondition(count == stream.position && count > 0 && count % recordSize == 0)
  }
}

/// Bytes that come in pieces of a given length.
final class Pieces: ContentSource {
  private let bytes: [UInt8]
  private let length: Int
  private let fails: Bool
  private var position = 0

  init(_ bytes: [UInt8], length: Int, fails: Bool) {
    (self.bytes, self.length, self.fails) = (bytes, length, fails)
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileFailure) -> Int {
    precondition(!buffer.isEmpty)
    let count = min(buffer.count, length, bytes.count - position)
    if count == 0 && fails { throw FileFailure(reason: "fails") }
    buffer.copyBytes(from: bytes[position..<position + count])
    position += count
    return count
  }
}
