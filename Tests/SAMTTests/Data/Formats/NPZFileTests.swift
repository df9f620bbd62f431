import Foundation
import Testing

@testable import SAMT

@Suite struct NPZFileTests {
  private func open(_ bytes: [UInt8]) throws(SAMTError) -> NPZFile {
    try NPZFile(.memory(bytes), path: "arrays.npz")
  }

  private func archive(_ name: String) throws -> [UInt8] {
    try #require(NumPyFiles.archives.first { $0.name == name }).bytes
  }

  @Test(arguments: NumPyFiles.archives) func archivesOfNumPyAreRead(_ file: NumPyFiles.File) throws {
    let folder = try DataFolder()
    for archive in [try open(file.bytes), try NPZFile(contentsOf: try folder.write(file.bytes, "arrays.npz"))] {
      #expect(archive.names == ["x_train", "y_train", "x_test", "y_test"])
      #expect(try archive.array("x_train").tensor().elements == [0, 1, 2, 3, 4, 5])
      #expect(try archive.array("x_test").tensor().elements == [10, 11, 12])
      #expect(try archive.array("y_train").integers() == [1, 0])
    }
  }

  @Test func anUnknownNameIsRefused() throws {
    let file = try open(try archive("stored"))
    expectDatasetError(at: "arrays.npz", ["expected an array x", "x_train, y_train"]) { try file.array("x") }
  }

  @Test func whatIsNoArchiveIsRefused() {
    for bytes in [[], [1, 2, 3], [UInt8](repeating: 0, count: 100)] {
      expectDatasetError(at: "arrays.npz", ["not an archive"]) { try open(bytes) }
    }
  }

  @Test(arguments: ["stored", "deflated"]) func aWrongChecksumIsNoticed(name: String) throws {
    var bytes = try archive(name)
    // The last directory entry's checksum.
    let entry = try #require(bytes.indices.last { bytes[$0...].starts(with: [0x50, 0x4b, 0x01, 0x02]) })
    bytes[entry + 16] ^= 1
    let file = try open(bytes)
    expectDatasetError(at: "arrays.npz: y_test", ["checksum"]) { try file.array("y_test") }
  }

  @Test(arguments: [(8, 1, "encrypted"), (10, 12, "method 12"), (42, 0xff, "no header")])
  func whatCannotBeReadIsRefused(offset: Int, value: UInt8, reason: String) throws {
    var bytes = try archive("stored")
    let entry = try #require(bytes.indices.last { bytes[$0...].starts(with: [0x50, 0x4b, 0x01, 0x02]) })
    bytes[entry + offset] = value
    let file = try open(bytes)
    expectDatasetError(at: "arrays.npz: y_test", [reason]) { try file.array("y_test") }
  }

  /// Every byte of a small archive, one after the other, is changed: it is read right, or refused.
  @Test(arguments: ["stored", "deflated"]) func damageIsNoticed(name: String) throws {
    let whole = try archive(name)
    let expected = try open(whole).array("x_train").tensor().elements
    var refusals = 0
    for index in whole.indices {
      var bytes = whole
      bytes[index] ^= 0x55
      do throws(SAMTError) {
        #expect(try open(bytes).array("x_train").tensor().elements == expected, "byte \(index)")
      } catch {
        guard case .dataset(let path, _) = error, path.hasPrefix("arrays.npz") else {
          Issue.record("byte \(index): \(error)")
          continue
        }
        refusals += 1
      }
    }
    #expect(refusals > 100 && refusals < whole.count)
  }

  /// Directories with 64-bit numbers, made of a small archive: the end record, the locator, and an entry's field.
  @Test func wideDirectoriesAreRead() throws {
    let whole = try archive("stored")
    func little(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let end = whole.count - 22
    let (size, offset) = (Int(whole[end...].number(at: 12, 4)), Int(whole[end...].number(at: 16, 4)))
    let record: [UInt8] =
      [0x50, 0x4b, 0x06, 0x06] + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 8)
      + little(4, 8) + little(4, 8) + little(size, 8) + little(offset, 8)
    let locator: [UInt8] = [0x50, 0x4b, 0x06, 0x07] + little(0, 4) + little(end, 8) + little(1, 4)
    let last: [UInt8] =
      [0x50, 0x4b, 0x05, 0x06] + little(0, 4) + little(0xffff, 2) + little(0xffff, 2)
      + little(0xffff_ffff, 4) + little(0xffff_ffff, 4) + little(0, 2)
    let wide = Array(whole[..<end]) + record + locator + last
    #expect(try open(wide).array("y_train").integers() == [1, 0])
    expectDatasetError(at: "arrays.npz", ["Zip64 end record"]) { try open(Array(whole[..<end]) + last) }
  }

  @Test func checksumsAreThoseOfZIP() {
    // The check value of CRC-32 (ISO HDLC).
    var checksum = CRC32()
    Array("12345".utf8).withUnsafeBytes { checksum.add($0) }
    Array("6789".utf8).withUnsafeBytes { checksum.add($0) }
    #expect(checksum.value == 0xcbf4_3926)
  }
}
