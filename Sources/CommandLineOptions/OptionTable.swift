/// A command line that cannot be understood.
public struct UsageError: Error {
  /// What is wrong with it.
  public let message: String

  /// An error with the given message.
  public init(_ message: String) { self.message = message }
}

/// One option of a program whose settings are a `Settings`.
public struct CommandLineOption<Settings> {
  let name: String
  let value: String?
  let help: String
  let apply: (inout Settings, String) throws(UsageError) -> Void

  /// An option that takes a value, called `value` in the help.
  public init<Value>(
    _ name: String, _ value: String, _ help: String, _ target: WritableKeyPath<Settings, Value>,
    _ reader: ValueReader<Value>
  ) {
    self.name = name
    self.value = value
    self.help = help
    apply = { (settings, text) throws(UsageError) in settings[keyPath: target] = try reader.read(name, text) }
  }

  /// An option that takes a value, for a setting that may be absent.
  public init<Value>(
    _ name: String, _ value: String, _ help: String, _ target: WritableKeyPath<Settings, Value?>,
    _ reader: ValueReader<Value>
  ) {
    self.init(name, value, help, target, reader.map { Optional($0) })
  }

  /// An option that may be given more than once: `target` lists its values in their order.
  public init<Value>(
    _ name: String, _ value: String, _ help: String, _ target: WritableKeyPath<Settings, [Value]>,
    _ reader: ValueReader<Value>
  ) {
    self.name = name
    self.value = value
    self.help = help
    apply = { (settings, text) throws(UsageError) in settings[keyPath: target].append(try reader.read(name, text)) }
  }

  /// An option that is there or not, and sets `target` to `flag` where it is there.
  public init(_ name: String, _ help: String, _ target: WritableKeyPath<Settings, Bool>, _ flag: Bool = true) {
    self.name = name
    value = nil
    self.help = help
    apply = { (settings, _) throws(UsageError) in settings[keyPath: target] = flag }
  }
}

/// A program's options: one table serves the parser and the help.
public struct OptionTable<Settings> {
  private let options: [CommandLineOption<Settings>]

  /// A table of the given options, in the order of the help.
  public init(@ListBuilder<CommandLineOption<Settings>> _ options: () -> [CommandLineOption<Settings>]) {
    self.options = options()
  }

  /// Applies the arguments in order; what does not begin with a dash goes to `operand`.
  ///
  /// - Returns: the names of the options that were there, in order.
  @discardableResult
  public func parse(
    _ arguments: some Sequence<String>, into settings: inout Settings,
    operand: (inout Settings, String) throws(UsageError) -> Void
  ) throws(UsageError) -> [String] {
    var rest = Array(arguments)[...]
    var names: [String] = []
    while let word = rest.popFirst() {
      guard word.hasPrefix("-") else {
        try operand(&settings, word)
        continue
      }
      let sign = word.firstIndex(of: "=")
      let name = String(word[..<(sign ?? word.endIndex)])
      let inline = sign.map { String(word[word.index(after: $0)...]) }
      guard let option = options.first(where: { $0.name == name }) else { throw UsageError("unknown option \(name)") }
      names.append(name)
      if option.value == nil {
        guard inline == nil else { throw UsageError("\(name) takes no value") }
        try option.apply(&settings, "")
      } else {
        guard let value = inline ?? rest.popFirst() else { throw UsageError("\(name) needs a value") }
        try option.apply(&settings, value)
      }
    }
    return names
  }

  /// One line per option, the explanations aligned.
  public var help: String {
    let lefts = options.map { "  " + $0.name + ($0.value.map { " " + $0 } ?? "") }
    let width = (lefts.map(\.count).max() ?? 0) + 2
    return zip(lefts, options).map { left, option in
      left + String(repeating: " ", count: width - left.count) + option.help + "\n"
    }.joined()
  }
}

/// Makes a list of its statements, each type-checked on its own: a long array literal is more than the compiler takes.
@resultBuilder
public enum ListBuilder<Element> {
  /// The statements in order.
  public static func buildBlock(_ elements: Element...) -> [Element] { elements }
}
