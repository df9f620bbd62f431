import CommandLineOptions
import Foundation
import SAMT

/// The directory of a comparison: what is asked for, a run's directory for each training, and the results.
///
///     comparison.json             the options
///     pilot/METHOD/               the epoch that told what one costs, with --seconds and --passes
///     search/METHOD-RATE/         the trainings of the rate search
///     METHOD-SEED/                the trainings that are compared
///     results.json, results.csv   what they came to
///     report.html                 a page about it
struct ComparisonDirectory {
  let path: String
  /// Whether nobody asked for it, so that it is removed in the end.
  let isTemporary: Bool

  private static let settingsName = "comparison.json"
  private static let format = "samt-train comparison"
  private static let version = 1

  /// The directory that `output` asks for, or one that is removed in the end where none is; nothing is made yet.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)`` where it cannot be a directory, and where it holds an earlier
  ///   comparison that is not to be overwritten.
  init(new output: OutputSettings) throws(SAMTError) {
    isTemporary = output.directory == nil
    path = output.directory ?? NSTemporaryDirectory() + "samt-comparison-\(UUID().uuidString)"
    try FileSystem.checkDirectory(path)
    if !output.overwrites, FileSystem.exists(file(Self.settingsName)) {
      throw .output(
        path: path,
        reason: "holds an earlier comparison: compare --resume goes on with it, --overwrite begins anew")
    }
  }

  /// The directory of an earlier comparison that shall go on.
  ///
  /// - Throws: ``SAMTError/file(path:reason:)`` where there is none, ``SAMTError/output(path:reason:)`` where it cannot
  ///   be written to.
  init(earlier path: String) throws(SAMTError) {
    isTemporary = false
    self.path = path
    guard FileSystem.exists(file(Self.settingsName)) else {
      throw .file(path: file(Self.settingsName), reason: "not found: no comparison was kept here")
    }
    try FileSystem.makeDirectory(path)
  }

  /// Makes the directory where it is missing, and writes what is asked for.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)``
  func prepare(_ settings: ComparisonSettings) throws(SAMTError) {
    try FileSystem.makeDirectory(path)
    var settings = settings
    settings.trainings.training.data = settings.trainings.training.source.absolute
    settings.trainings.training.initialWeights = settings.trainings.training.initialWeights.map(absolutePath)
    settings.trainings.output.directory = nil
    settings.trainings.output.overwrites = false
    let options = ComparisonSettings.kept.values(of: settings)
    try write(Self.settingsName) { () throws in
      try OptionsFile(format: Self.format, version: Self.version, options: options).json
    }
  }

  /// What was asked for.
  ///
  /// - Throws: ``SAMTError/file(path:reason:)`` where the file cannot be read, or an option or a value of it is unknown.
  func settings() throws(SAMTError) -> ComparisonSettings {
    let path = file(Self.settingsName)
    let json = try FileSystem.contents(of: path, atMost: OptionsFile.largestSize)
    var settings = ComparisonSettings()
    do {
      let file = try OptionsFile(json: json, format: Self.format, version: Self.version)
      try ComparisonSettings.kept.apply(file, to: &settings)
    } catch let error as UsageError {
      throw .file(path: path, reason: error.message)
    } catch {
      throw .file(path: path, reason: "\(error)")
    }
    return settings
  }

  /// The directory of the epoch that tells what one by `method` costs.
  func pilot(of method: String) throws(SAMTError) -> RunDirectory { try run("pilot/\(method)") }

  /// The directory of a training of the rate search.
  func search(_ method: String, rate: Double) throws(SAMTError) -> RunDirectory {
    try run("search/\(method)-\(Float(rate))")
  }

  /// The directory of a training that is compared.
  func training(of method: String, seed: UInt64) throws(SAMTError) -> RunDirectory { try run("\(method)-\(seed)") }

  /// Writes the results.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)``
  func write(_ results: ComparisonResults) throws(SAMTError) {
    try write("results.json") { try results.json }
    try write("results.csv") { Array(results.csv.utf8) }
  }

  /// Makes the page about the trainings that are compared.
  ///
  /// - Returns: the page's path.
  /// - Throws: ``SAMTError/output(path:reason:)`` where it cannot be written.
  func writeReport(on results: ComparisonResults) throws(SAMTError) -> String {
    let runs = results.rows.flatMap { row in row.trainings.map { file("\(row.method)-\($0.seed)") } }
    let page = file(RunRecord.FileName.report)
    try Report(of: runs, title: RunRecord.name(ofDirectory: path), comparison: path).write(to: page)
    return page
  }

  /// Removes the directory where nobody asked for it.
  func removeIfTemporary() {
    if isTemporary { try? FileManager.default.removeItem(atPath: path) }
  }

  private func run(_ name: String) throws(SAMTError) -> RunDirectory {
    try RunDirectory(new: file(name), overwriting: true)
  }

  private func write(_ name: String, _ contents: () throws -> [UInt8]) throws(SAMTError) {
    let bytes: [UInt8]
    do { bytes = try contents() } catch { throw .configuration("\(name) cannot be written as JSON: \(error)") }
    try FileSystem.replace(file(name), with: bytes)
  }

  private func file(_ name: String) -> String { path.hasSuffix("/") ? path + name : path + "/" + name }
}
