/// Why bytes are no array of NumPy that can be read.
struct NPYMalformation: Error {
  let reason: String
}

/// The header of a file of NumPy (NEP 1): a Python dictionary of element type, memory order and shape.
struct NPYHeader {
  let type: NPYType
  /// Whether the first axis varies fastest.
  let isColumnMajor: Bool
  /// The lengths of the axes.
  let shape: [Int]
  /// The product of the lengths.
  let count: Int

  /// The bytes of the elements.
  var size: Int { count * type.size }

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// The most bytes of a header that are read: NumPy, too, refuses longer ones.
  static let sizeLimit = 10_000

  /// Understands the dictionary's text.
  init(_ text: [UInt8]) throws(NPYMalformation) {
    var scanner = PythonScanner(text)
    var (code, isColumnMajor, shape): (String?, Bool?, [Int]?) = (nil, nil, nil)
    try scanner.take("{")
    while !scanner.takes("}") {
      let key = try scanner.string()
      try scanner.take(":")
      switch key {
      case "descr" where code == nil: code = try scanner.typeCode()
      case "fortran_order" where isColumnMajor == nil: isColumnMajor = try scanner.boolean()
      case "shape" where shape == nil: shape = try scanner.tuple()
      default: throw NPYMalformation(reason: "malformed header: unexpected key \(key)")
      }
      if !scanner.takes(",") {
        try scanner.take("}")
        break
      }
    }
    guard scanner.isAtEnd, let code, let isColumnMajor, let shape else {
      throw NPYMalformation(reason: "malformed header: expected descr, fortran_order and shape, and nothing else")
    }
    type = try NPYType(code: code)
    guard let count = Shape.count(of: shape), Shape.count(of: [count, 8]) != nil else {
      throw NPYMalformation(reason: "absurd size: the header says \(shape)")
    }
    (self.isColumnMajor, self.shape, self.count) = (isColumnMajor, shape, count)
  }
}

/// Reads the few literals of Python that stand in a header.
private struct PythonScanner {
  private let text: [UInt8]
  private var position = 0

  init(_ text: [UInt8]) { self.text = text }

  /// Whether nothing but white space is left.
  var isAtEnd: Bool { text[position...].allSatisfy(Self.isSpace) }

  mutating func takes(_ character: Unicode.Scalar) -> Bool {
    skipSpaces()
    guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func take(_ character: Unicode.Scalar) throws(NPYMalformation) {
    guard takes(character) else { throw unexpected("'\(character)'") }
  }

  /// A string in quotes of either kind, without escapes.
  mutating func string() throws(NPYMalformation) -> String {
    let quote: Unicode.Scalar
    if takes("'") { quote = "'" } else if takes("\"") { quote = "\"" } else { throw unexpected("a string") }
    let rest = text[position...]
    guard let end = rest.firstIndex(of: UInt8(ascii: quote)),
      rest[..<end].allSatisfy({ 0x20..<0x7f ~= $0 && $0 != UInt8(ascii: "\\") })
    else { throw unexpected("a string of plain characters") }
    defer { position = end + 1 }
    return String(decoding: rest[..<end], as: UTF8.self)
  }

  /// A type's code.
  mutating func typeCode() throws(NPYMalformation) -> String {
    if takes("[") {
      throw NPYMalformation(reason: "the elements are records, which are not read; save each field as an array")
    }
    return try string()
  }

  mutating func boolean() throws(NPYMalformation) -> Bool {
    skipSpaces()
    for (word, value) in [("True", true), ("False", false)] where text[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return value
    }
    throw unexpected("True or False")
  }

  /// Whole numbers in parentheses.
  mutating func tuple() throws(NPYMalformation) -> [Int] {
    var numbers: [Int] = []
    try take("(")
    while !takes(")") {
      numbers.append(try integer())
      if !takes(",") {
        try take(")")
        break
      }
    }
    return numbers
  }

  private mutating func integer() throws(NPYMalformation) -> Int {
    skipSpaces()
    let digits = text[position...].prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    guard let number = Int(String(decoding: digits, as: UTF8.self)) else { throw unexpected("a length") }
    position += digits.count
    return number
  }

  private mutating func skipSpaces() {
    while position < text.count, Self.isSpace(text[position]) { position += 1 }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") }

  private func unexpected(_ expected: String) -> NPYMalformation {
    NPYMalformation(reason: "malformed header: expected \(expected) at byte \(position) of its text")
  }
}
