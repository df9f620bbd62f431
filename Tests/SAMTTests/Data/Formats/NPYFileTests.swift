import Foundation
import Testing

@testable import SAMT

@Suite struct NPYFileTests {
  private func read(_ bytes: [UInt8]) throws(SAMTError) -> NPYFile {
    try NPYFile(DataStream(bytes: bytes, path: "array.npy"))
  }

  /// The bytes of a file with this header's text, and so many bytes behind it.
  private func file(_ header: String, _ count: Int = 0, version: UInt8 = 1) -> [UInt8] {
    let length = withUnsafeBytes(of: UInt32(header.utf8.count).littleEndian) { Array($0) }
    return NPYHeader.magic + [version, 0] + length.prefix(version == 1 ? 2 : 4) + Array(header.utf8)
      + [UInt8](repeating: 0, count: count)
  }

  // MARK: what is read

  @Test(arguments: NumPyFiles.arrays) func arraysAreThoseOfNumPy(_ array: NumPyFiles.Array) throws {
    let file = try read(array.bytes)
    #expect(file.shape == array.shape)
    #expect(file.count == array.values.count)
    let tensor = try file.tensor()
    #expect(tensor.shape == Shape(array.shape))
    #expect(tensor.elements == array.values)
    if file.type.kind != .float {
      #expect(try file.integers() == array.values.map { Int64($0) })
    } else {
      expectDatasetError(at: "array.npy", ["expected integers", file.type.code]) { try file.integers() }
    }
  }

  @Test func arraysOutOfAnArchiveAreRead() throws {
    let folder = try DataFolder()
    for array in NumPyFiles.arrays.prefix(3) {
      let path = try folder.writeCompressed(array.bytes, "array.npy.gz")
      #expect(try NPYFile(contentsOf: path).tensor().elements == array.values)
    }
  }

  @Test func columnMajorPositionsCoverEveryElement() {
    for shape in [[], [1], [4], [2, 3], [3, 1, 2], [2, 3, 4, 5], [2, 1, 3, 2, 2]] {
      var order = ColumnMajorOrder(shape)
      let count = shape.reduce(1, *)
      let positions = (0..<count).compactMap { _ in order.next() }
      #expect(positions.sorted() == Array(0..<count))
      // The first axis comes first.
      if count > 1, let axis = shape.firstIndex(where: { $0 > 1 }) {
        #expect(positions[1] == shape[(axis + 1)...].reduce(1, *))
      }
    }
  }

  @Test func largeIntegersAreExactOrRefused() throws {
    let header = "{'descr': '<u8', 'fortran_order': False, 'shape': (1,)}"
    let largest = try read(file(header) + [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])
    #expect(try largest.integers() == [Int64.max])
    let larger = try read(file(header) + [0, 0, 0, 0, 0, 0, 0, 0x80])
    expectDatasetError(at: "array.npy", ["9223372036854775808"]) { try larger.integers() }
    #expect(try larger.tensor().elements == [0x1p63])
  }

  // MARK: what is refused

