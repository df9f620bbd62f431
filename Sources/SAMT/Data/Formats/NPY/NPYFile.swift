/// An array read from a file of NumPy (`.npy`, NEP 1, versions 1 to 3): numbers or truth values, in either byte order and
/// either memory order.
///
/// ```swift
/// let file = try NPYFile(contentsOf: "x_train.npy")
/// print(file.shape, file.type)
/// let inputs = try file.tensor()
/// ```
public struct NPYFile: Sendable {
  /// The path it was read from.
  public let path: String
  private let header: NPYHeader
  /// The elements' bytes in the file's order, in chunks of whole elements.
  let chunks: [[UInt8]]

  /// The lengths of the axes, outermost first; none for a single number.
  public var shape: [Int] { header.shape }
  /// The type of the elements.
  public var type: NPYType { header.type }
  /// The number of elements.
  public var count: Int { header.count }
  /// Whether the first axis varies fastest in the file.
  var isColumnMajor: Bool { header.isColumnMajor }

  /// Reads the file at `path`, plain or compressed with gzip.
  ///
  /// - Throws: ``SAMTError/dataset(path:reason:)`` where the file cannot be read, breaks a rule of the format, is cut or
  ///   goes on behind the array, or its elements are no numbers: pickled objects, records, texts, complex numbers.
  public init(contentsOf path: String) throws(SAMTError) { try self.init(try DataStream(path)) }

  /// Reads `stream`, no further than its header allows.
  init(_ stream: DataStream) throws(SAMTError) {
    path = stream.path
    let header = try Self.header(stream)
    let start = stream.position
    chunks = try stream.readChunks(header.size)
    guard stream.position - start == header.size else {
      throw Self.wrongSize("truncated", header, stream, found: stream.position - start)
    }
    guard try stream.isAtEnd() else {
      throw .dataset(path: path, reason: "bytes after the end: expected \(header.size) behind the header")
    }
    self.header = header
  }

  private static func wrongSize(
    _ difference: String, _ header: NPYHeader, _ stream: DataStream, found: Int
  ) -> SAMTError {
    .dataset(
      path: stream.path,
      reason: "\(difference): expected \(header.size) bytes for shape \(header.shape) and type \(header.type.code), "
        + "found \(found)")
  }

  /// Reads the header, behind which the elements begin, as many bytes as it says.
  static func header(_ stream: DataStream) throws(SAMTError) -> NPYHeader {
    let header = try headerAlone(stream)
    let start = stream.position
    if let whole = stream.size, whole - start != header.size {
      let difference = whole - start < header.size ? "truncated" : "bytes after the end"
      throw wrongSize(difference, header, stream, found: whole - start)
    }
    guard header.size <= stream.sizeLimit - start else {
      throw wrongSize("truncated", header, stream, found: stream.sizeLimit - start)
    }
    return header
  }

  private static func headerAlone(_ stream: DataStream) throws(SAMTError) -> NPYHeader {
    func failure(_ reason: String) -> SAMTError { .dataset(path: stream.path, reason: reason) }

    let start = try stream.read(NPYHeader.magic.count + 2)
    if start.isEmpty { throw failure("the file is empty") }
    guard start.count == NPYHeader.magic.count + 2, start.starts(with: NPYHeader.magic) else {
      throw failure("not an array of NumPy: expected it to begin with 93 NUMPY and a version")
    }
    let version = start[NPYHeader.magic.count]
    guard 1...3 ~= version else { throw failure("expected version 1, 2 or 3 of the format, found \(version)") }
    let lengthBytes = try stream.read(version == 1 ? 2 : 4)
    let length = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= NPYHeader.sizeLimit else {
      throw failure("expected a header of at most \(NPYHeader.sizeLimit) bytes, found \(length)")
    }
    let text = try stream.read(length)
    guard lengthBytes.count == (version == 1 ? 2 : 4), text.count == length else { throw failure("truncated header") }
    do throws(NPYMalformation) { return try NPYHeader(text) } catch { throw failure(error.reason) }
  }
}
