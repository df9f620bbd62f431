/// What a ZIP archive's directory says of a file in it.
struct ZIPEntry: Equatable {
  let name: String
  /// How it is kept: 0 as it is, 8 by deflate.
  let method: UInt16
  let isEncrypted: Bool
  /// The checksum of the content.
  let crc: UInt32
  let compressedSize: Int
  let size: Int
  /// Where its local header begins.
  let headerOffset: Int
}

/// The directory at the end of a ZIP archive (PKWARE's APPNOTE 6.3.10, sections 4.3 and 4.5), Zip64 included.
struct ZIPDirectory {
  /// The files in the directory's order, no two of one name.
  let entries: [ZIPEntry]

  private static let endSignature: UInt64 = 0x0605_4b50
  private static let endSize = 22
  private static let entrySize = 46

  init(of archive: ArchiveBytes) throws(FileFailure) {
    let (offset, size, count) = try Self.place(in: archive)
    let bytes = try archive.read(offset, size)
    var entries: [ZIPEntry] = []
    var names: Set<String> = []
    var position = 0
    while position < bytes.count {
      let (entry, length) = try Self.entry(bytes[position...])
      guard names.insert(entry.name).inserted else {
        throw FileFailure(reason: "damaged archive: two files are named \(entry.name)")
      }
      entries.append(entry)
      position += length
    }
    guard entries.count == count else {
      throw FileFailure(reason: "damaged archive: expected \(count) files, found \(entries.count)")
    }
    self.entries = entries
  }

  /// Where the directory lies, and how many files it lists.
  private static func place(in archive: ArchiveBytes) throws(FileFailure) -> (offset: Int, size: Int, count: Int) {
    // A comment of at most 65535 bytes may stand behind the end record.
    let tailStart = max(0, archive.size - endSize - Int(UInt16.max))
    let tail = try archive.read(tailStart, archive.size - tailStart)
    let candidates = stride(from: tail.count - endSize, through: 0, by: -1)
    guard
      let end = candidates.first(where: { start in
        tail[start...].number(at: 0, 4) == endSignature
          && start + endSize + Int(tail[start...].number(at: 20, 2)) == tail.count
      })
    else { throw FileFailure(reason: "not an archive of arrays (.npz): expected a ZIP directory at its end") }
    let record = tail[end...]
    var (count, size, offset) = (record.number(at: 10, 2), record.number(at: 12, 4), record.number(at: 16, 4))
    if count == UInt16.max || size == UInt32.max || offset == UInt32.max {
      (count, size, offset) = try wideRecord(in: archive, before: tailStart + end)
    }
    guard record.number(at: 4, 2) == 0, size <= tailStart + end, offset <= UInt64(tailStart + end) - size,
      count <= size / UInt64(entrySize)
    else { throw FileFailure(reason: "damaged archive: its directory lies outside the file") }
    return (Int(offset), Int(size), Int(count))
  }

  /// The numbers of the end record of Zip64, to which a locator before the other one leads.
  private static func wideRecord(
    in archive: ArchiveBytes, before end: Int
  ) throws(FileFailure) -> (count: UInt64, size: UInt64, offset: UInt64) {
    let (locatorSize, recordSize) = (20, 56)
    let failure = FileFailure(reason: "damaged archive: its Zip64 end record is missing")
    guard end >= locatorSize + recordSize else { throw failure }
    let locator = try archive.read(end - locatorSize, locatorSize)[...]
    let start = locator.number(at: 8, 8)
    guard locator.number(at: 0, 4) == 0x0706_4b50, start <= end - locatorSize - recordSize else { throw failure }
    let record = try archive.read(Int(start), recordSize)[...]
    guard record.number(at: 0, 4) == 0x0606_4b50 else { throw failure }
    return (record.number(at: 32, 8), record.number(at: 40, 8), record.number(at: 48, 8))
  }

  /// The entry at the beginning of `bytes`, and its length.
  private static func entry(_ bytes: ArraySlice<UInt8>) throws(FileFailure) -> (ZIPEntry, length: Int) {
    let failure = FileFailure(reason: "damaged archive: an entry of its directory is malformed")
    guard bytes.count >= entrySize, bytes.number(at: 0, 4) == 0x0201_4b50 else { throw failure }
    let (nameSize, extraSize) = (Int(bytes.number(at: 28, 2)), Int(bytes.number(at: 30, 2)))
    let length = entrySize + nameSize + extraSize + Int(bytes.number(at: 32, 2))
    guard bytes.count >= length else { throw failure }
    let extraStart = bytes.startIndex + entrySize + nameSize
    var wide = wideNumbers(bytes[extraStart..<extraStart + extraSize])
    /// A 32-bit field, or the next of the wide numbers where it has all bits set.
    func field(at offset: Int) throws(FileFailure) -> Int {
      let narrow = bytes.number(at: offset, 4)
      guard narrow == UInt32.max else { return Int(narrow) }
      guard let number = wide.popFirst(), let size = Int(exactly: number) else { throw failure }
      return size
    }
    // In the order in which the wide numbers stand.
    let size = try field(at: 24)
    let compressedSize = try field(at: 20)
    let headerOffset = try field(at: 42)
    let name = String(decoding: bytes[bytes.startIndex + entrySize..<extraStart], as: UTF8.self)
    let entry = ZIPEntry(
      name: name, method: UInt16(bytes.number(at: 10, 2)), isEncrypted: bytes.number(at: 8, 2) & 1 == 1,
      crc: UInt32(bytes.number(at: 16, 4)), compressedSize: compressedSize, size: size, headerOffset: headerOffset)
    return (entry, length)
  }

  /// The 64-bit numbers of an entry's Zip64 field; none where it has no such field.
  private static func wideNumbers(_ extra: ArraySlice<UInt8>) -> ArraySlice<UInt64> {
    var rest = extra
    while rest.count >= 4 {
      let (kind, size) = (rest.number(at: 0, 2), Int(rest.number(at: 2, 2)))
      let content = rest.dropFirst(4).prefix(size)
      if kind == 1 { return (0..<content.count / 8).map { content.number(at: 8 * $0, 8) }[...] }
      rest = rest.dropFirst(4 + size)
    }
    return []
  }
}

extension ArraySlice<UInt8> {
  /// The little-endian number of `count` bytes at `offset` behind the slice's beginning.
  func number(at offset: Int, _ count: Int) -> UInt64 {
    let start = startIndex + offset
    return self[start..<start + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
