/// A safetensors header, checked as a whole: a JSON object of tensors, each with its type, shape and bytes.
///
/// Only where each tensor's text stands is kept, 36 bytes for at least 50 of text; names and shapes are read again when
/// asked for. So a header made to be large costs little more memory than its text.
struct SafetensorsHeader {
  /// Where a tensor is described, and where its bytes lie.
  private struct Record {
    var name: Range<UInt32>
    /// Where the lengths of its axes begin, behind the bracket.
    var shape: UInt32
    var type: SafetensorsType
    /// In the data, which begin behind the header.
    var data: Range<Int>
  }

  /// The header's bytes.
  private let text: [UInt8]
  /// In the order of their bytes.
  private let records: [Record]
  /// The records' indices, sorted by the names' bytes: a `String` would take some different names for equal.
  private let byName: [UInt32]
  /// Where the metadata's object begins.
  private let metadataStart: Int?

  /// The number of tensors.
  var count: Int { records.count }

  /// Checks `text`, which describes `dataSize` bytes of data.
  init(_ text: [UInt8], dataSize: Int) throws(SafetensorsMalformation) {
    (records, byName, metadataStart) = try text.withUnsafeBytes { bytes in
      Result { () throws(SafetensorsMalformation) in try Self.check(bytes, dataSize: dataSize) }
    }.get()
    self.text = text
  }

  private static func check(
    _ bytes: UnsafeRawBufferPointer, dataSize: Int
  ) throws(SafetensorsMalformation) -> ([Record], [UInt32], Int?) {
    // The first pass counts, so that the second takes just the memory it needs.
    var count = 0
    _ = try scan(bytes) { (_) throws(SafetensorsMalformation) in count += 1 }
    var records: [Record] = []
    records.reserveCapacity(count)
    let metadata = try scan(bytes) { (record) throws(SafetensorsMalformation) in records.append(record) }
    if let metadata { try checkMetadata(bytes, at: metadata) }

    records.sort { ($0.data.lowerBound, $0.data.upperBound) < ($1.data.lowerBound, $1.data.upperBound) }
    var end = 0
    for record in records {
      guard record.data.lowerBound == end else {
        let problem = record.data.lowerBound > end ? "a hole before it" : "it overlaps another"
        throw SafetensorsMalformation(
          reason: "\(quoted(bytes, record.name)): \(problem): expected its data to begin at \(end),"
            + " found \(record.data.lowerBound)")
      }
      end = record.data.upperBound
    }
    guard end == dataSize else {
      throw SafetensorsMalformation(
        reason: (end > dataSize ? "truncated" : "bytes after the last tensor")
          + ": expected \(end) bytes of data, found \(dataSize)")
    }

    var byName = Array(0..<UInt32(count))
    try sortByName(&byName, bytes) { records[Int($0)].name }
    return (records, byName, metadata)
  }

  /// Sorts `indices` by their names, none of which may be there twice.
  private static func sortByName(
    _ indices: inout [UInt32], _ bytes: UnsafeRawBufferPointer, name: (UInt32) -> Range<UInt32>
  ) throws(SafetensorsMalformation) {
    func text(_ index: UInt32) -> JSONStringBytes { JSONStringBytes(bytes, name(index)) }
    indices.sort { text($0).lexicographicallyPrecedes(text($1)) }
    for i in indices.indices.dropFirst() where text(indices[i]).elementsEqual(text(indices[i - 1])) {
      throw SafetensorsMalformation(reason: "\(quoted(bytes, name(indices[i]))): expected once, found twice")
    }
  }
}

// MARK: the grammar

