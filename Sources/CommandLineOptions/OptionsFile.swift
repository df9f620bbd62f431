import Foundation

/// Options in a file: a JSON object that says what it is, its version, and each option's value as it would stand on the
/// command line.
///
///     {
///       "format" : "samt-train run",
///       "options" : { "augment" : true, "epochs" : "12", "freeze" : ["conv1", "conv2"] },
///       "version" : 1
///     }
///
/// An option that is there or not is `true`; one that is given more than once is an array.
public struct OptionsFile: Equatable {
  /// Why a file is not one.
  public struct Malformation: Error, CustomStringConvertible {
    /// One line that says what was expected, and what was found.
    public let description: String
  }

  /// What the options are for.
  public let format: String
  /// The version of the format.
  public let version: Int
  /// Names without dashes, and values; the one value of an option that is there or not is empty.
  public let options: [String: [String]]

  /// The most bytes that are read; no command line comes near it.
  public static let largestSize = 1 << 20

  /// Options to be written; `options` have their names with the dashes.
  public init(format: String, version: Int, options: [(name: String, values: [String])]) {
    self.format = format
    self.version = version
    self.options = Dictionary(options.map { (String($0.name.drop { $0 == "-" }), $0.values) }) { _, last in last }
  }

  /// The options in `json`.
  ///
  /// - Throws: ``Malformation`` for anything but an object of exactly this form, format and version.
  public init(json: [UInt8], format: String, version: Int) throws(Malformation) {
    guard json.count <= Self.largestSize else {
      throw Malformation(description: "expected at most \(Self.largestSize) bytes, found \(json.count)")
    }
    let stored: Stored
    do {
      stored = try JSONDecoder().decode(Stored.self, from: Data(json))
    } catch {
      throw Malformation(description: "not a JSON object of options: \(Self.reason(error))")
    }
    guard stored.format == format else {
      throw Malformation(description: "expected the format \(format), found \(stored.format)")
    }
    guard stored.version == version else {
      throw Malformation(description: "expected version \(version), found \(stored.version)")
    }
    // Foundation's decoder keeps one of two equal keys without a word.
    guard Self.pairCount(of: json) == stored.pairCount else {
      throw Malformation(description: "expected each key once, found one twice")
    }
    self.format = format
    self.version = version
    options = stored.options.mapValues(\.values)
  }

  /// The number of keys with their values in well-formed JSON: that of the colons outside strings.
  private static func pairCount(of json: [UInt8]) -> Int {
    var count = 0
    var (isInString, isEscaped) = (false, false)
    for byte in json {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\"") {
        isInString.toggle()
      } else if isInString {
        isEscaped = byte == UInt8(ascii: "\\")
      } else if byte == UInt8(ascii: ":") {
        count += 1
      }
    }
    return count
  }

  /// The JSON, indented, its keys sorted, with a line end.
  public var json: [UInt8] {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      let stored = Stored(format: format, version: version, options: options.mapValues(Stored.Values.init))
      return Array(try encoder.encode(stored)) + [UInt8(ascii: "\n")]
    }
  }

  private static func reason(_ error: any Error) -> String {
    func place(_ context: DecodingError.Context) -> String {
      let path = context.codingPath.map(\.stringValue).joined(separator: " ")
      return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
    }
    switch error {
    case DecodingError.keyNotFound(let key, _): return "no \(key.stringValue)"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
      DecodingError.dataCorrupted(let context):
      return place(context)
    default: return "\(error)"
    }
  }
}

/// The file's form.
private struct Stored: Codable {
  let format: String
  let version: Int
  let options: [String: Values]

  private enum Key: String, CodingKey, CaseIterable { case format, version, options }

  /// The number of keys with their values in a file that has each key once.
  var pairCount: Int { Key.allCases.count + options.count }

  /// A key as it stands in the file, whatever it is.
  private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(format: String, version: Int, options: [String: Values]) {
    self.format = format
    self.version = version
    self.options = options
  }

  init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue).sorted()
    let unknown = keys.first { name in !Key.allCases.contains { $0.rawValue == name } }
    if let unknown {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(codingPath: [], debugDescription: "unexpected key \(unknown)"))
    }
    let container = try decoder.container(keyedBy: Key.self)
    format = try container.decode(String.self, forKey: .format)
    version = try container.decode(Int.self, forKey: .version)
    options = try container.decode([String: Values].self, forKey: .options)
  }

  /// An option's values.
  struct Values: Codable {
    let values: [String]

    init(_ values: [String]) { self.values = values }

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        values = [text]
      } else if let isThere = try? container.decode(Bool.self), isThere {
        values = [""]
      } else if let list = try? container.decode([String].self) {
        values = list
      } else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "expected a text, true, or an array of texts")
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      if values.count != 1 {
        try container.encode(values)
      } else if values[0].isEmpty {
        try container.encode(true)
      } else {
        try container.encode(values[0])
      }
    }
  }
}
