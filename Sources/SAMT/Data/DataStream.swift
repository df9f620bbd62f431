/// Content that comes in pieces, its size unknown before its end.
protocol ContentSource: AnyObject {
  /// Puts what comes next into `buffer`, which is not empty.
  ///
  /// - Returns: the number of bytes; 0 at the end, when nothing was wrong.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileFailure) -> Int
}

/// The content of a data file from its first byte to its last, decompressed where it begins like a gzip archive.
///
/// Content decides rather than name, as some downloads arrive decompressed under a name in .gz. Whoever reads asks for as
/// much as the content has promised so far, so that neither a wrong promise nor a small archive of much content costs
/// memory: an archive is decompressed no further than it is read.
final class DataStream {
  private enum Source {
    case file(InputFile)
    case archive(any ContentSource, size: Int)
    case memory([UInt8])
  }

  /// The file's path, for errors.
  let path: String
  /// The number of bytes read so far.
  private(set) var position = 0
  private let source: Source

  /// The content of the file at `path`.
  convenience init(_ path: String) throws(SAMTError) {
    let source = try SAMTError.wrapping({ .dataset(path: path, reason: $0) }) { () throws(FileFailure) -> Source in
      let file = try InputFile(path)
      return try Self.isArchive(file) ? .archive(Decompression(of: file), size: file.size) : .file(file)
    }
    self.init(source, path: path)
  }

  /// The content that `source` makes of an archive of `size` bytes.
  convenience init(_ source: any ContentSource, size: Int, path: String) {
    self.init(.archive(source, size: size), path: path)
  }

  /// The content `bytes`; `path` is for errors.
  convenience init(bytes: [UInt8], path: String) { self.init(.memory(bytes), path: path) }

  private init(_ source: Source, path: String) {
    self.source = source
    self.path = path
  }

  private static func isArchive(_ file: InputFile) throws(FileFailure) -> Bool {
    guard file.size >= 2 else { return false }
    var magic: (UInt8, UInt8) = (0, 0)
    try withUnsafeMutableBytes(of: &magic) { bytes in
      Result { () throws(FileFailure) in try file.read(into: bytes, at: 0) }
    }.get()
    return magic == (0x1f, 0x8b)
  }

  /// The number of bytes in all; nil for an archive, of which only its end tells.
  var size: Int? {
    switch source {
    case .file(let file): file.size
    case .archive: nil
    case .memory(let bytes): bytes.count
    }
  }

  /// The most bytes that there can be.
  ///
  /// Deflate (RFC 1951) makes at most 258 bytes of two bits, 1032 of a byte.
  var sizeLimit: Int {
    if case .archive(_, let size) = source { return size > Int.max / 1032 ? Int.max : 1032 * size }
    return size ?? 0
  }

  /// The whole file in memory, without reading it yet; nil where the content is no file's as it stands, and
  /// where there is none.
  func map() throws(SAMTError) -> FileMapping? {
    guard case .file(let file) = source, file.size > 0 else { return nil }
    return try SAMTError.wrapping({ .dataset(path: path, reason: $0) }) { () throws(FileFailure) in try file.map() }
  }

  /// The next `count` bytes, or as many as there are, in chunks of at most 512 KiB.
  ///
  /// So what is kept is what has come, and not what was promised.
  func readChunks(_ count: Int) throws(SAMTError) -> [[UInt8]] {
    let limit = 1 << 19
    var chunks: [[UInt8]] = []
    var rest = count
    while rest > 0 {
      let chunk = try read(min(rest, limit))
      if chunk.isEmpty { break }
      chunks.append(chunk)
      rest -= chunk.count
    }
    return chunks
  }

  /// The next `count` bytes, or as many as there are.
  ///
  /// - Parameter count: which is allocated at once.
  func read(_ count: Int) throws(SAMTError) -> [UInt8] {
    let count = min(count, sizeLimit - position)
    let bytes = try SAMTError.wrapping({ .dataset(path: path, reason: $0) }) { () throws(FileFailure) -> [UInt8] in
      var failure: FileFailure?
      let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        do throws(FileFailure) { filled = try fill(UnsafeMutableRawBufferPointer(buffer)) } catch { failure = error }
      }
      if let failure { throw failure }
      return bytes
    }
    position += bytes.count
    return bytes
  }

  /// Whether nothing is left; then the file was whole, and stayed as it was.
  func isAtEnd() throws(SAMTError) -> Bool {
    switch source {
    case .file(let file):
      guard position == file.size else { return false }
      try SAMTError.wrapping({ .dataset(path: path, reason: $0) }) { () throws(FileFailure) in
        try file.checkUnchanged()
      }
      return true
    case .archive: return try read(1).isEmpty
    case .memory(let bytes): return position == bytes.count
    }
  }

  /// Fills `buffer` as far as there is something, and returns how far.
  private func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(FileFailure) -> Int {
    switch source {
    case .file(let file): try file.read(into: buffer, at: position)
    case .memory(let bytes): buffer.copyBytes(from: bytes[position..<position + buffer.count])
    case .archive(let source, _):
      var filled = 0
      while filled < buffer.count {
        let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
        if count == 0 { return filled }
        filled += count
      }
    }
    return buffer.count
  }
}
