import Foundation

/// Values as JSON in one line: keys in order, numbers with every bit, NaN and infinities as "nan", "inf" and "-inf".
enum JSONText {
  /// - Precondition: a value that has a form in JSON, as all of the library's have.
  static func encode(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? encoder.encode(value) else { fatalError("\(type(of: value)) cannot be encoded as JSON") }
    return String(decoding: data, as: UTF8.self)
  }

  /// The value that a text describes; nil where it describes none.
  static func decode<Value: Decodable>(_: Value.Type, _ text: String) -> Value? {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try? decoder.decode(Value.self, from: Data(text.utf8))
  }
}
