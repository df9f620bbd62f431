/// Several arrays in one file of NumPy (`.npz`): a ZIP archive with a `.npy` file for each, plain or deflated.
///
/// ```swift
/// let file = try NPZFile(contentsOf: "mnist.npz")
/// print(file.names)
/// let inputs = try file.array("x_train").tensor()
/// ```
public struct NPZFile {
  /// The path it was read from.
  public let path: String
  /// The arrays' names, in the file's order.
  public let names: [String]
  private let archive: ArchiveBytes
  private let entries: [String: ZIPEntry]

  /// Opens the file at `path`; its arrays are read when they are asked for.
  ///
  /// - Throws: ``SAMTError/dataset(path:reason:)`` where it cannot be read, is no ZIP archive, or is a damaged one.
  public init(contentsOf path: String) throws(SAMTError) {
    let archive = try SAMTError.wrapping({ .dataset(path: path, reason: $0) }) { () throws(FileFailure) in
      ArchiveBytes.file(try InputFile(path))
    }
    try self.init(archive, path: path)
  }

  /// Reads the directory of an archive; `path` is for errors.
  init(_ archive: ArchiveBytes, path: String) throws(SAMTError) {
    let directory = try SAMTError.wrapping({ .dataset(path: path, reason: $0) }) { () throws(FileFailure) in
      try ZIPDirectory(of: archive)
    }
    self.path = path
    self.archive = archive
    // A name without the file's ending is what numpy.load takes, too.
    let named = directory.entries.filter { $0.name.hasSuffix(".npy") }.map { (String($0.name.dropLast(4)), $0) }
    names = named.map(\.0)
    entries = Dictionary(named) { first, _ in first }
  }

  /// The array called `name`, without `.npy`.
  ///
  /// - Throws: ``SAMTError/dataset(path:reason:)`` that lists the names, where there is none; where it is encrypted,
  ///   compressed by another method than deflate, or damaged; and as ``NPYFile/init(contentsOf:)`` does. Deflate needs the
  ///   system's zlib.
  public func array(_ name: String) throws(SAMTError) -> NPYFile {
    guard let entry = entries[name] else {
      throw .dataset(path: path, reason: "expected an array \(name), found \(names.listed)")
    }
    let path = "\(self.path): \(name)"
    let content = try SAMTError.wrapping({ .dataset(path: path, reason: $0) }) { () throws(FileFailure) in
      try ZIPContent(entry, in: archive)
    }
    return try NPYFile(DataStream(content, size: entry.compressedSize, path: path))
  }
}
