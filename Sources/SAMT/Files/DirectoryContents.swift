import Foundation

/// The files in a directory.
enum DirectoryContents {
  /// The names in the directory at `path`, in the order of their bytes, but for those that begin with a dot.
  static func names(of path: String) throws(FileFailure) -> [String] {
    try path.withPathBytes { (bytes) throws(FileFailure) in
      guard let directory = opendir(bytes) else { throw FileFailure("cannot be listed") }
      defer { closedir(directory) }
      var names: [[UInt8]] = []
      while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
        if name.first != UInt8(ascii: ".") { names.append(name) }
      }
      return names.sorted { $0.lexicographicallyPrecedes($1) }.map { String(pathBytes: $0) }
    }
  }
}
