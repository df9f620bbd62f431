import Foundation
import Testing

@testable import SAMT

/// The bytes of a safetensors file with the given header and as many zeros as data.
func safetensors(_ header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
  withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) { Array($0) }
    + Array(header.utf8) + [UInt8](repeating: 0, count: data)
}

@Suite struct SafetensorsMalformedTests {
  private let folder: DataFolder

  init() throws { folder = try DataFolder() }

  struct Malformed: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let parts: [String]

    init(_ description: String, _ bytes: [UInt8], _ parts: String...) {
      (testDescription, self.bytes, self.parts) = (description, bytes, parts)
    }

    /// A header whose only fault is in the description of tensor `a`, of which eight bytes of data follow.
    init(_ description: String, entry: String, _ parts: String...) {
      (testDescription, bytes, self.parts) = (description, safetensors("{\"a\":{\(entry)}}", data: 8), parts)
    }
  }

  static func tensor(_ name: String, _ begin: Int, _ end: Int) -> String {
    "\"\(name)\":{\"dtype\":\"U8\",\"shape\":[\(end - begin)],\"data_offsets\":[\(begin),\(end)]}"
  }

  static let malformed: [Malformed] = [
    Malformed("empty", [], "truncated", "expected 8 bytes for the header's length", "found 0"),
    Malformed("seven bytes", [2, 0, 0, 0, 0, 0, 0], "truncated", "found 7"),
    Malformed("no header", safetensors("", data: 0), "expected '{'", "found its end"),
    Malformed("header beyond the file", safetensors("{}", length: 3), "truncated", "header of 3 bytes", "found 2"),
    Malformed("huge header", safetensors("{}", length: .max), "at most 100000000 bytes", "found 18446744073709551615"),
    Malformed("large header", safetensors("{}", length: 100_000_001), "at most 100000000 bytes"),
    Malformed("no JSON", safetensors("nonsense"), "byte 0 of the header", "expected '{'", "found 'n'"),
    Malformed("space first", safetensors(" {}"), "byte 0 of the header", "expected '{'"),
    Malformed("an array", safetensors("[]"), "expected '{'", "found '['"),
    Malformed("unclosed", safetensors("{"), "byte 1", "expected a string", "found its end"),
    Malformed("text behind", safetensors("{} x"), "byte 3", "expected nothing after the object", "found 'x'"),
    Malformed("NUL behind", safetensors("{}\0"), "found byte 0"),
    Malformed("comma at the end", safetensors("{\(tensor("a", 0, 1)),}", data: 1), "expected a string", "found '}'"),
    Malformed("no comma", safetensors("{\(tensor("a", 0, 1))\(tensor("b", 1, 2))}", data: 2), "expected ',' or '}'"),
    Malformed("control character", safetensors("{\"a\nb\":{}}"), "byte 3", "no control character", "found byte 10"),
    Malformed("lone surrogate", safetensors("{\"\\ud800\":{}}"), "byte 2", "expected an escape sequence"),
    Malformed("unknown escape", safetensors("{\"\\x\":{}}"), "expected an escape sequence", "found '\\'"),
    Malformed("cut escape", safetensors("{\"\\u12"), "expected an escape sequence"),
    Malformed("unclosed string", safetensors("{\"abc"), "expected the end of a string"),
    Malformed("metadata not strings", safetensors("{\"__metadata__\":{\"a\":1}}"), "expected a string", "found '1'"),
    Malformed("metadata no object", safetensors("{\"__metadata__\":[]}"), "expected '{'"),
    Malformed(
      "metadata twice", safetensors("{\"__metadata__\":{},\"__metadata__\":{}}"), "__metadata__: expected once"),
    Malformed(
      "metadata key twice", safetensors("{\"__metadata__\":{\"k\":\"1\",\"x\":\"\",\"\\u006b\":\"2\"}}"),
      "\"k\": expected once, found twice"),
    Malformed(
      "name twice", safetensors("{\(tensor("a", 0, 1)),\(tensor("b", 1, 2)),\(tensor("a", 2, 3))}", data: 3),
      "\"a\": expected once, found twice"),
    Malformed(
      "name twice, once escaped", safetensors("{\(tensor("a", 0, 1)),\(tensor("\\u0061", 1, 2))}", data: 2),
      "\"a\": expected once, found twice"),
    Malformed(
      "hole at the start", safetensors("{\(tensor("a", 1, 2))}", data: 2), "\"a\"", "a hole", "at 0", "found 1"),
    Malformed(
      "hole", safetensors("{\(tensor("b", 3, 5)),\(tensor("a", 0, 2))}", data: 5), "\"b\"", "a hole", "at 2", "found 3"),
    Malformed(
      "overlap", safetensors("{\(tensor("a", 0, 3)),\(tensor("b", 2, 4))}", data: 4), "\"b\"", "overlaps", "at 3",
      "found 2"),
    Malformed("same bytes", safetensors("{\(tensor("a", 0, 3)),\(tensor("b", 0, 3))}", data: 3), "overlaps"),
    Malformed("data cut", safetensors("{\(tensor("a", 0, 3))}", data: 2), "truncated", "expected 3 bytes", "found 2"),
    Malformed("no data", safetensors("{\(tensor("a", 0, 3))}", data: 0), "truncated", "found 0"),
    Malformed(
      "data behind", safetensors("{\(tensor("a", 0, 3))}", data: 4), "bytes after the last tensor", "expected 3",
      "found 4"),
    Malformed("data of nothing", safetensors("{}", data: 1), "bytes after the last tensor", "expected 0", "found 1"),

    Malformed("no entry", safetensors("{\"a\":null}"), "expected '{'", "found 'n'"),
    Malformed("nothing in it", entry: "", "\"a\": expected a dtype, found none"),
    Malformed("no shape", entry: "\"dtype\":\"U8\",\"data_offsets\":[0,8]", "\"a\": expected a shape"),
    Malformed("no offsets", entry: "\"dtype\":\"U8\",\"shape\":[8]", "\"a\": expected data_offsets"),
    Malformed(
      "unknown key", entry: "\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8],\"x\":{}",
      "\"a\": expected dtype, shape and data_offsets, found \"x\""),
    Malformed(
      "key twice", entry: "\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]",
      "\"a\": dtype: expected once"),
    Malformed(
      "offsets twice", entry: "\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8],\"data_offsets\":[0,8]",
      "data_offsets: expected once"),
    Malformed(
      "unknown dtype", entry: "\"dtype\":\"F31\",\"shape\":[8],\"data_offsets\":[0,8]", "\"a\": unknown dtype \"F31\""),
    Malformed("dtype in lower case", entry: "\"dtype\":\"u8\",\"shape\":[8],\"data_offsets\":[0,8]", "unknown dtype"),
    Malformed("dtype a number", entry: "\"dtype\":8,\"shape\":[8],\"data_offsets\":[0,8]", "expected a string"),
    Malformed(
      "wrong size", entry: "\"dtype\":\"U8\",\"shape\":[7],\"data_offsets\":[0,8]",
      "\"a\": expected 7 bytes for U8 of shape [7], found 8"),
    Malformed(
      "half a byte", entry: "\"dtype\":\"F4\",\"shape\":[15],\"data_offsets\":[0,8]", "F4 of shape [15]"),
    Malformed(
      "negative length", entry: "\"dtype\":\"U8\",\"shape\":[-8],\"data_offsets\":[0,8]",
      "expected a whole number, not negative", "found '-'"),
    Malformed("fraction", entry: "\"dtype\":\"U8\",\"shape\":[8.0],\"data_offsets\":[0,8]", "found '.'"),
    Malformed("exponent", entry: "\"dtype\":\"U8\",\"shape\":[8e0],\"data_offsets\":[0,8]", "found 'e'"),
    Malformed("zero before", entry: "\"dtype\":\"U8\",\"shape\":[08],\"data_offsets\":[0,8]", "no zero before"),
    Malformed(
      "length of 2^63", entry: "\"dtype\":\"U8\",\"shape\":[9223372036854775808],\"data_offsets\":[0,8]",
      "expected a number below 2^63"),
    Malformed(
      "overflowing", entry: "\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,8]",
      "a size in bytes that can be counted", "[4294967296, 4294967296]"),
    Malformed(
      "overflowing by its type", entry: "\"dtype\":\"F64\",\"shape\":[2305843009213693952],\"data_offsets\":[0,8]",
      "a size in bytes that can be counted"),
    Malformed(
      "overflowing beside a zero",
      entry: "\"dtype\":\"F32\",\"shape\":[0,4294967296,4294967296],\"data_offsets\":[0,0]",
      "a size in bytes that can be counted"),
    Malformed(
      "backwards", entry: "\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[8,0]",
      "data_offsets: expected none below 8, found 0"),
    Malformed(
      "three offsets", entry: "\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8,8]", "expected ']'", "found ','"),
    Malformed("one offset", entry: "\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[8]", "expected ','"),
    Malformed(
      "offset too large", entry: "\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,99999999999999999999]",
      "expected a number below 2^63"),
  ]

  @Test(arguments: malformed, [SafetensorsFile.Access.mapped, .copied])
  func malformedFilesAreRefused(_ file: Malformed, _ access: SafetensorsFile.Access) throws {
    let path = try folder.write(file.bytes, "file")
    expectFileError(file.parts) { try SafetensorsFile(contentsOf: path, access: access) }
  }

  @Test func invalidUTF8IsRefused() throws {
    for sequence: [UInt8] in [
      [0xff], [0x80], [0xc0, 0x80], [0xc3], [0xe0, 0x9f, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x8f, 0xbf, 0xbf],
      [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82],
    ] {
      let header = Array("{\"".utf8) + sequence + Array("\":{}}".utf8)
      let path = try folder.write(
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header, "file")
      expectFileError(["byte 2 of the header", "expected UTF-8", "found byte \(sequence[0])"]) {
        try SafetensorsFile(contentsOf: path)
      }
    }
  }

  /// What looks odd and is right.
  @Test func unusualHeadersAreRead() throws {
    let header =
      "{ \"b\\u00e9\\ud83d\\ude00\\/\" : {\"data_offsets\":[ 1 , 3 ],\"shape\":[\t1,2 ],\"dtype\":\"U\\u0038\"} ,\r\n"
      + " \"\" : {\"dtype\":\"I8\",\"shape\":[],\"data_offsets\":[0,1]}, \"e\":{\"dtype\":\"F4\",\"shape\":[2],"
      + "\"data_offsets\":[3,4]} }  "
    let path = try folder.write(safetensors(header, data: 4), "file")
    let file = try SafetensorsFile(contentsOf: path)
    #expect(file.tensors.map(\.name) == ["", "b\u{e9}\u{1f600}/", "e"])
    #expect(file.entry(named: "b\u{e9}\u{1f600}/")?.shape == [1, 2])
    #expect(try file.integers("") == [0])
    #expect(try file.bytes("e") == [0])
  }

  /// Two names that a `String` takes for equal, composed and decomposed, are two names.
  @Test func namesAreBytes() throws {
    let header = "{\(Self.tensor("\u{e9}", 0, 1)),\(Self.tensor("e\u{301}", 1, 3))}"
    let file = try SafetensorsFile(contentsOf: try folder.write(safetensors(header, data: 3), "file"))
    #expect(file.entry(named: "\u{e9}")?.shape == [1])
    #expect(file.entry(named: "e\u{301}")?.shape == [2])
  }

  @Test func whatIsNoFileIsRefused() throws {
    expectFileError(["cannot be opened", "No such file"]) { try SafetensorsFile(contentsOf: folder.path + "/none") }
    expectFileError(["expected a file, found a directory"]) { try SafetensorsFile(contentsOf: folder.path) }
    expectFileError(["expected a regular file"]) { try SafetensorsFile(contentsOf: "/dev/zero") }
    expectFileError(["NUL"]) { try SafetensorsFile(contentsOf: "a\0b") }
    expectFileError(["cannot be opened"]) { try SafetensorsFile(contentsOf: "") }
    let pipe = folder.path + "/pipe"
    try #require(mkfifo(pipe, 0o600) == 0)
    expectFileError(["expected a regular file"]) { try SafetensorsFile(contentsOf: pipe) }
  }

  #if os(Linux)
    /// A sparse file that is larger than all memory that the process may have is right, and cannot be had.
    @Test func whatIsMoreThanMemoryIsRefused() async {
      await #expect(processExitsWith: .success) {
        let folder = try DataFolder()
        let size = 1 << 33
        let header = "{\(SafetensorsMalformedTests.tensor("a", 0, size))}"
        let path = try folder.write(safetensors(header), "file")
        guard truncate(path, off_t(8 + header.utf8.count + size)) == 0 else { exit(1) }
        guard try SafetensorsFile(contentsOf: path).tensors.map(\.shape) == [[size]] else { exit(2) }
        var limit = rlimit(rlim_cur: rlim_t(size), rlim_max: rlim_t(size))
        setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        for (access, reason) in [
          (SafetensorsFile.Access.copied, "no memory for \(size) bytes: Cannot allocate memory"),
          (.mapped, "cannot be mapped: Cannot allocate memory"),
        ] {
          do throws(SAMTError) {
            _ = try SafetensorsFile(contentsOf: path, access: access)
            exit(3)
          } catch { guard error == .file(path: path, reason: reason) else { exit(4) } }
        }
      }
    }
  #endif

  /// Many small tensors: the header may not cost much more memory than its text has bytes, nor much time.
  @Test func aHeaderOfManyTensorsIsRead() throws {
    let count = 20_000
    let header = "{" + (0..<count).map { Self.tensor("t\($0)", $0, $0 + 1) }.joined(separator: ",") + "}"
    let file = try SafetensorsFile(contentsOf: try folder.write(safetensors(header, data: count), "file"))
    #expect(file.tensors.count == count)
    #expect(file.entry(named: "t19999")?.byteRange.upperBound == 8 + header.utf8.count + count)
  }
}
