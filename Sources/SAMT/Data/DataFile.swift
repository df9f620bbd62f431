import Foundation

/// The reading of data files, compressed or not.
enum DataFile {
  /// The bytes of the file at `path`, decompressed where it begins like a gzip archive.
  ///
  /// Content decides rather than name, as some downloads arrive decompressed under a name in .gz.
  static func read(_ path: String) throws(SAMTError) -> Data {
    var info = stat()
    guard stat(path, &info) == 0 else {
      throw .dataset(path: path, reason: "cannot be opened: \(String(cString: strerror(errno)))")
    }
    switch info.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw .dataset(path: path, reason: "expected a file, found a directory")
    default: throw .dataset(path: path, reason: "expected a regular file")
    }
    let bytes: Data
    do {
      bytes = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    } catch {
      throw .dataset(path: path, reason: "cannot be read: \(error.localizedDescription)")
    }
    return bytes.starts(with: [0x1f, 0x8b]) ? try Gunzip.decompress(path) : bytes
  }

  /// The path of the first of `names` that is a file in `directory`, as it stands or with `.gz`; plain files come first.
  static func find(_ names: [String], in directory: String) throws(SAMTError) -> String {
    guard let isDirectory = isDirectory(directory) else {
      throw .dataset(path: directory, reason: "no such directory")
    }
    guard isDirectory else { throw .dataset(path: directory, reason: "expected a directory, found a file") }
    let names = names + names.map { $0 + ".gz" }
    for name in names {
      let path = URL(fileURLWithPath: directory).appendingPathComponent(name).path
      // Some archives unpack to folders of their files' names.
      if Self.isDirectory(path) == false { return path }
    }
    throw .dataset(path: directory, reason: "expected one of \(names.joined(separator: ", ")), found none")
  }

  /// Whether a directory or a file is at `path`; nil where nothing is.
  private static func isDirectory(_ path: String) -> Bool? {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) ? isDirectory.boolValue : nil
  }
}