  @Test(arguments: NumPyFiles.refused) func whatIsNoNumberIsRefused(_ array: NumPyFiles.File) throws {
    let parts = [
      "objects": ["pickled Python objects"], "text": ["found <U1 (text)"], "complex": ["<c16 (complex)"],
      "records": ["records"], "dates": ["(dates)"], "long doubles": ["f16"],
    ]
    expectDatasetError(at: "array.npy", try #require(parts[array.name])) { try read(array.bytes) }
  }

  struct Malformed: Sendable, CustomTestStringConvertible {
    let header: String
    var count = 0
    var version: UInt8 = 1
    let parts: [String]
    var testDescription: String { header }
  }

  @Test(arguments: [
    Malformed(header: "", parts: ["malformed header", "'{'"]),
    Malformed(header: "{}", parts: ["expected descr, fortran_order and shape"]),
    Malformed(header: "{'descr': '<f4', 'fortran_order': False}", parts: ["expected descr"]),
    Malformed(header: "{'descr': '<f4', 'descr': '<f4'}", parts: ["unexpected key descr"]),
    Malformed(header: "{'colour': 1}", parts: ["unexpected key colour"]),
    Malformed(header: "{'descr': '<f4', 'fortran_order': Maybe}", parts: ["True or False"]),
    Malformed(header: "{'descr': '<f4', 'fortran_order': False, 'shape': (2}", count: 8, parts: ["')'"]),
    Malformed(header: "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}", parts: ["a length"]),
    Malformed(
      header: "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", count: 7, parts: ["truncated", "8", "7"]),
    Malformed(
      header: "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", count: 9, parts: ["after the end", "9"]),
    Malformed(header: "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x", count: 8, parts: ["nothing else"]),
    Malformed(
      header: "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", parts: ["absurd size"]),
    Malformed(header: "{'descr': '<f3', 'fortran_order': False, 'shape': ()}", parts: ["found <f3"]),
    Malformed(header: "{'descr': 'é', 'fortran_order': False, 'shape': ()}", parts: ["plain characters"]),
    Malformed(header: "{}", version: 4, parts: ["version 1, 2 or 3", "found 4"]),
    Malformed(header: String(repeating: " ", count: 10_001), parts: ["at most 10000"]),
  ])
  func malformedFilesAreRefused(_ array: Malformed) {
    expectDatasetError(at: "array.npy", array.parts) {
      try read(file(array.header, array.count, version: array.version))
    }
  }

  @Test func whatIsNoArrayIsRefused() {
    expectDatasetError(at: "array.npy", ["empty"]) { try read([]) }
    expectDatasetError(at: "array.npy", ["not an array of NumPy"]) { try read(Array("\u{93}NUMPY".utf8)) }
    expectDatasetError(at: "array.npy", ["truncated header"]) { try read(NPYHeader.magic + [1, 0, 80, 0, 1]) }
  }

  @Test func fiveAxesAreNoTensor() throws {
    let array = try read(file("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1, 1, 2)}", 8))
    expectDatasetError(at: "array.npy", ["at most 4 axes", "found 5"]) { try array.tensor() }
  }

  // MARK: writing

  @Test func whatIsWrittenIsRead() throws {
    let folder = try DataFolder()
    let path = folder.path + "/written.npy"
    for shape: Shape in [[], [3], [2, 3], [1, 2, 3, 4], [0, 3]] {
      let tensor = Tensor((0..<shape.count).map { Float($0) / 3 }, shape: shape)
      try NPYFile.write(tensor, to: path)
      let found = try NPYFile(contentsOf: path)
      #expect(found.type.code == "<f4")
      #expect(try found.tensor().shape == shape)
      #expect(try found.tensor().elements == tensor.elements)
    }
    try NPYFile.write([1, -2, .max], to: path)
    #expect(try NPYFile(contentsOf: path).integers() == [1, -2, .max])
  }

  /// NumPy's own files with the same contents say the same, but for the spaces behind it, and begin at a multiple of 64.
  @Test(arguments: ["version 1", "one axis", "one number"])
  func headersAreThoseThatNumPyWrites(name: String) throws {
    func header(_ bytes: [UInt8]) throws -> String {
      let end = try #require(bytes.firstIndex(of: UInt8(ascii: "\n")))
      #expect((end + 1) % 64 == 0)
      return String(decoding: bytes[10..<end], as: UTF8.self).trimmingCharacters(in: .whitespaces)
    }
    let folder = try DataFolder()
    let path = folder.path + "/written.npy"
    let array = try #require(NumPyFiles.arrays.first { $0.name == name })
    try NPYFile.write(Tensor(array.values, shape: Shape(array.shape)), to: path)
    let written = try header([UInt8](Data(contentsOf: URL(fileURLWithPath: path))))
    // The elements are of other types but in the first.
    let code = try NPYFile(contentsOf: path).type.code
    #expect(code == "<f4")
    let expected = try header(array.bytes)
    #expect(written == expected.replacing(/'<[fi][48]'/, with: "'<f4'"))
  }

  @Test func whatCannotBeWrittenIsReported() {
    #expect {
      try NPYFile.write(Tensor(zeros: [1]), to: "/nowhere/array.npy")
    } throws: { error in
      if case SAMTError.output("/nowhere/array.npy", _) = error { true } else { false }
    }
  }
}
