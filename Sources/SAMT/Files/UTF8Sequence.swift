/// The sequences of UTF-8 (Unicode 16.0, table 3-7).
enum UTF8Sequence {
  /// The length, 1 to 4, of the well-formed sequence that begins at `index`; nil where there is none.
  static func length(in bytes: UnsafeRawBufferPointer, at index: Int) -> Int? {
    let lead = bytes[index]
    // The bounds of the second byte exclude longer forms than needed, surrogates, and what lies beyond U+10FFFF.
    let (length, second): (Int, ClosedRange<UInt8>)
    switch lead {
    case 0x00...0x7f: return 1
    case 0xc2...0xdf: (length, second) = (2, 0x80...0xbf)
    case 0xe0: (length, second) = (3, 0xa0...0xbf)
    case 0xed: (length, second) = (3, 0x80...0x9f)
    case 0xe1...0xef: (length, second) = (3, 0x80...0xbf)
    case 0xf0: (length, second) = (4, 0x90...0xbf)
    case 0xf1...0xf3: (length, second) = (4, 0x80...0xbf)
    case 0xf4: (length, second) = (4, 0x80...0x8f)
    default: return nil
    }
    guard bytes.count - index >= length, second.contains(bytes[index + 1]) else { return nil }
    for i in index + 2..<max(index + 2, index + length) where bytes[i] & 0xc0 != 0x80 { return nil }
    return length
  }
}
