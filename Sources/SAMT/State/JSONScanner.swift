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

/// One escape sequence of a JSON string.
struct JSONEscape {
  let scalar: Unicode.Scalar
  /// Its bytes in the text, from the backslash on.
  let length: Int

  /// The sequence at `index`, where a backslash stands; nil where it is none.
  ///
  /// Surrogates come in pairs.
  init?(in bytes: UnsafeRawBufferPointer, at index: Int) {
    guard index + 1 < bytes.count else { return nil }
    if let byte = Self.simple(bytes[index + 1]) {
      (scalar, length) = (Unicode.Scalar(byte), 2)
      return
    }
    guard let first = Self.codeUnit(in: bytes, at: index) else { return nil }
    if let scalar = Unicode.Scalar(first) {
      (self.scalar, length) = (scalar, 6)
      return
    }
    guard 0xd800..<0xdc00 ~= first, let second = Self.codeUnit(in: bytes, at: index + 6), 0xdc00..<0xe000 ~= second,
      let scalar = Unicode.Scalar(0x10000 + (UInt32(first) - 0xd800) << 10 + (UInt32(second) - 0xdc00))
    else { return nil }
    (self.scalar, length) = (scalar, 12)
  }

  private static func simple(_ letter: UInt8) -> UInt8? {
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0c
    case UInt8(ascii: "n"): 0x0a
    case UInt8(ascii: "r"): 0x0d
    case UInt8(ascii: "t"): 0x09
    default: nil
    }
  }

  /// The number in `\uXXXX`.
  private static func codeUnit(in bytes: UnsafeRawBufferPointer, at index: Int) -> UInt16? {
    guard index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u")
    else { return nil }
    var unit: UInt16 = 0
    for i in index + 2..<index + 6 {
      guard let digit = Character(Unicode.Scalar(bytes[i])).hexDigitValue, bytes[i] < 0x80 else { return nil }
      unit = unit << 4 | UInt16(digit)
    }
    return unit
  }
}

/// The UTF-8 that a JSON string stands for, byte by byte; the string must be well-formed.
struct JSONStringBytes: Sequence, IteratorProtocol {
  private let bytes: UnsafeRawBufferPointer
  private var position: Int
  private let end: Int
  /// What is left of a character that was escaped.
  private var pending: UTF8.EncodedScalar.Iterator?

  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    self.bytes = bytes
    (position, end) = (range.lowerBound, range.upperBound)
  }

  mutating func next() -> UInt8? {
    if let byte = pending?.next() { return byte }
    guard position < end else { return nil }
    guard bytes[position] == UInt8(ascii: "\\"), let escape = JSONEscape(in: bytes, at: position) else {
      position += 1
      return bytes[position - 1]
    }
    position += escape.length
    pending = UTF8.encode(escape.scalar)?.makeIterator()
    return pending?.next()
  }
}
