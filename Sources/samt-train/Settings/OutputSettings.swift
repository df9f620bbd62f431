import CommandLineOptions
import SAMT

/// Where a training's files go.
struct OutputSettings {
  var directory: String?
  var overwrites = false

  static var options: OptionTable<Self> {
    OptionTable("output") {
      CommandLineOption(
        "--out", "DIR",
        "writes metrics.jsonl there, an object per epoch; of several trainings into folders METHOD-SEED",
        \Self.directory, .path)
      CommandLineOption("--overwrite", "in place of an earlier run's files", \Self.overwrites)
    }
  }

  /// The run's directory, where there is to be one; nothing is made or removed yet.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)`` where it cannot be, or holds an earlier run.
  @discardableResult
  func check() throws(SAMTError) -> RunDirectory? {
    guard let directory else { return nil }
    return try RunDirectory(directory, overwriting: overwrites)
  }
}
