/// How an option's value is written as text: reads it, and writes it so that reading it again gives the same value.
///
/// Errors of reading name the option, what was expected and what was found.
public struct ValueFormat<Value> {
  /// The value that `text` beside `option` says.
  public let read: (_ option: String, _ text: String) throws(UsageError) -> Value
  /// The text that is read as this value.
  public let write: (Value) -> String

  /// A format by a function of the option's name and the text, and its inverse.
  public init(
    read: @escaping (_ option: String, _ text: String) throws(UsageError) -> Value, write: @escaping (Value) -> String
  ) {
    self.read = read
    self.write = write
  }

  /// A format of what `parse` understands; nil becomes an error that says what is `expected`.
  public init(
    _ expected: String, _ parse: @escaping (String) -> Value?, write: @escaping (Value) -> String = { "\($0)" }
  ) {
    self.init(
      read: { (option, text) throws(UsageError) in
        guard let value = parse(text) else {
          throw UsageError("\(option): expected \(expected), found \(text.isEmpty ? "nothing" : text)")
        }
        return value
      }, write: write)
  }

  /// The same text, its value transformed; `inverse` gives back what the text is written of.
  public func map<New>(_ transform: @escaping (Value) -> New, _ inverse: @escaping (New) -> Value) -> ValueFormat<New> {
    ValueFormat<New>(
      read: { (option, text) throws(UsageError) in transform(try read(option, text)) },
      write: { write(inverse($0)) })
  }

  /// Values with commas between them.
  public var list: ValueFormat<[Value]> {
    ValueFormat<[Value]>(
      read: { (option, text) throws(UsageError) in
        var values: [Value] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
          values.append(try read(option, String(part)))
        }
        return values
      }, write: { $0.map(write).joined(separator: ",") })
  }
}

extension ValueFormat where Value == String {
  /// Any text but an empty one.
  public static var text: Self { Self("a text") { $0.isEmpty ? nil : $0 } }

  /// The path of a file or directory: any text but an empty one.
  public static var path: Self { Self("a path") { $0.isEmpty ? nil : $0 } }
}

extension ValueFormat where Value == Int {
  /// A whole number in `range`.
  public static func integer(_ range: ClosedRange<Int>) -> Self {
    Self("a whole number in \(range.lowerBound) ... \(range.upperBound)") { text in
      Int(text).flatMap { range.contains($0) ? $0 : nil }
    }
  }
}

extension ValueFormat where Value: BinaryFloatingPoint & LosslessStringConvertible {
  /// A number in `range`.
  public static func number(_ range: ClosedRange<Value>) -> Self {
    number("a number in \(plain(range.lowerBound)) ... \(plain(range.upperBound))") { range.contains($0) }
  }

  /// A finite number above 0.
  public static var positive: Self { number("a positive number") { $0 > 0 && $0.isFinite } }

  /// A number from 0 to below 1.
  public static var probability: Self { number("a number from 0 to below 1") { $0 >= 0 && $0 < 1 } }

  private static func number(_ expected: String, _ isRight: @escaping (Value) -> Bool) -> Self {
    Self(expected, { text in Value(text).flatMap { isRight($0) ? $0 : nil } }, write: { plain($0) })
  }

  /// The shortest digits that are read as `value` again, whole numbers without a fraction.
  private static func plain(_ value: Value) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

extension ValueFormat where Value: CaseIterable & RawRepresentable<String> {
  /// One of an enumeration's values.
  public static var choice: Self {
    Self("one of \(names(Value.self))", { Value(rawValue: $0) }, write: \.rawValue)
  }
}

/// The values of an enumeration, for help and messages.
public func names<T: CaseIterable & RawRepresentable<String>>(_: T.Type) -> String {
  T.allCases.map(\.rawValue).joined(separator: ", ")
}
