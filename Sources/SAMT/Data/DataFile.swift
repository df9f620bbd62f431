/// The files of a data set's directory.
enum DataFile {
  /// The path of the first of `names` that is a file in `directory`, as it stands or with `.gz`; plain files come first.
  ///
  /// - Throws: ``SAMTError/dataset(path:reason:)`` where there is none, or where the first that is there cannot be
  ///   reached.
  static func find(_ names: [String], in directory: String) throws(SAMTError) -> String {
    try expectDirectory(directory)
    let names = names + names.map { $0 + ".gz" }
    var others: [String] = []
    for name in names {
      let path = FilePaths.join(directory, name)
      guard let status = try status(of: path) else { continue }
      if status.isRegular { return path }
      // Some archives unpack to folders of their files' names.
      others.append("\(name) is \(status.isDirectory ? "a directory" : "no regular file")")
    }
    let found = others.isEmpty ? "found none" : "found none; " + others.joined(separator: ", ")
    throw .dataset(path: directory, reason: "expected one of \(names.joined(separator: ", ")), \(found)")
  }

  /// The names in a directory, in the order of their bytes, but for those that begin with a dot.
  ///
  /// - Throws: ``SAMTError/dataset(path:reason:)`` where it is missing, no directory, or cannot be listed.
  static func names(in directory: String) throws(SAMTError) -> [String] {
    try expectDirectory(directory)
    return try SAMTError.wrapping({ .dataset(path: directory, reason: $0) }) { () throws(FileFailure) in
      try DirectoryContents.names(of: directory)
    }
  }

  private static func expectDirectory(_ path: String) throws(SAMTError) {
    guard let folder = try status(of: path) else { throw .dataset(path: path, reason: "no such directory") }
    guard folder.isDirectory else { throw .dataset(path: path, reason: "expected a directory, found a file") }
  }

  /// What is at `path`, or what a link there leads to; nil where nothing is.
  static func status(of path: String) throws(SAMTError) -> FileStatus? {
    try SAMTError.wrapping({ .dataset(path: path, reason: $0) }) { () throws(FileFailure) in try FileStatus(at: path) }
  }
}
