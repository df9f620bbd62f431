import Foundation
import SAMT

/// The directory of a training's files.
struct RunDirectory {
  let path: String

  /// The names that a run gives to its files.
  static let fileNames = ["config.json", "metrics.jsonl", "last.safetensors", "best.safetensors"]

  /// A directory for a new run; nothing is made or removed yet.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)`` where `path` cannot be a directory, and where it holds an earlier run
  ///   that is not to be overwritten.
  init(_ path: String, overwriting: Bool) throws(SAMTError) {
    self.path = path
    try OutputDirectory.check(path)
    if !overwriting, let name = RunDirectory.fileNames.first(where: { exists($0) }) {
      throw .output(
        path: path,
        reason: "holds an earlier run's \(name): --resume \(path) goes on with that run, --overwrite begins anew")
    }
  }

  /// Makes the directory where it is missing, and removes an earlier run's files.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)``
  func prepare() throws(SAMTError) {
    try OutputDirectory.make(path)
    for name in RunDirectory.fileNames where exists(name) {
      guard unlink(file(name)) == 0 else {
        throw .output(path: file(name), reason: "cannot remove it: \(String(cString: strerror(errno)))")
      }
    }
  }

  /// The path of the run's file of that name.
  func file(_ name: String) -> String { path + "/" + name }

  private func exists(_ name: String) -> Bool { access(file(name), F_OK) == 0 }
}
