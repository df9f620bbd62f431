/// One of the things that a program does: its options, its help, and how it is run.
public struct Command {
  /// The word on the command line.
  public let name: String
  /// What it does, in a line.
  public let summary: String
  /// Whether the ranks of a job run it together; if not, rank 0 alone does.
  public let isForAllRanks: Bool
  /// The whole help text.
  public var help: String { makeHelp() }
  private let makeHelp: () -> String
  private let parseAndRun: ([String]) throws -> Outcome

  enum Outcome {
    case status(Int32)
    case request(ParsedArguments.Request)
  }

  /// A command.
  ///
  /// - Parameters:
  ///   - usage: how it is called, one form a line.
  ///   - about: what the help says before the options.
  ///   - defaults: the settings of a command line without options.
  ///   - options: its options, but for `--help` and `--version`, which every command has.
  ///   - notes: what the help says behind the options.
  ///   - isForAllRanks: whether the ranks of a job run it together.
  ///   - operand: takes in a word that belongs to no option; by default each is refused.
  ///   - run: runs it; `given` are the names of the options that were there. Returns the exit status.
  public init<Settings>(
    _ name: String, _ summary: String, usage: [String], about: String, defaults: Settings,
    options: OptionTable<Settings>, notes: String = "", isForAllRanks: Bool = false,
    operand: @escaping (inout Settings, String) throws(UsageError) -> Void = { (_, word) throws(UsageError) in
      throw UsageError("unexpected argument \(word)")
    },
    run: @escaping (_ settings: Settings, _ given: [String]) throws -> Int32
  ) {
    self.name = name
    self.summary = summary
    self.isForAllRanks = isForAllRanks
    makeHelp = {
      about + "\n\n" + usage.map { "usage: \($0)\n" }.joined() + "\n" + options.help(defaults: defaults)
        + "\n--help or -h prints this text, --version the program's version.\n"
        + (notes.isEmpty ? "" : "\n" + notes + "\n")
    }
    parseAndRun = { arguments in
      var settings = defaults
      let parsed = try options.parse(arguments, into: &settings, operand: operand)
      if let request = parsed.request { return .request(request) }
      return .status(try run(settings, parsed.options))
    }
  }

  func run(_ arguments: [String]) throws -> Outcome { try parseAndRun(arguments) }
}
