import Foundation
import Testing

@testable import SAMT

@Suite struct CSVFileTests {
  private let folder: DataFolder

  init() throws { folder = try DataFolder() }

  private func read(_ text: String, header: CSVFile.Header = .automatic) throws(SAMTError) -> CSVFile {
    try CSVFile(DataStream(bytes: Array(text.utf8), path: "table.csv"), header: header)
  }

  /// All cells by row.
  private func cells(_ file: CSVFile) throws -> [[String]] {
    try (0..<file.rowCount).map { row in try file.columns.map { try file.text(row: row, column: $0) } }
  }

  // MARK: what is read

  @Test(arguments: [",", ";", "\t"], ["\n", "\r\n", "\r"])
  func separatorsAndLineEndsAreFoundOut(separator: String, lineEnd: String) throws {
    for end in ["", lineEnd] {
      let lines = [["name", "size"], ["ant", "1"], ["whale", ""]]
      let file = try read(lines.map { $0.joined(separator: separator) }.joined(separator: lineEnd) + end)
      #expect(file.separator.rawValue == separator)
      #expect(file.columns == lines[0])
      #expect(try cells(file) == Array(lines[1...]))
    }
  }

  @Test func quotedCellsHoldAnything() throws {
    let file = try read("a,b\r\n\"one, \"\"two\"\"\r\nthree\",\"\"\r\n\"\"\"\",x\"y\r\n")
    #expect(try cells(file) == [["one, \"two\"\r\nthree", ""], ["\"", "x\"y"]])
  }

  @Test func spacesAroundACellDoNotCount() throws {
    #expect(try cells(try read(" a , b \n 1 ,\t2 \n")) == [["1", "2"]])
  }

  @Test func emptyLinesAreSkipped() throws {
    #expect(try cells(try read("\n\na,b\n\n1,2\r\n\r\n\r\r3,4\n\n")) == [["1", "2"], ["3", "4"]])
  }

  @Test func aByteOrderMarkIsNoText() throws {
    #expect(try read("\u{feff}a,b\n1,2").columns == ["a", "b"])
  }

  @Test func aSingleColumnNeedsNoSeparator() throws {
    let file = try read("size\n1.5\n2.5\n")
    #expect(file.columns == ["size"])
    #expect(try cells(file) == [["1.5"], ["2.5"]])
  }

  /// The comma takes the header apart into more columns, but not every line into as many.
  @Test func theSeparatorFitsAllLines() throws {
    let file = try read("a;b;c,d,e,f\n1,5;2;3\n4;5;6\n")
    #expect(file.columns == ["a", "b", "c,d,e,f"])
  }

  @Test func aHeaderHoldsNoNumber() throws {
    #expect(try read("a,b\n1,2").columns == ["a", "b"])
    #expect(try read("a,2\nb,3").columns == ["1", "2"])
    #expect(try read("a,2\nb,3", header: .present).columns == ["a", "2"])
    #expect(try read("a,b\nc,d", header: .absent).rowCount == 2)
    #expect(try read(",b\n1,2").columns == ["1", "b"], "an index without a name, as pandas writes it")
  }

  @Test func compressedFilesAreRead() throws {
    let path = try folder.writeCompressed(Array("a,b\n1,2\n".utf8), "table.csv.gz")
    #expect(try cells(try CSVFile(contentsOf: path)) == [["1", "2"]])
  }

  /// Cells, quotes and line ends lie across the chunks in which a file comes.
  @Test func chunksMayEndAnywhere() throws {
    let text = "a,b\r\n\"x \"\"y\"\"\r\n\",1\r\n,\"\"\r\n"
    for length in 1...5 {
      var scanner = CSVScanner(separator: .comma)
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty {
        try scanner.scan(Array(rest.prefix(length)))
        rest = rest.dropFirst(length)
      }
      try scanner.finish()
      #expect(String(decoding: scanner.text, as: UTF8.self) == "abx \"y\"\r\n1")
      #expect(scanner.ends == [1, 2, 9, 10, 10, 10])
      #expect(scanner.lines == [1, 2, 4])
    }
  }

  @Test func manyRowsOfALargeFileAreRead() throws {
    let rows = 60_000  // more than one chunk of 512 KiB
    let path = try folder.write(
      Array(("number,half\n" + (0..<rows).map { "\($0),\($0).5\n" }.joined()).utf8), "large.csv")
    let file = try CSVFile(contentsOf: path)
    #expect(file.rowCount == rows)
    #expect(try file.text(row: rows - 1, column: "half") == "\(rows - 1).5")
  }

  // MARK: what is refused

  struct Malformed: Sendable, CustomTestStringConvertible {
    let text: String
    let parts: [String]
    var testDescription: String { text }
  }

  @Test(arguments: [
    Malformed(text: "", parts: ["empty"]),
    Malformed(text: "\n\r\n", parts: ["expected rows", "empty lines"]),
    Malformed(text: "a,b\n", parts: ["expected rows", "header alone"]),
    Malformed(text: "a,b\n1,2\n\n3\n", parts: ["line 4", "expected 2 cells", "found 1"]),
    Malformed(text: "a,b\n\"1\n\",2\n3,4,5\n", parts: ["line 4", "expected 2 cells", "found 3"]),
    Malformed(text: "a,b\n1,\"2\n3,4\n", parts: ["line 2", "quote is opened and never closed"]),
    Malformed(text: "a,b\n1,\"2\"3\n", parts: ["line 2", "behind a closing quote"]),
    Malformed(text: "a,b,a\n1,2,3\n", parts: ["line 1", "two columns are named a"]),
  ])
  func malformedTablesAreRefused(_ table: Malformed) throws {
    let path = try folder.write(Array(table.text.utf8), "table.csv")
    expectDatasetError(at: path, table.parts) { try CSVFile(contentsOf: path) }
  }

  @Test func otherEncodingsAreRefused() throws {
    let wide = try folder.write([0xff, 0xfe, 0x61, 0x00], "wide.csv")
    expectDatasetError(at: wide, ["expected UTF-8", "UTF-16"]) { try CSVFile(contentsOf: wide) }
    let latin = try folder.write(Array("a,b\n1,".utf8) + [0xe9], "latin.csv")
    expectDatasetError(at: latin, ["line 2", "column b", "not UTF-8"]) {
      try CSVFile(contentsOf: latin).text(row: 0, column: "b")
    }
    let header = try folder.write([0xe9] + Array(",b\n1,2".utf8), "header.csv")
    expectDatasetError(at: header, ["line 1", "column 1", "not UTF-8"]) { try CSVFile(contentsOf: header) }
  }

  @Test func anUnknownColumnIsNamed() throws {
    let path = try folder.write(Array("a,b\n1,2".utf8), "table.csv")
    expectDatasetError(at: path, ["expected a column c", "found a, b"]) {
      try CSVFile(contentsOf: path).text(row: 0, column: "c")
    }
  }
}
