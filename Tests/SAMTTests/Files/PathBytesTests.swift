import Foundation
import Testing

@testable import SAMT

@Suite struct PathBytesTests {
  @Test func textIsItself() {
    for path in ["", "a/b", "caf\u{e9}", "e\u{301}/\u{2603}/\u{1f600}", "\u{f77f}\u{f800}"] {
      #expect(path.pathBytes == Array(path.utf8))
      #expect(Array(String(pathBytes: path.utf8).utf8) == Array(path.utf8))
      #expect(path.displayedPath == path)
    }
  }

  /// Any bytes at all come back, those of the escapes' own characters too.
  @Test func everyByteComesBack() {
    var generator = Generator(seed: 1)
    let pieces: [[UInt8]] = [
      [0x61], [0xe9], [0xc3, 0xa9], [0xe2, 0x82], [0xef, 0x9e, 0x80], [0xef, 0x9f, 0xa9], [0xef, 0x9f], [0xf0, 0x9f],
      [0xff], [0x80], [0x2f], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x98, 0x80],
    ]
    for _ in 0..<5000 {
      let bytes = (0..<Int.random(in: 0...6, using: &generator)).flatMap { _ in
        pieces[Int.random(in: 0..<pieces.count, using: &generator)]
      }
      #expect(String(pathBytes: bytes).pathBytes == bytes)
    }
  }

  @Test func messagesShowBytes() {
    #expect(String(pathBytes: [0x63, 0xe9, 0x2f, 0xff]).displayedPath == "c\\xe9/\\xff")
    let error = SAMTError.file(path: String(pathBytes: [0xe9]), reason: "is not there")
    #expect("\(error)" == "\\xe9: is not there")
  }

  #if os(Linux)  // macOS has names in UTF-8 and no others
    @Test func filesAreFoundByTheirBytes() throws {
      let folder = try DataFolder()
      let path = FilePaths.join(folder.path, String(pathBytes: [0x63, 0xe9]))
      try SafetensorsFile.write([("a", .bytes([7], shape: [1]))], to: path)
      #expect(try SafetensorsFile(contentsOf: path).bytes("a") == [7])
      var info = stat()
      let raw = (Array(folder.path.utf8) + [0x2f, 0x63, 0xe9, 0]).map { CChar(bitPattern: $0) }
      #expect(raw.withUnsafeBufferPointer { stat($0.baseAddress!, &info) } == 0)
    }
  #endif

  @Test(arguments: [("a/b/c", "a/b"), ("c", "."), ("/c", "/"), ("a/", "a"), ("./c", ".")])
  func directories(_ path: String, _ directory: String) {
    #expect(FilePaths.directory(of: path) == directory)
  }

  @Test func joining() {
    #expect(FilePaths.join("a", "b") == "a/b")
    #expect(FilePaths.join("a/", "b") == "a/b")
    #expect(FilePaths.join("/", "b") == "/b")
  }
}
