/// Why a header is not one.
struct SafetensorsMalformation: Error {
  let reason: String
}

/// Reads the tokens of JSON (RFC 8259) that a safetensors header has: objects, arrays, strings, unsigned integers.
///
/// It allocates nothing, and reports each string as the range of its bytes, so that whoever must hear of a name twice
/// does; Foundation's parser keeps one of two equal keys without a word.
struct JSONScanner {
  private let bytes: UnsafeRawBufferPointer
  private(set) var position: Int

  init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  /// The next byte that is no white space, not taken; nil at the end.
  mutating func peek() -> UInt8? {
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): position += 1
      case let byte: return byte
      }
    }
    return nil
  }

  /// Takes `character`.
  mutating func take(_ character: Unicode.Scalar) throws(SafetensorsMalformation) {
    guard peek() == UInt8(ascii: character) else { throw unexpected("'\(character)'") }
    position += 1
  }

  /// Takes `character` if it comes next.
  mutating func takes(_ character: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// Takes what stands between `open` and `close`: elements that `element` takes, with commas between them.
  mutating func list(
    _ open: Unicode.Scalar, _ close: Unicode.Scalar,
    _ element: (inout JSONScanner) throws(SafetensorsMalformation) -> Void
  ) throws(SafetensorsMalformation) {
    try take(open)
    if takes(close) { return }
    repeat { try element(&self) } while takes(",")
    guard takes(close) else { throw unexpected("',' or '\(close)'") }
  }

  /// Takes a string and returns the range between its quotes.
  mutating func string() throws(SafetensorsMalformation) -> Range<Int> {
    guard peek() == UInt8(ascii: "\"") else { throw unexpected("a string") }
    let start = position + 1
    position = start
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position += 1
        return start..<position - 1
      case UInt8(ascii: "\\"):
        guard let escape = JSONEscape(in: bytes, at: position) else { throw unexpected("an escape sequence") }
        position += escape.length
      case ..<0x20: throw unexpected("no control character in a string")
      default:
        guard let length = UTF8Sequence.length(in: bytes, at: position) else { throw unexpected("UTF-8") }
        position += length
      }
    }
    throw unexpected("the end of a string")
  }

  /// Takes a whole number that is not negative.
  mutating func unsigned() throws(SafetensorsMalformation) -> Int {
    guard let first = peek(), Self.isDigit(first) else { throw unexpected("a whole number, not negative") }
    let start = position
    var number = 0
    while position < bytes.count, Self.isDigit(bytes[position]) {
      let (product, overflow) = number.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int(bytes[position] - UInt8(ascii: "0")))
      guard !overflow && !carry else {
        throw SafetensorsMalformation(reason: "at byte \(start) of the header: expected a number below 2^63")
      }
      number = sum
      position += 1
    }
    guard first != UInt8(ascii: "0") || position == start + 1 else {
      throw SafetensorsMalformation(reason: "at byte \(start) of the header: expected no zero before a number")
    }
    return number
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  /// The error for what stands here in place of `expected`.
  func unexpected(_ expected: String) -> SafetensorsMalformation {
    let found: String
    if position >= bytes.count {
      found = "its end"
    } else if (0x20..<0x7f).contains(bytes[position]) {
      found = "'\(Character(Unicode.Scalar(bytes[position])))'"
    } else {
      found = "byte \(bytes[position])"
    }
    return SafetensorsMalformation(reason: "at byte \(position) of the header: expected \(expected), found \(found)")
  }
}
