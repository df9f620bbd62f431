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
}
