/// Pictures in folders, one folder for each class.
struct ImageFolder {
  /// The classes' folders in the order of their names' bytes.
  let classes: [(name: String, files: [String])]

  /// Lists the folders in the directory at `path`, and what is in them; names that begin with a dot do not count.
  ///
  /// - Throws: ``SAMTError/dataset(path:reason:)`` where there is no folder, or something beside them, or a folder with
  ///   nothing in it.
  init(_ path: String) throws(SAMTError) {
    var classes: [(name: String, files: [String])] = []
    for name in try DataFile.names(in: path) {
      let folder = FilePaths.join(path, name)
      guard try DataFile.status(of: folder)?.isDirectory == true else {
        throw .dataset(path: folder, reason: "expected a folder of pictures for each class, found a file beside them")
      }
      let files = try DataFile.names(in: folder).map { FilePaths.join(folder, $0) }
      guard !files.isEmpty else { throw .dataset(path: folder, reason: "expected pictures, found none") }
      classes.append((name, files))
    }
    guard !classes.isEmpty else {
      throw .dataset(path: path, reason: "expected a folder of pictures for each class, found none")
    }
    self.classes = classes
  }
}
