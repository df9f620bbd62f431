/// Reads an option's value; its errors name the option, what was expected and what was found.
public struct ValueReader<Value> {
  let read: (_ option: String, _ text: String) throws(UsageError) -> Value

  /// A reader by a function of the option's name and the text.
  public init(_ read: @escaping (_ option: String, _ text: String) throws(UsageError) -> Value) { self.read = read }

  /// The same, its result transformed.
  public func map<New>(_ transform: @escaping (Value) -> New) -> ValueReader<New> {
    ValueReader<New> { (option, text) throws(UsageError) in transform(try read(option, text)) }
  }

  /// A reader of values with commas between them.
  public var list: ValueReader<[Value]> {
    ValueReader<[Value]> { (option, text) throws(UsageError) in
      var values: [Value] = []
      for part in text.split(separator: ",", omittingEmptySubsequences: false) {
        values.append(try read(option, String(part)))
      }
      return values
    }
  }

  fileprivate init(_ expected: String, _ parse: @escaping (String) -> Value?) {
    self.init { (option, text) throws(UsageError) in
      guard let value = parse(text) else { throw UsageError("\(option): expected \(expected), found \(text)") }
      return value
    }
  }
}

extension ValueReader where Value == String {
  /// Any text.
  public static var text: Self { Self("text") { $0 } }
}

extension ValueReader where Value == Int {
  /// A whole number in `range`.
  public static func integer(_ range: ClosedRange<Int>) -> Self {
    Self("a whole number in \(range.lowerBound) ... \(range.upperBound)") { text in
      Int(text).flatMap { range.contains($0) ? $0 : nil }
    }
  }
}

extension ValueReader where Value: BinaryFloatingPoint & LosslessStringConvertible {
  /// A number in `range`.
  public static func number(_ range: ClosedRange<Value>) -> Self {
    Self("a number in \(range.lowerBound) ... \(range.upperBound)") { text in
      Value(text).flatMap { range.contains($0) ? $0 : nil }
    }
  }

  /// A finite number above 0.
  public static var positive: Self {
    Self("a positive number") { text in Value(text).flatMap { $0 > 0 && $0.isFinite ? $0 : nil } }
  }

  /// A number from 0 to below 1.
  public static var probability: Self {
    Self("a number from 0 to below 1") { text in Value(text).flatMap { $0 >= 0 && $0 < 1 ? $0 : nil } }
  }
}

extension ValueReader where Value: CaseIterable & RawRepresentable<String> {
  /// One of an enumeration's values.
  public static var choice: Self { Self("one of \(names(Value.self))") { Value(rawValue: $0) } }
}

/// The values of an enumeration, for help and messages.
public func names<T: CaseIterable & RawRepresentable<String>>(_: T.Type) -> String {
  T.allCases.map(\.rawValue).joined(separator: ", ")
}
