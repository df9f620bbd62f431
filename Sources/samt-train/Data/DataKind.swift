import SAMT

/// What a source of data is asked for.
struct DataRequest {
  /// What stands behind the source's name: files, or a directory.
  var paths: [String]
  var options: DataOptions
  var seed: UInt64
  /// The part of the training examples that says which epoch is the best; nil for none.
  var validationFraction: Double?
  /// The trained model that the examples are for; nil for a training.
  var model: Model?
  /// Whether each example needs what the model should answer; without, zeros may stand for it.
  var needsTargets = true
  /// Whether inputs that lie in their files as they are used are read at once or mapped.
  var access = FileAccess.copied

  /// The part of `count` examples to test on, and the rest; the same fraction of each class.
  func split(_ count: Int, classes: ArraySlice<Int32>?) throws(SAMTError) -> TestSplit {
    try TestSplit(count: count, testFraction: options.testFraction ?? 0.2, seed: seed, classes: classes)
  }

  /// The part of `count` training examples to validate with, and the rest; nil where there shall be none.
  func validation(_ count: Int, classes: ArraySlice<Int32>?) throws(SAMTError) -> RandomPart? {
    guard let validationFraction, validationFraction > 0 else { return nil }
    return try RandomPart(fraction: validationFraction, of: count, classes: classes, seed: seed)
  }
}

/// A kind of data source: its name, what it is given, the options that it has a use for, and how its examples are loaded.
///
/// A kind is one value in one file of this folder, and an entry in ``all``. The help, the messages and what is refused
/// derive from them.
struct DataKind: Equatable, Sendable {
  /// What stands on the command line, before a colon where there are paths.
  let name: String
  /// What stands behind the colon, for the help; nil for built-in data.
  let placeholder: String?
  /// What it is, in a line.
  let summary: String
  /// How many paths there may be.
  let pathCounts: [Int]
  /// The names of the options that it has a use for.
  let options: [String]
  /// Whether inputs are normalized by channel.
  let isNormalized: Bool
  /// What leaves the labels of its images right.
  let augmentation: Augmentation
  /// The examples.
  let load: @Sendable (DataRequest) throws(SAMTError) -> LoadedData

  /// A kind; by default of one path, normalized, with the usual augmentation.
  init(
    _ name: String, _ placeholder: String?, _ summary: String, pathCounts: [Int] = [1], options: [String] = [],
    isNormalized: Bool = true, augmentation: Augmentation = Augmentation(),
    load: @escaping @Sendable (DataRequest) throws(SAMTError) -> LoadedData
  ) {
    self.name = name
    self.placeholder = placeholder
    self.summary = summary
    self.pathCounts = placeholder == nil ? [0] : pathCounts
    self.options = options
    self.isNormalized = isNormalized
    self.augmentation = augmentation
    self.load = load
  }

  /// Whether both have the same name: no two kinds have.
  static func == (a: DataKind, b: DataKind) -> Bool { a.name == b.name }

  /// All kinds, in the order of the help.
  static var all: [DataKind] { [digits, shapes, idx, cifar10, cifar100, csv, npy, npz, images] }

  /// What stands on the command line: `idx:DIR`.
  var form: String { placeholder.map { "\(name):\($0)" } ?? name }

  /// All forms, for help and messages.
  static var forms: String { all.map(\.form).joined(separator: ", ") }

  /// The kinds, a line each, for the help.
  static var list: String {
    let width = (all.map(\.form.count).max() ?? 0) + 2
    let lines = all.map { "  " + $0.form + String(repeating: " ", count: width - $0.form.count) + $0.summary }
    return "data:\n" + lines.joined(separator: "\n")
      + "\n  DIR alone is idx:DIR. Tables, arrays and IDX files may be compressed (.gz)."
  }

  /// The paths in what stands behind the colon: with commas between them where there may be several.
  func paths(_ text: String) -> [String] {
    guard pathCounts.contains(where: { $0 > 1 }) else { return [text] }
    return text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }

  /// Refuses what the kind has no use for.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for an option that the kind would ignore.
  func check(_ given: DataOptions) throws(SAMTError) {
    guard let name = given.given.first(where: { !options.contains($0) }) else { return }
    let others = DataKind.all.filter { $0.options.contains(name) }.map(\.name).joined(separator: ", ")
    throw .configuration("\(name) is for \(others), and \(self.name) would ignore it")
  }
}
