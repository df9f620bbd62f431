import Foundation

/// A file of named tensors in the safetensors format (Hugging Face 2022).
///
/// It begins with the length of the header as a little-endian 64-bit number; then come the header, a JSON object that
/// gives each tensor's element type, shape and place, and the tensors' bytes, little-endian and row-major, without
/// gaps. A header that breaks a rule of the format is refused before anything is allocated for what it describes.
///
/// ```swift
/// let file = try SafetensorsFile(contentsOf: "model.safetensors")
/// for entry in file.tensors { print(entry.name, entry.type.rawValue, entry.shape) }
/// let weights = try file.tensor("layer1.weight")
/// ```
public struct SafetensorsFile: Sendable {
  /// How the tensors' bytes come into memory; with ``FileAccess/mapped``, tensors of `F32` share the mapping.
  public typealias Access = FileAccess

  /// What the header says of a tensor.
  public struct Entry: Hashable, Sendable {
    /// Its name; no two are alike.
    public let name: String
    /// The type of its elements.
    public let type: SafetensorsType
    /// The lengths of its axes, outermost first; empty for a single number.
    public let shape: [Int]
    /// Where its bytes lie in the file.
    public let byteRange: Range<Int>
  }

  /// The path it was read from.
  public let path: String
  private let header: SafetensorsHeader
  private let contents: Contents

  /// Opens the file at `path` and checks its header.
  ///
  /// - Throws: ``SAMTError/file(path:reason:)`` where it cannot be read, breaks a rule of the format or, with
  ///   ``FileAccess/copied``, changes while it is read.
  public init(contentsOf path: String, access: Access = .mapped) throws(SAMTError) {
    self.path = path
    (header, contents) = try SAMTError.wrapping({ .file(path: path, reason: $0) }) { () throws(FileFailure) in
      let file = try InputFile(path)
      let (header, start) = try Self.header(of: file)
      let contents =
        switch access {
        case .mapped: try Contents(mapping: file, from: start)
        case .copied: try Contents(reading: file, from: start)
        }
      return (header, contents)
    }
  }

  /// Takes `bytes` as the contents of a file; `path` is for the errors.
  init(bytes: [UInt8], path: String) throws(SAMTError) {
    self.path = path
    (header, contents) = try SAMTError.wrapping({ .file(path: path, reason: $0) }) { () throws(FileFailure) in
      let (header, start) = try Self.header(fileSize: bytes.count) { offset, count in
        Array(bytes[offset..<offset + count])
      }
      return (header, try Contents(bytes[start...]))
    }
  }

  /// The header of `file`, and where it ends.
  private static func header(of file: InputFile) throws(FileFailure) -> (SafetensorsHeader, end: Int) {
    try header(fileSize: file.size) { (offset, count) throws(FileFailure) in
      var bytes = [UInt8](repeating: 0, count: count)
      try bytes.withUnsafeMutableBytes { buffer in
        Result { () throws(FileFailure) in try file.read(into: buffer, at: offset) }
      }.get()
      return bytes
    }
  }

  /// The header of a file of which `read` gives the bytes at an offset, and where it ends.
  private static func header(
    fileSize: Int, read: (_ offset: Int, _ count: Int) throws(FileFailure) -> [UInt8]
  ) throws(FileFailure) -> (SafetensorsHeader, end: Int) {
    let prefix = SafetensorsFormat.lengthSize
    guard fileSize >= prefix else {
      throw FileFailure(reason: "truncated: expected 8 bytes for the header's length, found \(fileSize)")
    }
    let length = try read(0, prefix).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let size = try checked { () throws(SafetensorsMalformation) in
      try SafetensorsFormat.checkedHeaderSize(length, fileSize: fileSize)
    }
    let text = try read(prefix, size)
    let header = try checked { () throws(SafetensorsMalformation) in
      try SafetensorsHeader(text, dataSize: fileSize - prefix - size)
    }
    return (header, prefix + size)
  }

  private static func checked<R>(_ body: () throws(SafetensorsMalformation) -> R) throws(FileFailure) -> R {
    do throws(SafetensorsMalformation) { return try body() } catch { throw FileFailure(reason: error.reason) }
  }

  /// The tensors in the order of their bytes.
  public var tensors: [Entry] { (0..<header.count).map(entry) }

  /// The tensor `name`; nil where there is none.
  public func entry(named name: String) -> Entry? { header.index(of: name).map(entry) }

