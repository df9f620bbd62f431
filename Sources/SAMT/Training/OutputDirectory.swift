import Foundation

/// Directories that files are written to, with reasons in plain words where they cannot be.
package enum OutputDirectory {
  /// Finds out whether a directory at `path` could be written to, and makes nothing.
  ///
  /// It, or the nearest one above it that exists, has to be a directory that can be written to.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)``
  package static func check(_ path: String) throws(SAMTError) {
    var ancestor = path
    while true {
      var status = stat()
      if stat(ancestor, &status) == 0 {
        guard status.st_mode & S_IFMT == S_IFDIR else {
          throw .output(path: path, reason: ancestor == path ? "not a directory" : "\(ancestor) is not a directory")
        }
        guard access(ancestor, W_OK | X_OK) == 0 else {
          throw .output(path: path, reason: "cannot write to \(ancestor): \(reason())")
        }
        return
      }
      guard errno == ENOENT || errno == ENOTDIR else {
        throw .output(path: path, reason: "cannot be reached: \(reason())")
      }
      ancestor = parent(ancestor)
    }
  }

  /// Makes the directory and those above it where they do not exist, and finds out whether a file can be written there.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)``
  package static func make(_ path: String) throws(SAMTError) {
    try check(path)
    var missing: [String] = []
    var ancestor = path
    while access(ancestor, F_OK) != 0 {
      missing.append(ancestor)
      ancestor = parent(ancestor)
    }
    for directory in missing.reversed() where mkdir(directory, 0o777) != 0 && errno != EEXIST {
      throw .output(path: path, reason: "cannot make the directory: \(reason())")
    }
    try SAMTError.wrapping({ .output(path: path, reason: $0) }) { () throws(FileFailure) in let f = try AtomicFile(replacing: path + "/.samt-probe"); try f.write([0]); try f.commit() }
    unlink(path + "/.samt-probe")
  }

  private static func reason() -> String { String(cString: strerror(errno)) }

  /// The directory that `path` is in: `.` for a name alone.
  private static func parent(_ path: String) -> String {
    var trimmed = path[...]
    while trimmed.count > 1, trimmed.last == "/" { trimmed.removeLast() }
    guard let slash = trimmed.lastIndex(of: "/") else { return "." }
    return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
  }
}
