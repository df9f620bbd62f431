/// What stood on a command line, besides the values.
public struct ParsedArguments {
  /// What a command line may ask for in place of what the command does.
  public enum Request {
    /// `--help` or `-h`.
    case help
    /// `--version`.
    case version

    init?(_ word: String) {
      switch word {
      case "--help", "-h": self = .help
      case "--version": self = .version
      default: return nil
      }
    }
  }

  /// The names of the options, in order.
  public fileprivate(set) var options: [String] = []
  /// What was asked for in place of what the command does.
  public fileprivate(set) var request: Request?
}

/// The options of a command: one table serves the parser, the help, and files that keep a command's settings.
public struct OptionTable<Settings> {
  /// Options that belong together, under a title in the help.
  struct Section {
    let title: String
    let options: [CommandLineOption<Settings>]
  }
  let sections: [Section]

  /// A table of the given options, in the order of the help, under a title.
  public init(
    _ title: String = "options",
    @ListBuilder<CommandLineOption<Settings>> _ options: () -> [CommandLineOption<Settings>]
  ) {
    sections = [Section(title: title, options: options())]
  }

  private init(_ sections: [Section]) { self.sections = sections }

  /// The options of several tables.
  public init(concatenating tables: [Self]) { sections = tables.flatMap(\.sections) }

  /// The options of both tables.
  public static func + (left: Self, right: Self) -> Self { Self(left.sections + right.sections) }

  /// The same options of settings that have these as a part.
  public func lifted<Whole>(_ part: WritableKeyPath<Whole, Settings>) -> OptionTable<Whole> {
    OptionTable<Whole>(
      sections.map { section in
        OptionTable<Whole>.Section(title: section.title, options: section.options.map { $0.lifted(part) })
      })
  }

  /// All options, in the order of the help.
  public var options: [CommandLineOption<Settings>] { sections.flatMap(\.options) }

  /// The option called `name`.
  ///
  /// - Throws: ``UsageError`` where there is none.
  public func option(_ name: String) throws(UsageError) -> CommandLineOption<Settings> {
    guard let option = options.first(where: { $0.name == name }) else { throw UsageError("unknown option \(name)") }
    return option
  }

  /// Takes in one option; `value` is nil where none stands beside it.
  public func apply(_ name: String, _ value: String?, to settings: inout Settings) throws(UsageError) {
    let option = try option(name)
    if option.placeholder == nil {
      guard value == nil else { throw UsageError("\(name) takes no value") }
      try option.read(&settings, "")
    } else {
      guard let value else { throw UsageError("\(name) needs a value") }
      try option.read(&settings, value)
    }
  }

  /// Takes in all options of a file, in the order of their names.
  ///
  /// - Throws: ``UsageError`` for an option that is unknown, and for a value that it cannot have.
  public func apply(_ file: OptionsFile, to settings: inout Settings) throws(UsageError) {
    for (name, values) in file.options.sorted(by: { $0.key < $1.key }) {
      for value in values { try apply("--" + name, value.isEmpty ? nil : value, to: &settings) }
    }
  }

  /// Applies the arguments in order; what does not begin with a dash, and all behind `--`, goes to `operand`.
  ///
  /// Ends where help or the version is asked for: what else stands there does not matter then.
  @discardableResult
  public func parse(
    _ arguments: some Sequence<String>, into settings: inout Settings,
    operand: (inout Settings, String) throws(UsageError) -> Void
  ) throws(UsageError) -> ParsedArguments {
    var rest = Array(arguments)[...]
    var parsed = ParsedArguments()
    while let word = rest.popFirst() {
      if let request = ParsedArguments.Request(word) {
        parsed.request = request
        break
      }
      if word == "--" {
        for operandWord in rest { try operand(&settings, operandWord) }
        break
      }
      guard word.hasPrefix("-"), word != "-" else {
        try operand(&settings, word)
        continue
      }
      let sign = word.firstIndex(of: "=")
      let name = String(word[..<(sign ?? word.endIndex)])
      let inline = sign.map { String(word[word.index(after: $0)...]) }
      let takesValue = try option(name).placeholder != nil
      try apply(name, inline ?? (takesValue ? rest.popFirst() : nil), to: &settings)
      parsed.options.append(name)
    }
    return parsed
  }

  /// The options that come to `settings`, each with its values; an option that is there or not has one empty value.
  public func values(of settings: Settings) -> [(name: String, values: [String])] {
    options.map { ($0.name, $0.write(settings)) }.filter { !$0.values.isEmpty }
  }

  /// The options under their titles, with the values that `defaults` have.
  public func help(defaults: Settings) -> String {
    let lefts = sections.map { section in
      section.options.map { "  " + $0.name + ($0.placeholder.map { " " + $0 } ?? "") }
    }
    let width = (lefts.joined().map(\.count).max() ?? 0) + 2
    return zip(sections, lefts).map { section, lefts in
      let lines = zip(section.options, lefts).map { option, left in
        let value = option.text(of: defaults).map { "; default \($0)" } ?? ""
        return left + String(repeating: " ", count: width - left.count)
          + wrapped(option.help + value, at: 110 - width, indent: width) + "\n"
      }
      return "\(section.title):\n" + lines.joined()
    }.joined(separator: "\n")
  }
}

/// The words of `text` in lines of at most `width` characters where no word is longer, those after the first indented.
private func wrapped(_ text: String, at width: Int, indent: Int) -> String {
  var lines = [""]
  for word in text.split(separator: " ") {
    let last = lines[lines.count - 1]
    if last.isEmpty {
      lines[lines.count - 1] = String(word)
    } else if last.count + 1 + word.count <= max(width, 30) {
      lines[lines.count - 1] += " " + word
    } else {
      lines.append(String(word))
    }
  }
  return lines.joined(separator: "\n" + String(repeating: " ", count: indent))
}

/// Makes a list of its statements, each type-checked on its own: a long array literal is more than the compiler takes.
@resultBuilder
public enum ListBuilder<Element> {
  /// One element.
  public static func buildExpression(_ element: Element) -> [Element] { [element] }
  /// Several elements.
  public static func buildExpression(_ elements: [Element]) -> [Element] { elements }
  /// The statements in order.
  public static func buildBlock(_ lists: [Element]...) -> [Element] { lists.flatMap { $0 } }
}