  /// The header's `__metadata__`: strings by their names.
  public var metadata: [String: String] { header.metadata }

  private func entry(_ index: Int) -> Entry {
    let (name, type, shape, data) = header.entry(index)
    return Entry(
      name: name, type: type, shape: shape,
      byteRange: contents.start + data.lowerBound..<contents.start + data.upperBound)
  }
}

extension SafetensorsFile {
  /// The memory of all tensors, which every tensor that shares it keeps alive.
  ///
  /// Sendable because nothing writes it once it is there.
  private final class Contents: @unchecked Sendable {
    /// Where it begins in the file.
    let start: Int
    private let bytes: UnsafeRawBufferPointer
    /// Nil where the memory is this object's own.
    private let mapping: FileMapping?

    init(mapping file: InputFile, from start: Int) throws(FileFailure) {
      let mapping = try file.map()
      self.start = start
      self.mapping = mapping
      bytes = UnsafeRawBufferPointer(rebasing: mapping.bytes[start...])
    }

    convenience init(reading file: InputFile, from start: Int) throws(FileFailure) {
      try self.init(start: start, count: file.size - start) { (memory) throws(FileFailure) in
        try file.read(into: memory, at: start)
        try file.checkUnchanged()
      }
    }

    convenience init(_ bytes: ArraySlice<UInt8>) throws(FileFailure) {
      try self.init(start: bytes.startIndex, count: bytes.count) { $0.copyBytes(from: bytes) }
    }

    /// Memory of its own for `count` bytes, which `fill` writes.
    private init(
      start: Int, count: Int, fill: (UnsafeMutableRawBufferPointer) throws(FileFailure) -> Void
    ) throws(FileFailure) {
      var memory: UnsafeMutableRawPointer?
      // Swift's own allocation would trap where there is no such amount.
      let code = posix_memalign(&memory, 64, max(1, count))
      guard code == 0, let memory else { throw FileFailure("no memory for \(count) bytes", code: code) }
      self.start = start
      mapping = nil
      bytes = UnsafeRawBufferPointer(start: memory, count: count)
      try fill(UnsafeMutableRawBufferPointer(start: memory, count: count))
    }

    deinit { if mapping == nil { free(UnsafeMutableRawPointer(mutating: bytes.baseAddress)) } }

    /// The bytes at `range` of the file, valid as long as this object.
    func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(rebasing: bytes[range.lowerBound - start..<range.upperBound - start])
    }
  }
}

// MARK: values

extension SafetensorsFile {
  /// The tensor `name`, its elements rounded to `Float`.
  ///
  /// Where they are `F32`, the tensor shares the file's memory, mapped or read, and keeps it; a write copies first.
  ///
  /// - Throws: ``SAMTError/file(path:reason:)`` where there is no such tensor, where its elements are not real numbers
  ///   of at least 16 bits or integers, or where it has more than four axes.
  public func tensor(_ name: String) throws(SAMTError) -> Tensor {
    let entry = try required(name)
    guard entry.shape.count <= 4 else {
      throw failure("\(name.debugDescription): expected at most four axes, found \(entry.shape)")
    }
    let shape = Shape(entry.shape)
    let bytes = contents.bytes(entry.byteRange)
    if entry.type == .f32, shape.count > 0, let first = bytes.baseAddress,
      UInt(bitPattern: first) % UInt(MemoryLayout<Float>.alignment) == 0
    {
      let base = UnsafeMutablePointer(mutating: first.assumingMemoryBound(to: Float.self))
      return Tensor(adopting: base, shape: shape, readOnly: true) { [contents] _ in withExtendedLifetime(contents) {} }
    }
    var tensor = Tensor(zeros: shape)
    let isConverted = tensor.withMutablePointer { elements in
      convert(entry, to: Float.self) { (index, value) in elements[index] = value }
    }
    guard isConverted else { throw unsuitable(entry, expected: "numbers") }
    return tensor
  }

  /// The elements of the tensor `name` in row-major order, exactly.
  ///
  /// - Throws: ``SAMTError/file(path:reason:)`` where there is no such tensor, or where not all numbers of its type are
  ///   among those of `Double`.
  public func doubles(_ name: String) throws(SAMTError) -> [Double] {
    let entry = try required(name)
    var values: [Double] = []
    values.reserveCapacity(entry.shape.reduce(1, *))
    guard entry.type != .i64, entry.type != .u64, convert(entry, to: Double.self, { values.append($1) }) else {
      throw unsuitable(entry, expected: "numbers that a double holds exactly")
    }
    return values
  }

