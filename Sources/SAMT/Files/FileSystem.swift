import Foundation

/// What programs of this package do with files and directories, with reasons in plain words where it cannot be done.
///
/// Paths keep every byte, as ``Swift/String/init(pathBytes:)`` makes them.
package enum FileSystem {
  /// Whether something is at `path`, or at what a link there leads to.
  package static func exists(_ path: String) -> Bool {
    ((try? path.withPathBytes { access($0, F_OK) == 0 }) ?? false)
  }

  /// Finds out whether a directory at `path` could be written to, and makes nothing.
  ///
  /// It, or the nearest one above it that exists, has to be a directory that can be written to.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)``
  package static func checkDirectory(_ path: String) throws(SAMTError) {
    try output(path) { () throws(FileFailure) in _ = try missingDirectories(path) }
  }

  /// Finds out whether a file at `path` could be written, in a directory that exists, and makes nothing.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)``
  package static func checkFile(_ path: String) throws(SAMTError) {
    try output(path) { () throws(FileFailure) in
      guard try missingDirectories(parent(of: path)).isEmpty else {
        throw FileFailure(reason: "\(parent(of: path).displayedPath) does not exist")
      }
      if let status = try FileStatus(at: path), !status.isRegular {
        throw FileFailure(reason: status.isDirectory ? "is a directory" : "is not a regular file")
      }
    }
  }

  /// Makes the directory and those above it where they do not exist, and finds out whether a file can be written there.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)``
  package static func makeDirectory(_ path: String) throws(SAMTError) {
    try output(path) { () throws(FileFailure) in
      for directory in try missingDirectories(path).reversed() {
        let isMade = try directory.withPathBytes { mkdir($0, 0o777) == 0 || errno == EEXIST }
        guard isMade else { throw FileFailure("cannot make the directory") }
      }
      let probe = FilePaths.join(path, ".samt-probe")
      let file = try AtomicFile(replacing: probe)
      try file.write([0])
      try file.commit()
      _ = try probe.withPathBytes { unlink($0) }
    }
  }

  /// Puts `contents` in the place of what is at `path`, as a whole.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)``; the old file stands then.
  package static func replace(_ path: String, with contents: [UInt8]) throws(SAMTError) {
    try output(path) { () throws(FileFailure) in
      let file = try AtomicFile(replacing: path)
      try file.write(contents)
      try file.commit()
    }
  }

  /// Removes the file at `path`.
  ///
  /// - Throws: ``SAMTError/output(path:reason:)``
  package static func remove(_ path: String) throws(SAMTError) {
    try output(path) { () throws(FileFailure) in
      guard try path.withPathBytes({ unlink($0) }) == 0 else { throw FileFailure("cannot remove it") }
    }
  }

  /// The bytes of the regular file at `path`.
  ///
  /// - Throws: ``SAMTError/file(path:reason:)`` where it cannot be read, or is larger than `limit` bytes.
  package static func contents(of path: String, atMost limit: Int) throws(SAMTError) -> [UInt8] {
    try SAMTError.wrapping({ .file(path: path, reason: $0) }) { () throws(FileFailure) in
      let file = try InputFile(path)
      guard file.size <= limit else {
        throw FileFailure(reason: "expected at most \(limit) bytes, found \(file.size)")
      }
      var bytes = [UInt8](repeating: 0, count: file.size)
      let read = bytes.withUnsafeMutableBytes { buffer in
        Result { () throws(FileFailure) in try file.read(into: buffer, at: 0) }
      }
      try read.get()
      try file.checkUnchanged()
      return bytes
    }
  }

  private static func output<R>(_ path: String, _ body: () throws(FileFailure) -> R) throws(SAMTError) -> R {
    try SAMTError.wrapping({ .output(path: path, reason: $0) }, body)
  }

  /// The directories of `path` that do not exist, innermost first.
  private static func missingDirectories(_ path: String) throws(FileFailure) -> [String] {
    var missing: [String] = []
    var directory = path
    while true {
      var status = stat()
      if try directory.withPathBytes({ stat($0, &status) }) == 0 {
        let subject = directory == path ? "" : "\(directory.displayedPath) is "
        guard status.st_mode & S_IFMT == S_IFDIR else { throw FileFailure(reason: subject + "not a directory") }
        guard try directory.withPathBytes({ access($0, W_OK | X_OK) }) == 0 else {
          throw FileFailure("cannot write to \(directory.displayedPath)")
        }
        return missing
      }
      guard errno == ENOENT || errno == ENOTDIR else { throw FileFailure("cannot be reached") }
      missing.append(directory)
      directory = parent(of: directory)
    }
  }

  /// The directory that `path` is in, slashes at its end aside.
  private static func parent(of path: String) -> String {
    var trimmed = path.unicodeScalars[...]
    while trimmed.count > 1, trimmed.last == "/" { trimmed.removeLast() }
    return FilePaths.directory(of: String(trimmed))
  }
}
