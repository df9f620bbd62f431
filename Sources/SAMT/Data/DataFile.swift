/// The files of a data set's directory.
enum DataFile {
  /// The path of the first of `names` that is a file in `directory`, as it stands or with `.gz`; plain files come first.
  ///
  /// - Throws: ``SAMTError/dataset(path:reason:)`` where there is none, or where the first that is there cannot be
  ///   reached.
  static func find(_ names: [String], in directory: String) throws(SAMTError) -> String {
    guard let folder = try status(of: directory) else { throw .dataset(path: directory, reason: "no such directory") }
    guard folder.isDirectory else {
      throw .dataset(path: directory, reason: "expected a directory, found a file")
    }
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

  private static func status(of path: String) throws(SAMTError) -> FileStatus? {
    try SAMTError.wrapping({ .dataset(path: path, reason: $0) }) { () throws(FileFailure) in try FileStatus(at: path) }
  }
}
