import Foundation
import Testing

@testable import SAMT

/// The directory of the files that Python's safetensors made (safetensors_files.py).
let safetensorsFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .appendingPathComponent("Safetensors").path

@Suite struct SafetensorsReadingTests {
  private static func file(_ name: String, _ access: SafetensorsFile.Access) throws -> SafetensorsFile {
    try SafetensorsFile(contentsOf: "\(safetensorsFolder)/\(name).safetensors", access: access)
  }

  private static let accesses: [SafetensorsFile.Access] = [.mapped, .copied]

  // MARK: types

  @Test(arguments: accesses) func everyIntegerIsExact(_ access: SafetensorsFile.Access) throws {
    let file = try Self.file("every_type", access)
    func expect<T: FixedWidthInteger>(_: T.Type, _ name: String) throws {
      let values = [0, 1, 2, 100, T.min, T.max]
      #expect(try file.tensor(name).elements == values.map { Float($0) }, "\(name)")
      if T.max <= Int64.max {
        #expect(try file.integers(name) == values.map { Int64($0) }, "\(name)")
      }
      if T.bitWidth <= 32 { #expect(try file.doubles(name) == values.map { Double($0) }, "\(name)") }
    }
    try expect(UInt8.self, "u8")
    try expect(UInt16.self, "u16")
    try expect(UInt32.self, "u32")
    try expect(UInt64.self, "u64")
    try expect(Int8.self, "i8")
    try expect(Int16.self, "i16")
    try expect(Int32.self, "i32")
    try expect(Int64.self, "i64")
    expectFileError(["\"u64\"", "below 2^63", "found 18446744073709551615"]) { try file.integers("u64") }
    for name in ["u64", "i64"] {
      expectFileError(["numbers that a double holds exactly", "found \(name.uppercased())"]) { try file.doubles(name) }
    }
  }

  @Test(arguments: accesses) func everyFloatIsRoundedOnce(_ access: SafetensorsFile.Access) throws {
    let file = try Self.file("every_type", access)
    let doubles = [0.1, -1e300, .infinity, .leastNonzeroMagnitude]
    #expect(try file.doubles("f64") == doubles)
    #expect(try file.tensor("f64").elements == [0.1, -.infinity, .infinity, 0])
    let singles: [Float] = [1.5, -2.25, 3e38, .leastNonzeroMagnitude, 0.1, -0.0]
    #expect(try file.tensor("f32").elements.map(\.bitPattern) == singles.map(\.bitPattern))
    #expect(try file.tensor("f32").shape == [2, 3])
    #expect(try file.doubles("f32") == singles.map(Double.init))
    // The nearest binary16 to 6e-8 is the least, 2^-24; to 6.1e-5 the greatest subnormal, 1023 2^-24.
    let halves: [Float] = [1.5, -65504, 0x1p-24, 0x1.ff8p-15, .infinity, 0x1.554p-2, -0.0]
    #expect(try file.tensor("f16").elements.map(\.bitPattern) == halves.map(\.bitPattern))
    #expect(try file.doubles("f16") == halves.map(Double.init))

    let small = try Self.file("small_floats", access)
    let brains: [Float] = [1.5, -0x1.c4p127, 0x1.9ap-4, Float(bitPattern: 0x0001_0000)]
    #expect(try small.tensor("bf16").elements == brains)
    #expect(try small.doubles("bf16") == brains.map(Double.init))
  }

  @Test func everyHalfIsExact() {
    #if !(os(macOS) && arch(x86_64))
      for bits in 0...UInt16.max {
        let expected = Float(Float16(bitPattern: bits))
        let found = Float(halfBits: bits)
        // A signalling NaN becomes a quiet one where the conversion is the processor's.
        if !(found.bitPattern == expected.bitPattern || found.isNaN && expected.isNaN) {
          Issue.record("\(bits): expected \(expected), found \(found)")
        }
      }
    #endif
  }

  @Test func opaqueTypesHaveBytesAlone() throws {
    let small = try Self.file("small_floats", .copied)
    #expect(small.entry(named: "f8")?.type == .f8e4m3)
    #expect(try small.bytes("f8") == [0x3c, 0xc0, 0x7e])
    expectFileError(["\"f8\"", "expected numbers", "found F8_E4M3"]) { try small.tensor("f8") }
    expectFileError(["expected integers", "found F8_E4M3"]) { try small.integers("f8") }
    let every = try Self.file("every_type", .copied)
    #expect(try every.bytes("bool") == [1, 0, 1])
    expectFileError(["expected numbers", "found BOOL"]) { try every.tensor("bool") }
    expectFileError(["expected integers", "found F32"]) { try every.integers("f32") }
  }

  // MARK: names, shapes, metadata

  @Test(arguments: accesses) func shapesOfAnyRank(_ access: SafetensorsFile.Access) throws {
    let file = try Self.file("shapes", access)
    #expect(file.tensors.map(\.name) == ["empty", "layer1.0.conv1.weight", "rank0", "rank5", "odd"])
    #expect(file.tensors.map(\.shape) == [[3, 0, 2], [2, 3, 2, 2], [], [2, 2, 2, 2, 2], [1]])
    #expect(file.tensors.map(\.byteRange.count) == [0, 96, 4, 128, 1])
    for (entry, next) in zip(file.tensors, file.tensors.dropFirst()) {
      #expect(entry.byteRange.upperBound == next.byteRange.lowerBound)
      #expect(file.entry(named: entry.name) == entry)
    }
    #expect(try file.tensor("rank0").shape == [])
    #expect(try file.tensor("rank0").elements == [7])
    #expect(try file.tensor("empty").shape == [3, 0, 2])
    #expect(try file.tensor("layer1.0.conv1.weight").elements == (0..<24).map(Float.init))
    #expect(try file.doubles("rank5") == (0..<32).map(Double.init))
    #expect(try file.integers("odd") == [9])
    expectFileError(["\"rank5\"", "at most four axes", "[2, 2, 2, 2, 2]"]) { try file.tensor("rank5") }
    expectFileError(["no tensor named \"none\""]) { try file.tensor("none") }
    #expect(file.entry(named: "none") == nil)
    #expect(file.metadata == [:])
  }

  @Test func metadataIsUnescaped() throws {
    let file = try Self.file("every_type", .mapped)
    #expect(file.metadata == ["format": "np", "caf\u{e9} \"x\"": "a\\b\n\u{2603}"])
  }

  @Test(arguments: accesses) func aFileOfNothing(_ access: SafetensorsFile.Access) throws {
    let file = try Self.file("empty", access)
    #expect(file.tensors.isEmpty && file.metadata.isEmpty)
  }

  // MARK: memory

  /// A mapped tensor outlives the file's value, its name in the directory, and its replacement; writing to it copies.
  @Test(arguments: accesses) func tensorsKeepTheirMemory(_ access: SafetensorsFile.Access) throws {
    let folder = try DataFolder()
    let path = folder.path + "/file"
    let numbers = (0..<5000).map(Float.init)
    try SafetensorsFile.write([("a", .tensor(Tensor(numbers, shape: [50, 100])))], to: path)
    var tensor = try SafetensorsFile(contentsOf: path, access: access).tensor("a")
    let copy = tensor
    try SafetensorsFile.write([("a", .tensor(Tensor(zeros: [50, 100])))], to: path)
    #expect(try SafetensorsFile(contentsOf: path, access: access).tensor("a").elements.allSatisfy { $0 == 0 })
    try FileManager.default.removeItem(atPath: path)
    #expect(tensor.elements == numbers)
    tensor.withMutableSpan { $0[3] = -1 }
    #expect(tensor.elements[3] == -1 && tensor.elements[4] == 4)
    #expect(copy.elements == numbers)
  }

  @Test func whatIsAlignedIsAdopted() throws {
    let folder = try DataFolder()
    let path = folder.path + "/file"
    let values: [(String, SafetensorsFile.Values)] = [
      ("b", .bytes([1, 2, 3], shape: [3])), ("a", .tensor(Tensor([1, 2], shape: [2]))),
    ]
    try SafetensorsFile.write(values, to: path)
    let file = try SafetensorsFile(contentsOf: path)
    func address(_ tensor: Tensor) -> Int { tensor.withPointer { Int(bitPattern: $0) } }
    #expect(address(try file.tensor("a")) == address(try file.tensor("a")))

    // A header of odd length puts the data off their alignment: the same values come by way of a copy.
    var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
    bytes[0] += 1
    bytes.insert(UInt8(ascii: " "), at: 8 + Int(bytes[0]) - 1)
    let odd = try SafetensorsFile(contentsOf: try folder.write(bytes, "odd"))
    #expect(address(try odd.tensor("a")) != address(try odd.tensor("a")))
    #expect(try odd.tensor("a").elements == [1, 2])
    #expect(try odd.bytes("b") == [1, 2, 3])
  }
}

/// Expects `body` to fail over a file of tensors, with a reason that contains all `parts`.
func expectFileError<R>(
  _ parts: [String], sourceLocation: SourceLocation = #_sourceLocation, from body: () throws -> R
) {
  let error = #expect(throws: SAMTError.self, sourceLocation: sourceLocation) { _ = try body() }
  guard case .file(_, let reason)? = error else {
    Issue.record("expected an error of a file, found \(String(describing: error))", sourceLocation: sourceLocation)
    return
  }
  for part in parts {
    #expect(reason.contains(part), "\(reason) does not say \(part)", sourceLocation: sourceLocation)
  }
}