extension SafetensorsHeader {
  /// Calls `visit` for each tensor; returns where the metadata's object begins.
  private static func scan(
    _ bytes: UnsafeRawBufferPointer, _ visit: (Record) throws(SafetensorsMalformation) -> Void
  ) throws(SafetensorsMalformation) -> Int? {
    var scanner = JSONScanner(bytes)
    var metadata: Int?
    // The format wants the brace first, with nothing before it.
    guard bytes.first == UInt8(ascii: "{") else { throw scanner.unexpected("'{'") }
    try scanner.list("{", "}") { (scanner) throws(SafetensorsMalformation) in
      let name = try scanner.string()
      try scanner.take(":")
      guard JSONStringBytes(bytes, UInt32(name.lowerBound)..<UInt32(name.upperBound)).elementsEqual("__metadata__".utf8)
      else {
        try visit(try record(named: name, bytes, &scanner))
        return
      }
      guard metadata == nil else {
        throw SafetensorsMalformation(reason: "__metadata__: expected once, found twice")
      }
      metadata = scanner.position
      try pairs(&scanner) { _, _ in }
    }
    guard scanner.peek() == nil else { throw scanner.unexpected("nothing after the object") }
    return metadata
  }

  /// Calls `visit` with the ranges of each key and value of an object of strings.
  private static func pairs(
    _ scanner: inout JSONScanner, _ visit: (Range<Int>, Range<Int>) -> Void
  ) throws(SafetensorsMalformation) {
    try scanner.list("{", "}") { (scanner) throws(SafetensorsMalformation) in
      let key = try scanner.string()
      try scanner.take(":")
      visit(key, try scanner.string())
    }
  }

  private static func checkMetadata(
    _ bytes: UnsafeRawBufferPointer, at start: Int
  ) throws(SafetensorsMalformation) {
    var (count, keys): (Int, [UInt32]) = (0, [])
    var scanner = JSONScanner(bytes, at: start)
    try pairs(&scanner) { _, _ in count += 1 }
    keys.reserveCapacity(count)
    scanner = JSONScanner(bytes, at: start)
    try pairs(&scanner) { key, _ in keys.append(UInt32(key.lowerBound)) }
    // A key ends at the quote that the scanner would find again.
    try sortByName(&keys, bytes) { start in start..<UInt32(stringEnd(bytes, from: Int(start))) }
  }

  /// Where the well-formed string ends that begins at `start`, behind its quote.
  private static func stringEnd(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    var position = start
    while bytes[position] != UInt8(ascii: "\"") { position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1 }
    return position
  }

  /// Takes the object that describes the tensor `name`.
  private static func record(
    named name: Range<Int>, _ bytes: UnsafeRawBufferPointer, _ scanner: inout JSONScanner
  ) throws(SafetensorsMalformation) -> Record {
    let name = UInt32(name.lowerBound)..<UInt32(name.upperBound)
    func problem(_ reason: String) -> SafetensorsMalformation {
      SafetensorsMalformation(reason: "\(quoted(bytes, name)): \(reason)")
    }
    var type: SafetensorsType?
    var shape: Int?
    var data: (begin: Int, end: Int)?
    try scanner.list("{", "}") { (scanner) throws(SafetensorsMalformation) in
      let key = try scanner.string()
      try scanner.take(":")
      switch (Key(JSONStringBytes(bytes, key)), type, shape, data) {
      case (.dtype, nil, _, _):
        let text = JSONStringBytes(bytes, try scanner.string())
        type = SafetensorsType.allCases.first { text.elementsEqual($0.rawValue.utf8) }
        if type == nil { throw problem("unknown dtype \(quoted(text))") }
      case (.shape, _, nil, _):
        _ = scanner.peek()
        shape = scanner.position + 1
        try scanner.list("[", "]") { (scanner) throws(SafetensorsMalformation) in _ = try scanner.unsigned() }
      case (.dataOffsets, _, _, nil):
        try scanner.take("[")
        let begin = try scanner.unsigned()
        try scanner.take(",")
        data = (begin, try scanner.unsigned())
        try scanner.take("]")
      case (nil, _, _, _):
        throw problem("expected dtype, shape and data_offsets, found \(quoted(JSONStringBytes(bytes, key)))")
      case (let key?, _, _, _): throw problem("\(key.rawValue): expected once, found twice")
      }
    }
    guard let type, let shape, let data else {
      throw problem("expected \(type == nil ? "a dtype" : shape == nil ? "a shape" : "data_offsets"), found none")
    }
    guard data.begin <= data.end else {
      throw problem("data_offsets: expected none below \(data.begin), found \(data.end)")
    }
    let axes = Axes(bytes, from: shape)
    guard let size = type.byteCount(of: axes) else {
      throw problem(
        "expected a size in bytes that can be counted, found \(type.rawValue) of shape \(Array(axes.prefix(8)))")
    }
    guard size == data.end - data.begin else {
      throw problem(
        "expected \(size) bytes for \(type.rawValue) of shape \(Array(axes.prefix(8))), found \(data.end - data.begin)")
    }
    return Record(name: name, shape: UInt32(shape), type: type, data: data.begin..<data.end)
  }

