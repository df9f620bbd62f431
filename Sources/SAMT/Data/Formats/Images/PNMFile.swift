/// A picture read from a file of netpbm: PGM or PPM, binary (P5, P6) or ASCII (P2, P3).
struct PNMFile {
  /// (channels, rows, columns) in [0, 1], a sample divided by the largest that the file may have; a PGM has one channel, a
  /// PPM red, green and blue.
  let pixels: Tensor

  /// The most bytes of a file that are read.
  private static let sizeLimit = 1 << 28
  /// The most rows, and the most columns: the product of both and a pixel's bytes is representable.
  private static let lengthLimit = 1 << 20

  /// Reads `stream`, which must end with the picture.
  init(_ stream: DataStream) throws(SAMTError) {
    let bytes = Array(try stream.readChunks(Self.sizeLimit).joined())
    guard try stream.isAtEnd() else {
      throw .dataset(path: stream.path, reason: "expected a picture of at most \(Self.sizeLimit) bytes, found more")
    }
    do throws(PNMMalformation) { pixels = try Self.pixels(bytes) } catch {
      throw .dataset(path: stream.path, reason: error.reason)
    }
  }

  private static func pixels(_ bytes: [UInt8]) throws(PNMMalformation) -> Tensor {
    let kind = try PNMKind(bytes)
    var scanner = PNMScanner(bytes, from: PNMKind.length)
    let columns = try scanner.number("the number of columns", in: 1...lengthLimit)
    let rows = try scanner.number("the number of rows", in: 1...lengthLimit)
    let largest = try scanner.number("the largest sample", in: 1...Int(UInt16.max))
    let (channels, plane) = (kind.isInColour ? 3 : 1, rows * columns)
    let count = channels * plane
    // An ASCII sample is a digit at least.
    let sampleSize = kind.isBinary && largest > UInt8.max ? 2 : 1
    if kind.isBinary { try scanner.takeSpace() }
    guard count * sampleSize <= bytes.count - scanner.position else {
      throw PNMMalformation(reason: "truncated: expected \(count) samples for \(rows) x \(columns) pixels")
    }
    var pixels = Tensor(zeros: [channels, rows, columns])
    try pixels.withMutablePointer { out in
      Result { () throws(PNMMalformation) in
        for index in 0..<count {
          let sample =
            kind.isBinary ? scanner.binarySample(size: sampleSize) : try scanner.number("a sample", in: 0...largest)
          guard sample <= largest else {
            throw PNMMalformation(reason: "expected samples of at most \(largest), found \(sample)")
          }
          out[index % channels * plane + index / channels] = Float(sample) / Float(largest)
        }
      }
    }.get()
    guard scanner.isAtEnd(isBinary: kind.isBinary) else {
      throw PNMMalformation(reason: "bytes after the end: expected \(rows) x \(columns) pixels and nothing else")
    }
    return pixels
  }
}

/// Why bytes are no picture that is read.
struct PNMMalformation: Error {
  let reason: String
}

/// What the first characters of a file of netpbm say.
private struct PNMKind {
  let isBinary: Bool
  let isInColour: Bool

  /// The number of these characters.
  static let length = 2

  init(_ bytes: [UInt8]) throws(PNMMalformation) {
    switch Array(bytes.prefix(Self.length)) {
    case Array("P2".utf8): (isBinary, isInColour) = (false, false)
    case Array("P3".utf8): (isBinary, isInColour) = (false, true)
    case Array("P5".utf8): (isBinary, isInColour) = (true, false)
    case Array("P6".utf8): (isBinary, isInColour) = (true, true)
    case []: throw PNMMalformation(reason: "the file is empty")
    default:
      let other = Self.otherFormats.first { bytes.starts(with: $0.start) }?.name
      throw PNMMalformation(
        reason: "expected PGM or PPM (P2, P3, P5 or P6), found \(other ?? "another format");"
          + " ImageMagick converts it: magick in.\(other?.lowercased() ?? "png") out.ppm")
    }
  }

  private static let otherFormats: [(start: [UInt8], name: String)] = [
    ([0x89] + Array("PNG".utf8), "PNG"), ([0xff, 0xd8], "JPEG"), (Array("GIF8".utf8), "GIF"), (Array("BM".utf8), "BMP"),
  ]
}

/// Reads numbers from a file of netpbm.
private struct PNMScanner {
  private let bytes: [UInt8]
  private(set) var position: Int

  init(_ bytes: [UInt8], from position: Int) {
    self.bytes = bytes
    self.position = position
  }

  /// A decimal number behind white space and comments.
  mutating func number(_ name: String, in range: ClosedRange<Int>) throws(PNMMalformation) -> Int {
    skipSpaces()
    var number: Int?
    while position < bytes.count, case let digit = bytes[position] &- UInt8(ascii: "0"), digit < 10 {
      number = min(10 * (number ?? 0) + Int(digit), range.upperBound + 1)
      position += 1
    }
    guard let number else { throw PNMMalformation(reason: "expected \(name) at byte \(position), found none") }
    guard range.contains(number) else {
      let found = number > range.upperBound ? "a larger number" : "\(number)"
      throw PNMMalformation(reason: "\(name): expected \(range.lowerBound) to \(range.upperBound), found \(found)")
    }
    return number
  }

  /// A number of one or two bytes, the most significant first.
  ///
  /// - Precondition: as many bytes are left.
  mutating func binarySample(size: Int) -> Int {
    defer { position += size }
    return size == 1 ? Int(bytes[position]) : Int(bytes[position]) << 8 | Int(bytes[position + 1])
  }

  /// The one character between header and samples.
  mutating func takeSpace() throws(PNMMalformation) {
    guard position < bytes.count, Self.isSpace(bytes[position]) else {
      throw PNMMalformation(reason: "expected white space before the samples, at byte \(position)")
    }
    position += 1
  }

  /// Whether nothing is left, or nothing but white space and comments in ASCII.
  mutating func isAtEnd(isBinary: Bool) -> Bool {
    if !isBinary { skipSpaces() }
    return position == bytes.count
  }

  private mutating func skipSpaces() {
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "#") {
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
      } else if Self.isSpace(bytes[position]) {
        position += 1
      } else {
        return
      }
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || 0x09...0x0d ~= byte }
}
