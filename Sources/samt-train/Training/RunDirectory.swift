import CommandLineOptions
import SAMT

/// The directory of a training's files.
struct RunDirectory {
  let path: String

  private static let configName = RunRecord.FileName.configuration
  /// The names that a run gives to its files, in the order in which an earlier run's are removed: without its
  /// configuration, nothing that is left is taken for a run.
  static let fileNames = [
    configName, RunRecord.FileName.metrics, "last.safetensors", "best.safetensors", RunRecord.FileName.machine,
    RunRecord.FileName.confusion, RunRecord.FileName.report,
  ]

  var lastPath: String { file("last.safetensors") }
  var bestPath: String { file("best.safetensors") }

  /// A directory for a new run; nothing is made or removed yet.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)`` where `path` cannot be a directory, and where it holds an earlier run
  ///   that is not to be overwritten.
  init(new path: String, overwriting: Bool) throws(SAMTError) {
    self.path = path
    try FileSystem.checkDirectory(path)
    if !overwriting, let name = RunDirectory.fileNames.first(where: { exists($0) }) {
      throw .output(
        path: path,
        reason: "holds an earlier run's \(name): --resume goes on with that run, --overwrite begins anew")
    }
  }

  /// The directory of an earlier run that shall go on.
  ///
  /// - Parameter isWriter: whether this process writes to it, which several at once cannot.
  /// - Throws: ``SAMTError/file(path:reason:)`` where there is none, ``SAMTError/output(path:reason:)`` where it cannot
  ///   be written to.
  init(earlier path: String, isWriter: Bool = true) throws(SAMTError) {
    self.path = path
    guard exists(RunDirectory.configName) else {
      throw .file(path: file(RunDirectory.configName), reason: "not found: no run was kept here")
    }
    if isWriter { try FileSystem.makeDirectory(path) }
  }

  /// Makes the directory where it is missing, removes an earlier run's files, and writes the configuration.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)``
  func prepare(_ settings: TrainingSettings) throws(SAMTError) {
    try FileSystem.makeDirectory(path)
    for name in RunDirectory.fileNames where exists(name) { try FileSystem.remove(file(name)) }
    try write(settings)
  }

  /// Writes the configuration in place of the one that is there.
  func write(_ settings: TrainingSettings) throws(SAMTError) {
    try FileSystem.replace(file(RunDirectory.configName), with: try RunConfiguration.json(of: settings))
  }

  /// Notes what the run goes on.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)``
  func write(_ machine: MachineRecord) throws(SAMTError) {
    try FileSystem.replace(file(RunRecord.FileName.machine), with: machine.json)
  }

  /// The configuration that is there.
  ///
  /// - Throws: ``SAMTError/file(path:reason:)`` where it cannot be read, or is none.
  func settings() throws(SAMTError) -> TrainingSettings {
    let path = file(RunDirectory.configName)
    return try RunConfiguration.settings(
      json: try FileSystem.contents(of: path, atMost: OptionsFile.largestSize), path: path)
  }

  /// Whether exactly this training was begun here.
  func isBegun(with settings: TrainingSettings) throws(SAMTError) -> Bool {
    guard exists(RunDirectory.configName) else { return false }
    let json = try FileSystem.contents(of: file(RunDirectory.configName), atMost: OptionsFile.largestSize)
    return try json == RunConfiguration.json(of: settings)
  }

  /// The reports of the epochs so far, as `metrics.jsonl` has them; none where there is no such file.
  ///
  /// - Throws: ``SAMTError/file(path:reason:)`` where the file is there and cannot be read.
  func reports() throws(SAMTError) -> [EpochReport] {
    guard exists(RunRecord.FileName.metrics) else { return [] }
    return try MetricsWriter.reports(at: file(RunRecord.FileName.metrics))
  }

  /// Whether a checkpoint was written.
  var hasCheckpoint: Bool { exists("last.safetensors") }

  private func file(_ name: String) -> String { path.hasSuffix("/") ? path + name : path + "/" + name }

  private func exists(_ name: String) -> Bool { FileSystem.exists(file(name)) }
}
