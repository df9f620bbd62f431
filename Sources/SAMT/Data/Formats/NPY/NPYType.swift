/// The type of an array's elements in a file of NumPy.
public struct NPYType: Sendable, Hashable {
  /// What an element is.
  public enum Kind: Character, Sendable {
    /// A truth value, a byte.
    case boolean = "b"
    /// An integer with a sign.
    case signed = "i"
    /// An integer without one.
    case unsigned = "u"
    /// A binary floating-point number.
    case float = "f"
  }

  /// What an element is.
  public let kind: Kind
  /// An element's bytes: 1, 2, 4 or 8.
  public let size: Int
  /// Whether the most significant byte comes first.
  public let isBigEndian: Bool

  /// A type, with the least significant byte first.
  init(_ kind: Kind, size: Int) {
    self.kind = kind
    self.size = size
    isBigEndian = false
  }

  /// Understands a type's code, such as `<f4`: byte order, kind, bytes.
  ///
  /// - Throws: ``NPYMalformation`` that says what an unsupported code means.
  init(code: String) throws(NPYMalformation) {
    var rest = code[...]
    var order: Character = "|"
    if let first = rest.first, "<>=|".contains(first) { order = rest.removeFirst() }
    if rest == "?" { rest = "b1" }
    if rest.first == "O" {
      throw NPYMalformation(
        reason: "the elements are pickled Python objects (\(code)), which are not read; save an array of numbers")
    }
    guard let kind = rest.first.flatMap(Kind.init), let size = Int(rest.dropFirst()), kind.sizes.contains(size) else {
      let name = rest.first.flatMap { Self.otherKinds[$0] }.map { " (\($0))" } ?? ""
      throw NPYMalformation(
        reason: "expected elements of type bool, int8 to uint64 or float16 to float64, found \(code)\(name)")
    }
    self.kind = kind
    self.size = size
    isBigEndian = order == ">"
  }

  private static let otherKinds: [Character: String] = [
    "c": "complex", "S": "bytes", "a": "bytes", "U": "text", "V": "records", "M": "dates", "m": "time spans",
    "f": "float",
  ]

  /// The code in the file's header.
  var code: String { (size == 1 ? "|" : isBigEndian ? ">" : "<") + "\(kind.rawValue)\(size)" }
}

extension NPYType.Kind {
  fileprivate var sizes: [Int] {
    switch self {
    case .boolean: [1]
    case .signed, .unsigned: [1, 2, 4, 8]
    case .float: [2, 4, 8]
    }
  }
}
