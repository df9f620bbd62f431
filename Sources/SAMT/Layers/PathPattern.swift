/// Which layers or parameters of a model are meant, by their paths.
///
/// A pattern matches a path, and all that lies below: `layer1` matches `layer1.0.conv1.weight`, and not
/// `layer10.0.conv1.weight`. A `*` in it stands for any characters, dots among them, or for none: `*.bias`,
/// `layer*.conv1`, `*`.
public struct PathPattern: Sendable, Hashable, CustomStringConvertible {
  /// The pattern as it was written.
  public let description: String
  private let bytes: [UInt8]

  /// The pattern that is written so; an empty one matches nothing.
  public init(_ text: String) {
    description = text
    bytes = Array(text.utf8)
  }

  /// Whether the pattern matches the path, or that of a container around it.
  public func matches(_ path: String) -> Bool {
    let (star, dot) = (UInt8(ascii: "*"), UInt8(ascii: "."))
    // Which beginnings of the pattern, by their lengths, match what of the path was read so far.
    var matched = [true] + [Bool](repeating: false, count: bytes.count)
    for index in bytes.indices { matched[index + 1] = matched[index] && bytes[index] == star }
    for (position, byte) in path.utf8.enumerated() {
      if byte == dot, position > 0, matched[bytes.count] { return true }
      var next = [Bool](repeating: false, count: bytes.count + 1)
      for index in bytes.indices {
        next[index + 1] =
          bytes[index] == star ? next[index] || matched[index + 1] : matched[index] && bytes[index] == byte
      }
      matched = next
    }
    return matched[bytes.count] && !path.isEmpty
  }
}

extension PathPattern: ExpressibleByStringLiteral {
  /// A pattern written as a literal.
  public init(stringLiteral text: String) { self.init(text) }
}