  private enum Key: String, CaseIterable {
    case dtype, shape
    case dataOffsets = "data_offsets"

    init?(_ text: JSONStringBytes) {
      guard let key = Key.allCases.first(where: { text.elementsEqual($0.rawValue.utf8) }) else { return nil }
      self = key
    }
  }

  /// The lengths in the well-formed array of numbers whose text begins at `position`, behind the bracket.
  private struct Axes: Sequence, IteratorProtocol {
    private var scanner: JSONScanner

    init(_ bytes: UnsafeRawBufferPointer, from position: Int) { scanner = JSONScanner(bytes, at: position) }

    mutating func next() -> Int? {
      _ = scanner.takes(",")
      return try? scanner.unsigned()
    }
  }

  /// A name for messages, cut where it is long.
  private static func quoted(_ bytes: UnsafeRawBufferPointer, _ name: Range<UInt32>) -> String {
    quoted(JSONStringBytes(bytes, name))
  }

  private static func quoted(_ text: JSONStringBytes) -> String {
    let limit = 100
    let start = Array(text.prefix(limit + 1))
    return (String(decoding: start.prefix(limit), as: UTF8.self) + (start.count > limit ? "..." : "")).debugDescription
  }
}

// MARK: what it says

extension SafetensorsHeader {
  /// What it says of a tensor; its bytes as a range of the data.
  func entry(_ index: Int) -> (name: String, type: SafetensorsType, shape: [Int], data: Range<Int>) {
    let record = records[index]
    return text.withUnsafeBytes { bytes in
      let name = String(decoding: Array(JSONStringBytes(bytes, record.name)), as: UTF8.self)
      return (name, record.type, Array(Axes(bytes, from: Int(record.shape))), record.data)
    }
  }

  /// The index of the tensor `name`.
  func index(of name: String) -> Int? {
    text.withUnsafeBytes { bytes in
      func text(_ index: Int) -> JSONStringBytes { JSONStringBytes(bytes, records[Int(byName[index])].name) }
      var (low, high) = (0, byName.count)
      while low < high {
        let middle = (low + high) / 2
        if text(middle).lexicographicallyPrecedes(name.utf8) { low = middle + 1 } else { high = middle }
      }
      return low < byName.count && text(low).elementsEqual(name.utf8) ? Int(byName[low]) : nil
    }
  }

  /// The metadata.
  var metadata: [String: String] {
    guard let metadataStart else { return [:] }
    return text.withUnsafeBytes { bytes in
      func text(_ range: Range<Int>) -> String { String(decoding: Array(JSONStringBytes(bytes, range)), as: UTF8.self) }
      var scanner = JSONScanner(bytes, at: metadataStart)
      var metadata: [String: String] = [:]
      try? Self.pairs(&scanner) { key, value in metadata[text(key)] = text(value) }
      return metadata
    }
  }
}

extension JSONStringBytes {
  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<UInt32>) {
    self.init(bytes, Int(range.lowerBound)..<Int(range.upperBound))
  }
}
