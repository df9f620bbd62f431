/// The content of a file in a ZIP archive, from its first byte to its last, its size and checksum tested at the end.
final class ZIPContent: ContentSource {
  private let archive: ArchiveBytes
  private let entry: ZIPEntry
  /// Decompresses it; nil where it is kept as it is.
  private let inflation: Inflation?
  /// The compressed bytes that were read and not used yet.
  private var input: ArraySlice<UInt8> = []
  private var inputOffset: Int
  private let inputEnd: Int
  private var size = 0
  private var checksum = CRC32()
  private var isComplete = false

  /// Finds the file's content.
  init(_ entry: ZIPEntry, in archive: ArchiveBytes) throws(FileFailure) {
    guard !entry.isEncrypted else { throw FileFailure(reason: "is encrypted") }
    switch entry.method {
    case 0: inflation = nil
    case 8: inflation = try Inflation()
    default: throw FileFailure(reason: "is compressed by method \(entry.method); expected 0 (none) or 8 (deflate)")
    }
    let headerSize = 30
    let outside = FileFailure(reason: "damaged archive: the content lies outside the file")
    guard entry.headerOffset <= archive.size - headerSize else { throw outside }
    let header = try archive.read(entry.headerOffset, headerSize)[...]
    guard header.number(at: 0, 4) == 0x0403_4b50 else {
      throw FileFailure(reason: "damaged archive: the content has no header")
    }
    inputOffset = entry.headerOffset + headerSize + Int(header.number(at: 26, 2)) + Int(header.number(at: 28, 2))
    guard inputOffset <= archive.size, entry.compressedSize <= archive.size - inputOffset else { throw outside }
    inputEnd = inputOffset + entry.compressedSize
    self.archive = archive
    self.entry = entry
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileFailure) -> Int {
    guard !isComplete, !buffer.isEmpty else { return 0 }
    let count = if let inflation { try inflate(inflation, into: buffer) } else { try copy(into: buffer) }
    size += count
    checksum.add(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    if count == 0 { try finish() }
    return count
  }

  private func finish() throws(FileFailure) {
    guard size == entry.size else {
      throw FileFailure(reason: "damaged archive: expected \(entry.size) bytes, found \(size)")
    }
    guard checksum.value == entry.crc else { throw FileFailure(reason: "damaged archive: the checksum is wrong") }
    if case .file(let file) = archive { try file.checkUnchanged() }
    isComplete = true
  }

  private func copy(into buffer: UnsafeMutableRawBufferPointer) throws(FileFailure) -> Int {
    try fill()
    let count = min(input.count, buffer.count)
    buffer.copyBytes(from: input.prefix(count))
    input = input.dropFirst(count)
    return count
  }

  private func inflate(
    _ inflation: Inflation, into buffer: UnsafeMutableRawBufferPointer
  ) throws(FileFailure) -> Int {
    while !inflation.isAtEnd {
      try fill()
      let isExhausted = input.isEmpty
      let progress = try inflation.run(input, into: buffer)
      input = input.dropFirst(progress.read)
      if progress.written > 0 { return progress.written }
      if isExhausted { throw FileFailure(reason: "damaged archive: the compressed content is cut") }
    }
    return 0
  }

  /// Reads on where all input is used.
  private func fill() throws(FileFailure) {
    guard input.isEmpty, inputOffset < inputEnd else { return }
    let count = min(1 << 16, inputEnd - inputOffset)
    input = try archive.read(inputOffset, count)[...]
    inputOffset += count
  }
}
