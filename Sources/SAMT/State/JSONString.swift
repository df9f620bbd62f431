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
