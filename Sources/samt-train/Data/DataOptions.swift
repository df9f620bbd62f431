import CommandLineOptions
import SAMT

/// What a command line says of data beside its source; each kind of source has a use for some.
struct DataOptions {
  var targets: [String] = []
  var ignored: [String] = []
  var categorical: [String] = []
  var task: LearningTask?
  var header: CSVFile.Header?
  var testFile: String?
  var testFraction: Double?
  var inputArray: String?
  var targetArray: String?
  var imageSize: Size2D?

  /// The options of trainings.
  static var options: OptionTable<Self> {
    OptionTable("data of your own") {
      columns("--target", "csv: the columns to predict, several of them numbers", \Self.targets)
      columns("--ignore", "csv: columns to leave out", \Self.ignored)
      columns("--categorical", "csv: columns of codes that look like numbers", \Self.categorical)
      CommandLineOption("--test", "FILE", "csv: a table of rows to test on", \Self.testFile, .path)
      shared
      CommandLineOption("--image-size", "HxW", "images: the size of all, otherwise theirs", \Self.imageSize, .size)
    }
  }

  /// The options of what is done with a trained model, which knows the rest.
  static var optionsForModels: OptionTable<Self> { OptionTable("data of your own") { shared } }

  private static var shared: [CommandLineOption<Self>] {
    [
      CommandLineOption(
        "--test-fraction", "P", "of the examples, drawn by --seed, where the data has none of its own to test on; 0.2",
        \Self.testFraction, .probability),
      CommandLineOption(
        "--task", "NAME", "csv, npy, npz: \(names(LearningTask.self)); otherwise what the targets look like",
        \Self.task, .choice),
      CommandLineOption(
        "--header", "WORD", "csv: whether the first line holds names: \(names(CSVFile.Header.self))",
        \Self.header, .choice),
      CommandLineOption(
        "--inputs", "NAME", "npz: the array of inputs, otherwise x_train and x_test", \Self.inputArray, .text),
      CommandLineOption(
        "--targets", "NAME", "npz: the array of targets, otherwise y_train and y_test", \Self.targetArray, .text),
    ]
  }

  /// An option of names with commas between them, which may be given more than once.
  private static func columns(
    _ name: String, _ help: String, _ target: WritableKeyPath<Self, [String]>
  ) -> CommandLineOption<Self> {
    CommandLineOption(
      name, "NAME[,NAME...]", help,
      read: { (options, text) throws(UsageError) in
        options[keyPath: target] += try ValueFormat<String>.text.list.read(name, text)
      }, write: { $0[keyPath: target].isEmpty ? [] : [$0[keyPath: target].joined(separator: ",")] })
  }

  /// The names of the options that are given.
  var given: [String] { Self.options.values(of: self).map(\.name) }

  /// The same files wherever the program is run.
  var absolute: DataOptions {
    var options = self
    options.testFile = testFile.map(absolutePath)
    return options
  }
}

extension ValueFormat where Value == Size2D {
  /// Height and width with an x between them, or one number for both.
  static var size: Self {
    Self("HxW or N with numbers in 1 ... 4096") { text in
      let lengths = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
      guard (1...2).contains(lengths.count), lengths.allSatisfy({ (1...4096).contains($0) }) else { return nil }
      return Size2D(lengths[0], lengths[lengths.count - 1])
    }
  }
}
