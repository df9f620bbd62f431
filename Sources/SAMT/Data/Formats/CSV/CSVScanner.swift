/// Why text is no CSV.
struct CSVMalformation: Error {
  /// The line it is about, counted from 1.
  let line: Int
  let reason: String
}

/// Takes CSV (RFC 4180) apart into cells while it comes, chunk by chunk.
///
/// Lines end with CR, LF or CRLF; empty ones are skipped. A quote at a cell's beginning opens a quoted cell, in which
/// separators and line ends are text and two quotes stand for one.
struct CSVScanner {
  private enum Position { case cellStart, plain, quoted, closingQuote }

  let separator: CSVSeparator
  private let separatorByte: UInt8

  /// The text of all cells, one behind the other, without quotes.
  private(set) var text: [UInt8] = []
  /// Where each cell ends in ``text``, record by record.
  private(set) var ends: [Int] = []
  /// The line on which each record begins, counted from 1.
  private(set) var lines: [Int] = []
  /// The number of cells in each record; 0 before the first one's end.
  private(set) var width = 0

  private var position = Position.cellStart
  /// The line that the next byte is on.
  private var line = 1
  private var recordLine = 1
  private var quoteLine = 1
  private var cellsInRecord = 0
  /// Whether the last line ended with a CR, so that an LF belongs to it.
  private var followsReturn = false

  private static let quote = UInt8(ascii: "\"")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  init(separator: CSVSeparator) {
    self.separator = separator
    separatorByte = separator.byte
  }

  /// Takes in what comes next.
  mutating func scan(_ chunk: [UInt8]) throws(CSVMalformation) {
    try chunk.withUnsafeBufferPointer { (chunk) throws(CSVMalformation) in try scan(chunk) }
  }

  private mutating func scan(_ chunk: UnsafeBufferPointer<UInt8>) throws(CSVMalformation) {
    var i = 0
    while i < chunk.count {
      switch position {
      case .quoted:
        let start = i
        while i < chunk.count, chunk[i] != Self.quote {
          if chunk[i] == Self.lineFeed { line += 1 }
          i += 1
        }
        text.append(contentsOf: UnsafeBufferPointer(rebasing: chunk[start..<i]))
        if i < chunk.count {
          position = .closingQuote
          i += 1
        }
      case .closingQuote where chunk[i] == Self.quote:
        text.append(Self.quote)
        position = .quoted
        i += 1
      case .closingQuote:
        guard isEnd(chunk[i]) else {
          throw CSVMalformation(
            line: line, reason: "expected a separator or the line's end behind a closing quote, found other text")
        }
        try endCell(chunk[i])
        i += 1
      case .cellStart where chunk[i] == Self.quote:
        position = .quoted
        quoteLine = line
        i += 1
      case .cellStart, .plain:
        let start = i
        while i < chunk.count, !isEnd(chunk[i]) { i += 1 }
        if i > start {
          text.append(contentsOf: UnsafeBufferPointer(rebasing: chunk[start..<i]))
          position = .plain
        }
        if i < chunk.count {
          try endCell(chunk[i])
          i += 1
        }
      }
    }
  }

  /// Ends the last record, where no line end did.
  mutating func finish() throws(CSVMalformation) {
    if position == .quoted {
      throw CSVMalformation(line: quoteLine, reason: "a quote is opened and never closed")
    }
    if isInRecord { try endRecord() }
  }

  private var isInRecord: Bool { cellsInRecord > 0 || position != .cellStart }

  private func isEnd(_ byte: UInt8) -> Bool {
    byte == separatorByte || byte == Self.lineFeed || byte == Self.carriageReturn
  }

  /// Ends a cell at a separator, and at a line's end the record with it.
  private mutating func endCell(_ byte: UInt8) throws(CSVMalformation) {
    if byte == separatorByte {
      ends.append(text.count)
      cellsInRecord += 1
      position = .cellStart
      return
    }
    let isSecondHalf = byte == Self.lineFeed && followsReturn && !isInRecord
    if isInRecord { try endRecord() }
    if !isSecondHalf { line += 1 }
    recordLine = line
    followsReturn = byte == Self.carriageReturn
  }

  private mutating func endRecord() throws(CSVMalformation) {
    ends.append(text.count)
    lines.append(recordLine)
    if lines.count == 1 { width = cellsInRecord + 1 }
    guard cellsInRecord + 1 == width else {
      throw CSVMalformation(line: recordLine, reason: "expected \(width) cells, found \(cellsInRecord + 1)")
    }
    cellsInRecord = 0
    position = .cellStart
  }
}
