import CommandLineOptions
import Foundation
import SAMT

/// Where examples come from: a kind of source, and its files.
struct DataSource: Equatable {
  let kind: DataKind
  let paths: [String]
  /// Whether the kind is what is meant where none is named.
  private var isKindImplied = false

  /// A source of that kind.
  init(_ kind: DataKind, _ paths: String...) {
    self.kind = kind
    self.paths = paths
  }

  private init(_ kind: DataKind, paths: [String]) {
    self.kind = kind
    self.paths = paths
  }

  /// Understands `digits`, `idx:DIR`, `npy:FILE,FILE`, and a directory alone, which is one of IDX files.
  init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let kind = DataKind.all.first(where: { $0.name == parts[0] }) else {
      guard !text.isEmpty else { return nil }
      self.init(.idx, paths: [text])
      isKindImplied = true
      return
    }
    // The name of a kind that needs paths is no directory's.
    let paths = parts.count == 1 ? [] : kind.paths(parts[1])
    guard kind.pathCounts.contains(paths.count), !paths.contains("") else { return nil }
    self.init(kind, paths: paths)
  }

  /// What stands for it on the command line.
  var text: String { paths.isEmpty ? kind.name : "\(kind.name):\(paths.joined(separator: ","))" }

  /// The same source wherever the program is run.
  var absolute: DataSource { DataSource(kind, paths: paths.map(absolutePath)) }

  /// The examples to train, validate and test on, normalized as their kind is, by the statistics of those to train on.
  ///
  /// - Parameters:
  ///   - validationFraction: the part of the training examples to validate with; nil or 0 for none.
  ///   - access: whether inputs that lie in their files as they are used are read at once or mapped.
  /// - Throws: ``SAMTError`` where they cannot be read or divided, a number is not finite, or an option would be ignored.
  func load(
    _ options: DataOptions, seed: UInt64, validationFraction: Double? = nil, access: FileAccess = .copied
  ) throws(SAMTError) -> TrainingData {
    try kind.check(options)
    let request = DataRequest(
      paths: paths, options: options, seed: seed, validationFraction: validationFraction, access: access)
    var loaded = try loadExamples(request)
    if loaded.test == nil {
      let split = try request.split(loaded.training.count, classes: loaded.training.classes)
      loaded.test = loaded.training.selecting(split.test)
      loaded.training = loaded.training.selecting(split.training)
    }
    if loaded.validation == nil,
      let split = try request.validation(loaded.training.count, classes: loaded.training.classes)
    {
      loaded.validation = loaded.training.selecting(split.part)
      loaded.training = loaded.training.selecting(split.rest)
    }
    for (name, examples) in [
      ("training", loaded.training), ("validation", loaded.validation), ("test", loaded.test),
    ] {
      try examples?.requireFinite("\(name) example", of: text)
    }
    let statistics = kind.isNormalized ? ChannelStatistics(of: loaded.training) : nil
    if let statistics { loaded.normalize(by: statistics) }
    return TrainingData(
      training: loaded.training, validation: loaded.validation, test: loaded.test ?? loaded.training,
      normalization: statistics, preprocessing: loaded.preprocessing, notes: loaded.notes)
  }

  /// Examples for a trained model.
  struct ModelExamples {
    /// As the model takes them.
    var examples: Dataset
    /// Which of the source's they are; nil for all.
    var split: ExamplesSettings.Split?
    /// What a user should know of how the data was understood, a line each.
    var notes: [String]
  }

  /// Examples for a trained model, as it takes them.
  ///
  /// - Parameters:
  ///   - split: which of them; nil for the test examples where the source has some of its own, and otherwise for all.
  ///   - needsTargets: whether each needs what the model should answer.
  /// - Throws: ``SAMTError`` where they cannot be read or do not fit the model, or an option would be ignored.
  func examples(
    for model: Model, _ split: ExamplesSettings.Split?, _ options: DataOptions, seed: UInt64, needsTargets: Bool
  ) throws(SAMTError) -> ModelExamples {
    try kind.check(options)
    // A part of the examples is the one of the training, which depends on the targets.
    let request = DataRequest(
      paths: paths, options: options, seed: seed, model: model, needsTargets: needsTargets || split != nil)
    var loaded = try loadExamples(request)
    let split = split ?? (loaded.test == nil ? nil : .test)
    if let split, loaded.test == nil {
      let parts = try request.split(loaded.training.count, classes: loaded.training.classes)
      loaded.training = loaded.training.selecting(split == .test ? parts.test : parts.training)
    } else if split == .test, let test = loaded.test {
      loaded.training = test
    }
    loaded.test = nil
    try loaded.training.requireFinite("example", of: text)
    let shape = loaded.training.exampleShape
    guard shape.count == model.inputShape.count else {
      throw .shape(layer: "\(self)", expected: "examples of shape \(model.inputShape)", found: shape)
    }
    if let statistics = model.inputNormalization {
      guard shape.rank >= 1, shape[0] == statistics.means.count else {
        throw .shape(
          layer: "\(self)", expected: "examples of \(statistics.means.count) channels, which the model normalizes",
          found: shape)
      }
      loaded.normalize(by: statistics)
    }
    return ModelExamples(examples: loaded.training, split: split, notes: loaded.notes)
  }

  /// The kind's examples; where none was named, an error says what was tried.
  private func loadExamples(_ request: DataRequest) throws(SAMTError) -> LoadedData {
    do throws(SAMTError) {
      return try Activity()("reading \(self)") { () throws(SAMTError) in try kind.load(request) }
    } catch {
      guard isKindImplied, case .dataset(paths[0], let reason) = error else { throw error }
      throw .dataset(
        path: paths[0],
        reason: "\(reason); it was taken for \(kind.name):\(paths[0]), as it names none of \(DataKind.forms)")
    }
  }

  /// Whether both are the same files, read in the same way.
  static func == (a: DataSource, b: DataSource) -> Bool { a.kind == b.kind && a.paths == b.paths }

  /// What leaves the labels right.
  var augmentation: Augmentation { kind.augmentation }
}

extension DataSource: CustomStringConvertible {
  /// The files, behind the kind's name where it is not IDX.
  var description: String {
    if paths.isEmpty { return "built-in \(kind.name)" }
    let files = paths.map(\.displayedPath).joined(separator: ", ")
    return kind == .idx ? files : "\(kind.name) \(files)"
  }
}

extension ValueFormat where Value == DataSource {
  static var dataSource: Self { Self(DataKind.forms, { DataSource($0) }, write: \.text) }
}

/// The same path wherever the program is run.
func absolutePath(_ path: String) -> String {
  path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
}
