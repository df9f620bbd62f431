/// Paths as text that keeps every byte.
///
/// A file's name is any bytes but NUL and the slash, a `String` is Unicode: what is not UTF-8 would be replaced by
/// U+FFFD and name another file. So a byte that belongs to no UTF-8 sequence becomes the private-use character U+F700 +
/// byte, and becomes the byte again where the path reaches the system. A name that really holds one of these
/// characters, U+F780 to U+F7FF, is kept byte by byte in the same way, so that the round trip from bytes is always
/// exact.
extension String {
  private static let firstEscape: UInt32 = 0xf700
  private static let escapes: ClosedRange<UInt32> = 0xf780...0xf7ff

  /// The path of these bytes.
  public init(pathBytes: some Sequence<UInt8>) {
    self.init()
    Array(pathBytes).withUnsafeBytes { bytes in
      var index = 0
      while index < bytes.count {
        let length = UTF8Sequence.length(in: bytes, at: index)
        let sequence = bytes[index..<index + (length ?? 1)]
        let text = String(decoding: sequence, as: UTF8.self)
        if length == nil || text.unicodeScalars.contains(where: { Self.escapes.contains($0.value) }) {
          for byte in sequence { appendEscape(byte) }
        } else {
          self += text
        }
        index += sequence.count
      }
    }
  }

  private mutating func appendEscape(_ byte: UInt8) {
    if let scalar = Unicode.Scalar(Self.firstEscape + UInt32(byte)) { unicodeScalars.append(scalar) }
  }

  /// The bytes of this path, as the system takes them.
  public var pathBytes: [UInt8] {
    guard unicodeScalars.contains(where: { Self.escapes.contains($0.value) }) else { return Array(utf8) }
    var bytes: [UInt8] = []
    for scalar in unicodeScalars {
      if Self.escapes.contains(scalar.value) {
        bytes.append(UInt8(scalar.value - Self.firstEscape))
      } else {
        bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
    return bytes
  }

  /// This path for messages, with bytes that are not text as `\xe9`.
  public var displayedPath: String {
    var text = ""
    for scalar in unicodeScalars {
      if Self.escapes.contains(scalar.value) {
        text += "\\x" + String(scalar.value - Self.firstEscape, radix: 16)
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  /// Calls `body` with this path as the system takes it.
  ///
  /// - Throws: where the path holds a NUL, which would end it early.
  func withPathBytes<R>(_ body: (UnsafePointer<CChar>) throws(FileFailure) -> R) throws(FileFailure) -> R {
    let bytes = pathBytes.map { CChar(bitPattern: $0) }
    guard !bytes.contains(0) else { throw FileFailure(reason: "a path cannot contain a NUL character") }
    let result = (bytes + [0]).withUnsafeBufferPointer { buffer -> Result<R, FileFailure> in
      guard let start = buffer.baseAddress else { return .failure(FileFailure(reason: "an empty path")) }
      do throws(FileFailure) { return .success(try body(start)) } catch { return .failure(error) }
    }
    return try result.get()
  }
}
