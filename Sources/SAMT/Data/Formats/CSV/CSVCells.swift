/// What a cell of a table says.
enum CSVValue {
  /// Nothing: it is empty, or one of the words for that.
  case missing
  /// A number, infinite where it is out of a double's range.
  case number(Double)
  /// Anything else.
  case text
}

/// The cells of a CSV file by row and column, valid for a call; spaces around a cell do not count.
struct CSVCells {
  let text: UnsafeBufferPointer<UInt8>
  /// Where each cell ends in ``text``, record by record.
  let ends: UnsafeBufferPointer<Int>
  let width: Int
  /// The record that is row 0 here.
  let first: Int
  let mark: CSVNumber.DecimalMark

  /// The bytes of a cell.
  subscript(row: Int, column: Int) -> UnsafeBufferPointer<UInt8> {
    let index = (first + row) * width + column
    var (start, end) = (index == 0 ? 0 : ends[index - 1], ends[index])
    while start < end, Self.isSpace(text[start]) { start += 1 }
    while start < end, Self.isSpace(text[end - 1]) { end -= 1 }
    return UnsafeBufferPointer(rebasing: text[start..<end])
  }

  /// What a cell says.
  func value(_ row: Int, _ column: Int) -> CSVValue {
    let cell = self[row, column]
    if let number = CSVNumber.parse(cell, mark: mark) { return .number(number) }
    return Self.isMissing(cell) ? .missing : .text
  }

  /// Whether a cell says nothing.
  func isMissing(_ row: Int, _ column: Int) -> Bool { Self.isMissing(self[row, column]) }

  /// A cell's text; nil where it is not UTF-8.
  func string(_ row: Int, _ column: Int) -> String? {
    let cell = self[row, column]
    if !cell.allSatisfy({ $0 < 0x80 }) {
      let bytes = UnsafeRawBufferPointer(cell)
      var index = 0
      while index < bytes.count {
        guard let length = UTF8Sequence.length(in: bytes, at: index) else { return nil }
        index += length
      }
    }
    return String(decoding: cell, as: UTF8.self)
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

  /// The words for a missing value, in lower case.
  private static let missingWords: [[UInt8]] = ["", "?", "na", "n/a", "nan", "null"].map { Array($0.utf8) }

  private static func isMissing(_ cell: UnsafeBufferPointer<UInt8>) -> Bool {
    guard cell.count <= 4 else { return false }
    return missingWords.contains { word in
      word.count == cell.count
        && zip(word, cell).allSatisfy { $0 == (UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $1 ? $1 | 0x20 : $1) }
    }
  }
}
