import Foundation

/// A file in the IDX format of LeCun, Cortes and Burges, with elements that are unsigned bytes.
///
/// It consists of two zero bytes, a byte for the elements' type, one for the number of axes, the axes' lengths as
/// big-endian 32-bit numbers, outermost first, and the elements in row-major order.
struct IDXFile {
  let path: String
  /// The lengths of the axes, outermost first; none is 0.
  let lengths: [Int]
  private let bytes: Data

  /// Reads the file at `path`, which must have the axes that `axes` names, and exactly the size its header promises.
  init(path: String, axes: [String]) throws(SAMTError) {
    try self.init(bytes: try DataFile.read(path), path: path, axes: axes)
  }

  /// Takes `bytes` as an IDX file; `path` is for the error.
  init(bytes: Data, path: String, axes: [String]) throws(SAMTError) {
    do throws(Malformation) {
      lengths = try Self.checkedLengths(bytes, axes: axes)
    } catch {
      throw .dataset(path: path, reason: error.reason)
    }
    self.bytes = bytes
    self.path = path
  }

  private static func headerSize(axes: Int) -> Int { 4 + 4 * axes }

  /// The elements.
  func withElements<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
    bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[Self.headerSize(axes: lengths.count)...])) }
  }
}

extension IDXFile {
  private struct Malformation: Error {
    let reason: String
  }

  private static func checkedLengths(_ bytes: Data, axes: [String]) throws(Malformation) -> [Int] {
    try checkMagic(bytes, axes: axes)
    let header = headerSize(axes: axes.count)
    guard bytes.count >= header else {
      throw Malformation(reason: "truncated header: expected \(header) bytes, found \(bytes.count)")
    }
    let lengths = axes.indices.map { axis in
      bytes[4 + 4 * axis..<8 + 4 * axis].reduce(0) { $0 << 8 | Int($1) }
    }
    let product = lengths.map(String.init).joined(separator: " x ")
    for (name, length) in zip(axes, lengths) where length == 0 {
      throw Malformation(reason: "no \(name): expected at least 1, found a header for \(product)")
    }
    guard let elements = Shape.count(of: lengths), elements <= Int.max - header else {
      throw Malformation(reason: "absurd size: the header says \(product)")
    }
    guard bytes.count == header + elements else {
      let difference = bytes.count < header + elements ? "truncated" : "bytes after the end"
      throw Malformation(
        reason: "\(difference): expected \(header + elements) bytes for a header and \(product), found \(bytes.count)")
    }
    return lengths
  }

  private static func checkMagic(_ bytes: Data, axes: [String]) throws(Malformation) {
    if bytes.isEmpty { throw Malformation(reason: "the file is empty") }
    guard bytes.count >= 4 else {
      throw Malformation(
        reason: "truncated header: expected \(headerSize(axes: axes.count)) bytes, found \(bytes.count)")
    }
    guard bytes[0] == 0 && bytes[1] == 0 else {
      throw Malformation(
        reason: "not an IDX file: expected it to begin with 00 00, found \(hex(bytes[0])) \(hex(bytes[1]))")
    }
    guard bytes[2] == 0x08 else {
      let name = elementTypes[bytes[2]].map { " (\($0))" } ?? ""
      throw Malformation(
        reason: "unsupported element type: expected 08 (unsigned byte), found \(hex(bytes[2]))\(name)")
    }
    guard bytes[3] == axes.count else {
      throw Malformation(
        reason: "wrong number of axes: expected \(axes.count) (\(axes.joined(separator: ", "))), found \(bytes[3])")
    }
  }

  private static let elementTypes: [UInt8: String] = [
    0x09: "signed byte", 0x0b: "16-bit integer", 0x0c: "32-bit integer", 0x0d: "32-bit float", 0x0e: "64-bit float",
  ]

  private static func hex(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
