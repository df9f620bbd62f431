/// A table read from a CSV file (RFC 4180): the names of its columns, and the text of each cell.
///
/// The separator is found out. Lines may end with LF, CRLF or CR; the text is UTF-8, with or without a byte order mark,
/// and may be compressed with gzip. What a cell means is for ``TablePreprocessing`` to say.
///
/// ```swift
/// let file = try CSVFile(contentsOf: "houses.csv")
/// print(file.columns, file.rowCount, try file.text(row: 0, column: "town"))
/// ```
public struct CSVFile: Sendable {
  /// Whether the first record holds the columns' names.
  public enum Header: String, CaseIterable, Sendable {
    /// It does where none of its cells is a number.
    case automatic = "auto"
    /// It does.
    case present = "yes"
    /// It does not: columns are named by their numbers, from 1.
    case absent = "no"
  }

  /// The path it was read from.
  public let path: String
  /// What stands between cells.
  public let separator: CSVSeparator
  /// The columns' names, no two alike; a column without one has its number, from 1.
  public let columns: [String]

  private let scanner: CSVScanner
  private let positions: [String: Int]
  /// The first record that is a row.
  private let firstRecord: Int

  /// Reads the file at `path`.
  ///
  /// - Throws: ``SAMTError/dataset(path:reason:)`` where the file cannot be read, holds no row, or names two columns
  ///   alike; and naming the line, where a record has more or fewer cells than the first, or a quote stands where none
  ///   may. An archive also needs the system's `gzip` program.
  public init(contentsOf path: String, header: Header = .automatic) throws(SAMTError) {
    try self.init(try DataStream(path), header: header)
  }

  /// Reads `stream` to its end.
  init(_ stream: DataStream, header: Header = .automatic) throws(SAMTError) {
    path = stream.path
    (separator, scanner) = try Self.scan(stream)
    guard scanner.width > 0 else { throw .dataset(path: path, reason: "expected rows, found empty lines alone") }
    switch header {
    case .automatic: firstRecord = scanner.hasNumber(inRecord: 0) ? 0 : 1
    case .present: firstRecord = 1
    case .absent: firstRecord = 0
    }
    columns = firstRecord == 0 ? (1...scanner.width).map(String.init) : try Self.names(scanner, path: path)
    positions = Dictionary(zip(columns, columns.indices)) { first, _ in first }
    guard rowCount > 0 else { throw .dataset(path: path, reason: "expected rows, found a header alone") }
  }

  private static func scan(_ stream: DataStream) throws(SAMTError) -> (CSVSeparator, CSVScanner) {
    func located(_ body: () throws(CSVMalformation) -> Void) throws(SAMTError) {
      do throws(CSVMalformation) { try body() } catch {
        throw .dataset(path: stream.path, reason: "line \(error.line): \(error.reason)")
      }
    }
    let chunkSize = 1 << 19
    var chunk = try stream.read(chunkSize)
    if chunk.isEmpty { throw .dataset(path: stream.path, reason: "the file is empty") }
    if chunk.starts(with: [0xff, 0xfe]) || chunk.starts(with: [0xfe, 0xff]) {
      throw .dataset(path: stream.path, reason: "expected UTF-8, found UTF-16; iconv -f UTF-16 -t UTF-8 converts it")
    }
    if chunk.starts(with: [0xef, 0xbb, 0xbf]) { chunk.removeFirst(3) }
    let separator = CSVSeparator(of: chunk)
    var scanner = CSVScanner(separator: separator)
    while !chunk.isEmpty {
      try located { () throws(CSVMalformation) in try scanner.scan(chunk) }
      chunk = try stream.read(chunkSize)
    }
    try located { () throws(CSVMalformation) in try scanner.finish() }
    _ = try stream.isAtEnd()
    return (separator, scanner)
  }

  /// The cells of the first record, or their numbers where they are empty.
  private static func names(_ scanner: CSVScanner, path: String) throws(SAMTError) -> [String] {
    func failure(_ reason: String) -> SAMTError { .dataset(path: path, reason: "line \(scanner.lines[0]): \(reason)") }
    var names: [String] = []
    for column in 0..<scanner.width {
      guard let name = scanner.withCells({ $0.string(0, column) }) else {
        throw failure("the name of column \(column + 1) is not UTF-8")
      }
      names.append(name.isEmpty ? "\(column + 1)" : name)
    }
    var known: Set<String> = []
    if let twice = names.first(where: { !known.insert($0).inserted }) {
      throw failure("two columns are named \(twice)")
    }
    return names
  }

  /// The number of rows: records but for the header.
  public var rowCount: Int { scanner.lines.count - firstRecord }

  /// The text of a cell, without spaces around it.
  ///
  /// - Throws: ``SAMTError/dataset(path:reason:)`` where there is no such column, or the cell is not UTF-8.
  /// - Precondition: a row of the table.
  public func text(row: Int, column: String) throws(SAMTError) -> String {
    ensure(row >= 0 && row < rowCount, "row \(row) of \(rowCount)")
    let column = try index(of: column)
    guard let text = withCells({ $0.string(row, column) }) else { throw notUTF8(row: row, column: column) }
    return text
  }

  /// The position of the column called `name`.
  ///
  /// - Throws: ``SAMTError/dataset(path:reason:)`` that lists the columns, where none is.
  func index(of name: String) throws(SAMTError) -> Int {
    if let index = positions[name] { return index }
    throw .dataset(path: path, reason: "expected a column \(name), found \(columns.listed)")
  }

  /// Whether there is a column called `name`.
  func hasColumn(_ name: String) -> Bool { positions[name] != nil }

  /// Calls `body` with the cells of the rows.
  func withCells<R, E: Error>(_ body: (CSVCells) throws(E) -> R) throws(E) -> R {
    try scanner.withCells(from: firstRecord, body)
  }

  /// An error about one cell.
  func failure(row: Int, column: Int, _ reason: String) -> SAMTError {
    .dataset(path: path, reason: "line \(scanner.lines[firstRecord + row]), column \(columns[column]): \(reason)")
  }

  func notUTF8(row: Int, column: Int) -> SAMTError { failure(row: row, column: column, "the text is not UTF-8") }

  /// A cell's text for messages, cut where it is long.
  func excerpt(row: Int, column: Int) -> String {
    let limit = 40
    let text = withCells { String(decoding: $0[row, column].prefix(4 * limit), as: UTF8.self) }
    return text.isEmpty ? "nothing" : text.count > limit ? text.prefix(limit) + "..." : text
  }
}

extension CSVScanner {
  /// Calls `body` with the cells of the records from number `first` on.
  fileprivate func withCells<R, E: Error>(from first: Int = 0, _ body: (CSVCells) throws(E) -> R) throws(E) -> R {
    try text.withUnsafeBufferPointer { (text) throws(E) in
      try ends.withUnsafeBufferPointer { (ends) throws(E) in
        try body(
          CSVCells(
            text: text, ends: ends, width: width, first: first, mark: separator == .semicolon ? .commaOrPoint : .point))
      }
    }
  }

  fileprivate func hasNumber(inRecord record: Int) -> Bool {
    withCells { cells in
      (0..<width).contains { if case .number = cells.value(record, $0) { true } else { false } }
    }
  }
}
