/// The bytes of an archive, read where they are asked for.
enum ArchiveBytes {
  case file(InputFile)
  case memory([UInt8])

  /// The number of bytes.
  var size: Int {
    switch self {
    case .file(let file): file.size
    case .memory(let bytes): bytes.count
    }
  }

  /// The `count` bytes from `offset` on.
  ///
  /// - Precondition: bytes of the archive.
  func read(_ offset: Int, _ count: Int) throws(FileFailure) -> [UInt8] {
    switch self {
    case .memory(let bytes): return Array(bytes[offset..<offset + count])
    case .file(let file):
      var failure: FileFailure?
      let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        do throws(FileFailure) {
          try file.read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
          filled = count
        } catch { failure = error }
      }
      if let failure { throw failure }
      return bytes
    }
  }
}
