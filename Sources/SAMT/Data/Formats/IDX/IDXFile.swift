/// A file in the IDX format of LeCun, Cortes and Burges, with elements that are unsigned bytes.
///
/// It consists of two zero bytes, a byte for the elements' type, one for the number of axes, the axes' lengths as
/// big-endian 32-bit numbers, outermost first, and the elements in row-major order.
struct IDXFile {
  /// The lengths of the axes, outermost first; none is 0.
  let lengths: [Int]
  /// The elements in row-major order, one chunk after the other.
  let chunks: [[UInt8]]

  /// Reads the file at `path`, which must have the axes that `axes` names, and exactly the size its header promises.
  init(path: String, axes: [String]) throws(SAMTError) {
    try self.init(try DataStream(path), axes: axes)
  }

  /// Reads `stream`, no further than its header allows.
  init(_ stream: DataStream, axes: [String]) throws(SAMTError) {
    lengths = try Self.lengths(stream, axes: axes)
    let size = lengths.reduce(1, *)
    let end = stream.position + size
    chunks = try stream.readChunks(size)
    guard stream.position == end else {
      throw Self.wrongSize("truncated", lengths, stream.path, found: "\(stream.position)")
    }
    guard try stream.isAtEnd() else { throw Self.wrongSize("bytes after the end", lengths, stream.path, found: "more") }
  }

  /// Reads the header of `stream`, behind which the elements begin, as many as the lengths' product.
  static func lengths(_ stream: DataStream, axes: [String]) throws(SAMTError) -> [Int] {
    func failure(_ reason: String) -> SAMTError { .dataset(path: stream.path, reason: reason) }

    let headerSize = 4 + 4 * axes.count
    let magic = try stream.read(4)
    if let problem = Self.problem(magic, axes: axes, headerSize: headerSize) { throw failure(problem) }
    let numbers = try stream.read(headerSize - 4)
    guard numbers.count == headerSize - 4 else {
      throw failure("truncated header: expected \(headerSize) bytes, found \(4 + numbers.count)")
    }
    let lengths = axes.indices.map { axis in numbers[4 * axis..<4 * axis + 4].reduce(0) { $0 << 8 | Int($1) } }

    let product = lengths.map(String.init).joined(separator: " x ")
    for (name, length) in zip(axes, lengths) where length == 0 {
      throw failure("no \(name): expected at least 1, found a header for \(product)")
    }
    guard let count = Shape.count(of: lengths), count <= Int.max - headerSize else {
      throw failure("absurd size: the header says \(product)")
    }
    if let size = stream.size, size != headerSize + count {
      let difference = size < headerSize + count ? "truncated" : "bytes after the end"
      throw wrongSize(difference, lengths, stream.path, found: "\(size)")
    }
    guard headerSize + count <= stream.sizeLimit else {
      throw wrongSize("truncated", lengths, stream.path, found: "an archive that can hold \(stream.sizeLimit)")
    }
    return lengths
  }

  private static func wrongSize(_ difference: String, _ lengths: [Int], _ path: String, found: String) -> SAMTError {
    let size = 4 + 4 * lengths.count + lengths.reduce(1, *)
    let product = lengths.map(String.init).joined(separator: " x ")
    return .dataset(
      path: path, reason: "\(difference): expected \(size) bytes for a header and \(product), found \(found)")
  }

  /// What is wrong with the first four bytes, which are all there are where they are fewer.
  private static func problem(_ magic: [UInt8], axes: [String], headerSize: Int) -> String? {
    if magic.isEmpty { return "the file is empty" }
    guard magic.count == 4 else {
      return "truncated header: expected \(headerSize) bytes, found \(magic.count)"
    }
    guard magic[0] == 0 && magic[1] == 0 else {
      return "not an IDX file: expected it to begin with 00 00, found \(hex(magic[0])) \(hex(magic[1]))"
    }
    guard magic[2] == 0x08 else {
      let name = elementTypes[magic[2]].map { " (\($0))" } ?? ""
      return "unsupported element type: expected 08 (unsigned byte), found \(hex(magic[2]))\(name)"
    }
    guard magic[3] == axes.count else {
      return "wrong number of axes: expected \(axes.count) (\(axes.joined(separator: ", "))), found \(magic[3])"
    }
    return nil
  }

  private static let elementTypes: [UInt8: String] = [
    0x09: "signed byte", 0x0b: "16-bit integer", 0x0c: "32-bit integer", 0x0d: "32-bit float", 0x0e: "64-bit float",
  ]

  private static func hex(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