  /// The elements of the tensor `name`, which are integers, in row-major order.
  ///
  /// - Throws: ``SAMTError/file(path:reason:)`` where there is no such tensor, where its elements are not integers, or
  ///   where one is above 2^63 - 1.
  public func integers(_ name: String) throws(SAMTError) -> [Int64] {
    let entry = try required(name)
    var values: [Int64] = []
    var excess: UInt64?
    values.reserveCapacity(entry.shape.reduce(1, *))
    let isConverted = withContents(of: entry) { bytes in
      func append<T: FixedWidthInteger>(_: T.Type) {
        forEachElement(bytes, as: T.self) { _, value in
          if let exact = Int64(exactly: value) { values.append(exact) } else { excess = UInt64(value) }
        }
      }
      switch entry.type {
      case .u8: append(UInt8.self)
      case .u16: append(UInt16.self)
      case .u32: append(UInt32.self)
      case .u64: append(UInt64.self)
      case .i8: append(Int8.self)
      case .i16: append(Int16.self)
      case .i32: append(Int32.self)
      case .i64: append(Int64.self)
      default: return false
      }
      return true
    }
    guard isConverted else { throw unsuitable(entry, expected: "integers") }
    if let excess { throw failure("\(name.debugDescription): expected integers below 2^63, found \(excess)") }
    return values
  }

  /// The bytes of the tensor `name`, whatever its type.
  ///
  /// - Throws: ``SAMTError/file(path:reason:)`` where there is no such tensor.
  public func bytes(_ name: String) throws(SAMTError) -> [UInt8] {
    withContents(of: try required(name)) { [UInt8]($0) }
  }

  private func required(_ name: String) throws(SAMTError) -> Entry {
    guard let entry = entry(named: name) else { throw failure("no tensor named \(name.debugDescription)") }
    return entry
  }

  private func unsuitable(_ entry: Entry, expected: String) -> SAMTError {
    failure("\(entry.name.debugDescription): expected \(expected), found \(entry.type.rawValue)")
  }

  private func failure(_ reason: String) -> SAMTError { .file(path: path, reason: reason) }

  private func withContents<R>(of entry: Entry, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    withExtendedLifetime(contents) { body(contents.bytes(entry.byteRange)) }
  }

  /// Calls `body` with each element's index and value, rounded to nearest; returns false where the type has no numbers.
  private func convert<Value: BinaryFloatingPoint>(
    _ entry: Entry, to _: Value.Type, _ body: (Int, Value) -> Void
  ) -> Bool {
    withContents(of: entry) { bytes in
      switch entry.type {
      case .f64: forEachElement(bytes, as: UInt64.self) { body($0, Value(Double(bitPattern: $1))) }
      case .f32: forEachElement(bytes, as: UInt32.self) { body($0, Value(Float(bitPattern: $1))) }
      case .f16: forEachElement(bytes, as: UInt16.self) { body($0, Value(Float(halfBits: $1))) }
      case .bf16: forEachElement(bytes, as: UInt16.self) { body($0, Value(Float(bitPattern: UInt32($1) << 16))) }
      case .i64: forEachElement(bytes, as: Int64.self) { body($0, Value($1)) }
      case .i32: forEachElement(bytes, as: Int32.self) { body($0, Value($1)) }
      case .i16: forEachElement(bytes, as: Int16.self) { body($0, Value($1)) }
      case .i8: forEachElement(bytes, as: Int8.self) { body($0, Value($1)) }
      case .u64: forEachElement(bytes, as: UInt64.self) { body($0, Value($1)) }
      case .u32: forEachElement(bytes, as: UInt32.self) { body($0, Value($1)) }
      case .u16: forEachElement(bytes, as: UInt16.self) { body($0, Value($1)) }
      case .u8: forEachElement(bytes, as: UInt8.self) { body($0, Value($1)) }
      default: return false
      }
      return true
    }
  }

  /// Calls `body` with each little-endian integer of `bytes` and its index; alignment does not matter.
  @inline(__always)
  private func forEachElement<T: FixedWidthInteger>(
    _ bytes: UnsafeRawBufferPointer, as _: T.Type, _ body: (Int, T) -> Void
  ) {
    for index in 0..<bytes.count / MemoryLayout<T>.size {
      body(index, T(littleEndian: bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<T>.size, as: T.self)))
    }
  }
}
